// Where a block of the policy in force was written: the subset's own, or the top level's, for a port or for all.
import type { Origin } from '../../models/envoy/config.ts';
import type { DestinationRuleSpec, TrafficPolicy } from '../../models/istio/destination-rule.ts';
import type { ConfigObject } from '../../models/istio/model.ts';
import type { Fix } from './rule.ts';
import type { ClusterView } from './views.ts';

export type Block = 'loadBalancer' | 'connectionPool' | 'outlierDetection' | 'retryBudget';

export interface PolicyPlace {
  config: ConfigObject<DestinationRuleSpec>;
  path: (string | number)[];
}

/** undefined = no rule has it (the mesh's default, or nothing). */
export function placeOfBlock(view: ClusterView, block: Block): PolicyPlace | undefined {
  for (const config of view.rule?.sources ?? []) {
    const subset =
      view.subset === '' ? -1 : (config.spec.subsets ?? []).findIndex(({ name }) => name === view.subset);
    const own = subset >= 0 ? config.spec.subsets?.[subset]?.trafficPolicy : undefined;
    const inSubset = own && pathIn(own, block, view.port.port);
    if (inSubset) return { config, path: ['spec', 'subsets', subset, 'trafficPolicy', ...inSubset] };
  }
  for (const config of view.rule?.sources ?? []) {
    const top = config.spec.trafficPolicy && pathIn(config.spec.trafficPolicy, block, view.port.port);
    if (top) return { config, path: ['spec', 'trafficPolicy', ...top] };
  }
  return undefined;
}

function pathIn(policy: TrafficPolicy, block: Block, port: number): (string | number)[] | undefined {
  const ports = Array.isArray(policy.portLevelSettings) ? policy.portLevelSettings : [];
  const index = ports.findIndex((entry) => entry?.port?.number === port);
  if (index >= 0) return ports[index]?.[block] ? ['portLevelSettings', index, block] : undefined;
  return policy[block] ? [block] : undefined;
}

export const originOfPlace = (place: PolicyPlace, ...below: (string | number)[]): Origin | undefined =>
  place.config.originOf?.([...place.path, ...below]) ?? place.config.origin;

/** The block's place, else that of the rule, else of the service. */
export function originOfBlock(
  view: ClusterView,
  block: Block,
  ...below: (string | number)[]
): Origin | undefined {
  const place = placeOfBlock(view, block);
  return place
    ? originOfPlace(place, ...below)
    : (view.cluster.origin ?? originOfRule(view) ?? view.service.origin);
}

export function originOfRule(view: ClusterView): Origin | undefined {
  const source = view.rule?.sources[0];
  return source?.originOf?.(['spec', 'host']) ?? source?.origin;
}

/** `--fix`: the value goes below the block. */
export function fixOfBlock(
  view: ClusterView,
  block: Block,
  below: (string | number)[],
  value: unknown,
): Fix | undefined {
  const place = placeOfBlock(view, block);
  const file = place?.config.origin?.file;
  if (!place || file === undefined) return undefined;
  const { kind, namespace, name } = place.config;
  return { object: `${kind} ${namespace}/${name}`, file, path: [...place.path, ...below], value };
}
