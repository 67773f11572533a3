// Endpoints that are taken out of the dumped proxies' assignments for a while, as EDS pushes. Clusters that are not EDS keep theirs: nobody
// would tell the proxy.
import type { ClusterLoadAssignment, EnvoyConfig } from '../../models/envoy/config.ts';
import type { ActionSpec, ProxySpec } from '../../models/world.ts';
import { serviceName } from '../outcome/selection.ts';

export interface Absence {
  /** "address:port" */
  addresses: ReadonlySet<string>;
  fromNs: number;
  toNs: number;
}

export function pushesOf(absences: readonly Absence[], proxies: readonly ProxySpec[]): ActionSpec[] {
  const times = new Set(absences.flatMap(({ fromNs, toNs }) => [fromNs, toNs]).filter(Number.isFinite));
  const actions: ActionSpec[] = [];
  for (const atNs of [...times].sort((a, b) => a - b)) {
    const changed = new Set(
      absences
        .filter(({ fromNs, toNs }) => fromNs === atNs || toNs === atNs)
        .flatMap(({ addresses }) => [...addresses]),
    );
    const out = new Set(
      absences
        .filter(({ fromNs, toNs }) => fromNs <= atNs && atNs < toNs)
        .flatMap(({ addresses }) => [...addresses]),
    );
    const pushed = proxies.flatMap(({ config }, proxy): [number, ClusterLoadAssignment[]][] => {
      const assignments = assignmentsWith(config, changed).map((assignment) => without(assignment, out));
      return assignments.length > 0 ? [[proxy, assignments]] : [];
    });
    if (pushed.length === 0) continue;
    for (const [proxy, assignments] of pushed)
      actions.push({ atNs, kind: 'endpoints', proxies: [proxy], assignments });
    actions.push({ atNs, kind: 'mark', name: 'push', label: pushWords(pushed) });
  }
  return actions;
}

const keyOf = ({ endpoint }: ClusterLoadAssignment['endpoints'][number]['lbEndpoints'][number]) =>
  `${endpoint.address}:${endpoint.port}`;

function assignmentsWith(config: EnvoyConfig, addresses: ReadonlySet<string>): ClusterLoadAssignment[] {
  const byEds = new Set(
    config.clusters.flatMap(({ name, type, edsClusterConfig }) =>
      type === 'EDS' ? [edsClusterConfig?.serviceName ?? name] : [],
    ),
  );
  return config.endpoints.filter(
    ({ clusterName, endpoints }) =>
      byEds.has(clusterName) &&
      endpoints.some(({ lbEndpoints }) => lbEndpoints.some((entry) => addresses.has(keyOf(entry)))),
  );
}

/** A locality without endpoints is not sent. */
function without(assignment: ClusterLoadAssignment, out: ReadonlySet<string>): ClusterLoadAssignment {
  return {
    ...assignment,
    endpoints: assignment.endpoints.flatMap((group) => {
      const left = group.lbEndpoints.filter((entry) => !out.has(keyOf(entry)));
      if (left.length === 0 && group.lbEndpoints.length > 0) return [];
      return [{ ...group, lbEndpoints: left }];
    }),
  };
}

const MOST_NAMES = 4;

function pushWords(pushed: readonly (readonly [number, readonly ClusterLoadAssignment[]])[]): string {
  const services = new Set(
    pushed.flatMap(([, assignments]) =>
      assignments.map(
        ({ clusterName }) => serviceName(clusterName.split('|')[3] ?? clusterName).split('.')[0]!,
      ),
    ),
  );
  const names = [...services].slice(0, MOST_NAMES).join(', ');
  return `EDS pushes endpoints of ${names}${services.size > MOST_NAMES ? ' and others' : ''} to ${pushed.length} ${pushed.length === 1 ? 'proxy' : 'proxies'}`;
}
