// Which locality setting decided the priorities of a cluster for a caller, in words, and where it is written.
import type { Origin } from '../../models/envoy/config.ts';
import { localityMatches } from '../../models/istio/locality-lb.ts';
import { effectiveOf } from '../outcome/reasons.ts';
import type { Place, Rule } from './explanation.ts';
import { rule } from './rules.ts';
import type { Scene } from './scene.ts';

export interface SettingWords {
  says: string;
  places: Place[];
  rules: Rule[];
}

/** As it is before the first fault. @param host full name of the service */
export function localitySetting(scene: Scene, proxy: number, host: string): SettingWords {
  const { plan } = scene;
  if (scene.dumpOf(proxy) !== undefined)
    return { says: 'priorities and weights are those of the dump', places: [], rules: [] };
  const node = plan.nodes[proxy];
  const context = plan.context();
  const service = node && context.serviceByHost(node, host);
  const found = node ? effectiveOf(context, node, host) : null;
  if (!node || !service || !found)
    return { says: 'locality load balancing is off', places: [], rules: [rule('LO-3')] };
  const { effective, isOwn, hasOutlierDetection } = found;
  const { distribute, failover, failoverPriority } = effective.setting;
  const whose = isOwn ? 'the DestinationRule' : effective.forcesFailover ? 'trafficDistribution' : 'the mesh';
  const places = isOwn
    ? (context.destinationRuleFor(node, service)?.sources ?? []).flatMap((source) =>
        scene.place(
          source.originOf?.(['spec', 'trafficPolicy', 'loadBalancer']) ?? source.origin,
          `DestinationRule ${source.namespace}/${source.name}`,
        ),
      )
    : effective.forcesFailover
      ? scene.place(service.origin, `Service ${service.namespace}/${service.name}`)
      : meshPlaces(scene);
  const region = node.locality.split('/')[0] ?? '';
  if (distribute?.length) {
    const entry = distribute.find(({ from }) => localityMatches(node.locality, from));
    return {
      says: entry
        ? `${whose} distributes from ${entry.from}: ${Object.entries(entry.to)
            .map(([to, weight]) => `${to} ${weight}`)
            .join(', ')}`
        : `${whose} distributes, but no entry is for ${node.locality || 'a caller without locality'}: all localities alike`,
      places,
      rules: [rule('DI-3'), ...(entry ? [rule('DI-4')] : [])],
    };
  }
  if (!hasOutlierDetection && !effective.forcesFailover)
    return {
      says:
        failover?.length || failoverPriority?.length
          ? `${whose} names a failover, but without outlierDetection it is not in force: one priority for all`
          : 'no outlierDetection, so localities do not matter: one priority for all',
      places: failover?.length || failoverPriority?.length ? places : [],
      rules: [rule('LO-4')],
    };
  if (failoverPriority?.length)
    return {
      says: `${whose} prefers endpoints with the caller's ${failoverPriority.join(', ')}`,
      places,
      rules: [rule('FP-2'), ...(effective.forcesFailover ? [rule('TD-1')] : [])],
    };
  const to = failover?.find(({ from }) => from === region)?.to;
  return {
    says: to
      ? `the own zone and region come first, then ${to}: ${whose} fails over from ${region}`
      : 'outlierDetection switches on priorities by locality: own zone, own region, others',
    places: to ? places : [],
    rules: [rule(to ? 'FO-2' : 'FO-1'), rule('LO-3')],
  };
}

/** The scenario's topology wins over a MeshConfig in the manifests. */
function meshPlaces(scene: Scene): Place[] {
  const { topology, manifests } = scene.scenario;
  const at = (path: string[]): Origin | undefined => topology.originOf?.(['mesh', ...path]);
  if (topology.mesh.meshConfig['localityLbSetting'] !== undefined) {
    const [mesh, long, short] = [at([]), at(['localityLoadBalancing']), at(['localityLbSetting'])];
    return scene.place(long?.line !== mesh?.line || long?.col !== mesh?.col ? long : short, 'topology.mesh');
  }
  const object = manifests
    .flatMap(({ objects }) => objects)
    .findLast(
      ({ kind, metadata }) =>
        kind === 'MeshConfig' ||
        kind === 'IstioOperator' ||
        (kind === 'ConfigMap' && metadata.name === 'istio'),
    );
  return object ? scene.place(object.origin, 'MeshConfig') : [];
}
