// What rules ask about locality settings: which one is in force, where it stands, and who is behind a network's gateway.
import type { Origin } from '../../models/envoy/config.ts';
import type { LocalityLbSetting } from '../../models/istio/locality-lb.ts';
import { arrayOf, recordOf } from '../../models/istio/plain.ts';
import { originOfBlock } from './policy-place.ts';
import type { LintSubject } from './subject.ts';
import type { ClusterView, HostView } from './views.ts';

/** Views with hosts in several priorities: some of them are only a reserve. */
export const priorityViews = (subject: LintSubject): ClusterView[] =>
  subject.views.filter((view) => view.levels.length > 1);

/** Somebody wrote down what is to happen, here or for the mesh. */
export function hasExplicitList(view: ClusterView): boolean {
  const setting = view.setting?.setting;
  return Boolean(
    setting?.failover?.length || setting?.failoverPriority?.length || setting?.distribute?.length,
  );
}

export const settingOrigin = (
  view: ClusterView,
  subject: LintSubject,
  ...below: (string | number)[]
): Origin | undefined =>
  view.isOwnSetting
    ? originOfBlock(view, 'loadBalancer', 'localityLbSetting', ...below)
    : subject.meshPlace('localityLbSetting');

export interface RawSetting {
  setting: LocalityLbSetting & Record<string, unknown>;
  /** "DestinationRule reviews", "the mesh" */
  owner: string;
  originOf(...below: (string | number)[]): Origin | undefined;
}

/** Every locality setting as written, whether or not Istio takes it; lists hold whatever a stranger wrote. */
export function rawSettings(subject: LintSubject): RawSetting[] {
  const found: RawSetting[] = [];
  for (const config of subject.configs('DestinationRule')) {
    const add = (policy: unknown, path: (string | number)[]) => {
      const raw = recordOf(recordOf(policy)['loadBalancer'])['localityLbSetting'];
      if (raw === undefined || raw === null) return;
      found.push({
        setting: recordOf(raw) as RawSetting['setting'],
        owner: `DestinationRule ${config.name}`,
        originOf: (...below) =>
          subject.originOf(config, [...path, 'loadBalancer', 'localityLbSetting', ...below]),
      });
    };
    add(config.spec['trafficPolicy'], ['spec', 'trafficPolicy']);
    for (const [i, entry] of arrayOf(recordOf(config.spec['trafficPolicy'])['portLevelSettings']).entries())
      add(entry, ['spec', 'trafficPolicy', 'portLevelSettings', i]);
    for (const [i, subset] of arrayOf(config.spec['subsets']).entries())
      add(recordOf(subset)['trafficPolicy'], ['spec', 'subsets', i, 'trafficPolicy']);
  }
  const mesh = subject.mesh.meshConfig['localityLbSetting'];
  if (mesh !== undefined && mesh !== null)
    found.push({
      setting: recordOf(mesh) as RawSetting['setting'],
      owner: 'the mesh',
      originOf: () => subject.meshPlace('localityLbSetting'),
    });
  return found;
}

/** "region/zone" of all machines, and the regions alone. */
export function nodeLocalities(subject: LintSubject): string[] {
  const found = new Set<string>();
  for (const { region, zone, subzone } of subject.state.nodes)
    if (region !== '') found.add([region, zone, subzone].join('/').replace(/\/+$/, ''));
  for (const service of subject.services)
    for (const { locality } of subject.endpointsOf(service)) if (locality !== '') found.add(locality);
  return [...found].sort();
}

/** Hosts that stand for a whole other network, with the endpoints behind them. */
export function remoteGateways(
  view: ClusterView,
  subject: LintSubject,
): { network: string; hosts: HostView[]; behind: ClusterView['endpoints'] }[] {
  const networks = new Map<string, HostView[]>();
  for (const host of view.hosts) {
    if (host.endpoint) continue;
    const gateway = subject.mesh.networkGateways.find(
      ({ address, port, network }) =>
        address === host.address && port === host.port && network !== view.node.network,
    );
    if (gateway) networks.set(gateway.network, [...(networks.get(gateway.network) ?? []), host]);
  }
  return [...networks].map(([network, hosts]) => ({
    network,
    hosts,
    behind: view.endpoints.filter((endpoint) => endpoint.network === network),
  }));
}
