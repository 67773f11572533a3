// The library: promises that many teams make, each with a few parameters. A policy is nothing but a property written out, so `foresail
// check --list -v` can show what it stands for. Values of parameters are those of the scenario file.

export interface PolicyParameter {
  name: string;
  summary: string;
  /** Absent = it must be given. `null` = it may be left out. */
  fallback?: unknown;
}

export interface Policy {
  name: string;
  summary: string;
  parameters: readonly PolicyParameter[];
  /** `forall` and `then`, as the file would have them. */
  expand(given: Record<string, unknown>, mesh: PolicyFacts): { forall: object; promise: unknown };
}

/** What a policy may ask about the scenario. */
export interface PolicyFacts {
  /** Workloads whose pods a service selects. */
  workloadsOf(service: string): string[];
  /** Ready pods of a service at the start. */
  podsOf(service: string): number;
  regionsOf(service: string): string[];
}

const of: PolicyParameter = { name: 'of', summary: 'a service' };
const ofAny: PolicyParameter = { ...of, summary: 'a service; absent = what users see', fallback: null };
const ofIf = (given: Record<string, unknown>) => (given['of'] == null ? {} : { of: given['of'] });
const at: PolicyParameter = {
  name: 'at',
  summary: 'when it happens; default the first half of the loads',
  fallback: null,
};
const atIf = (given: Record<string, unknown>) => (given['at'] == null ? {} : { at: given['at'] });
const during: PolicyParameter = { name: 'during', summary: 'one load; absent = all', fallback: null };
const duringIf = (given: Record<string, unknown>) =>
  given['during'] == null ? {} : { during: given['during'] };

export const POLICIES: readonly Policy[] = [
  {
    name: 'availability-under-one-zone-loss',
    summary: 'some time after any one zone is lost, almost every request is answered',
    parameters: [
      ofAny,
      at,
      during,
      { name: 'errorRate', summary: 'share of requests that may fail', fallback: '..1%' },
      { name: 'after', summary: 'time to get over it', fallback: '10s' },
      { name: 'zones', summary: 'zones that may be lost', fallback: 'any' },
    ],
    expand: (given) => ({
      forall: { zoneDown: given['zones'], ...atIf(given) },
      promise: {
        ...ofIf(given),
        ...duringIf(given),
        from: `at + ${given['after']}`,
        errorRate: given['errorRate'],
      },
    }),
  },
  {
    name: 'failover-within',
    summary: 'when workloads of a service stop answering, its callers are served again within a time',
    parameters: [
      of,
      at,
      during,
      { name: 'within', summary: 'time to fail over', fallback: '10s' },
      { name: 'errorRate', summary: 'share of calls that may fail after that', fallback: '..1%' },
      {
        name: 'targets',
        summary: 'workloads or pods that fail; absent = each of the service',
        fallback: null,
      },
      {
        name: 'region',
        summary: 'where answers must come from after that; absent = anywhere',
        fallback: null,
      },
    ],
    expand: (given, mesh) => {
      const targets = given['targets'] ?? mesh.workloadsOf(String(given['of']));
      return {
        forall: {
          refuse: { of: targets },
          crash: { of: targets },
          respond: { of: targets, status: given['status'] },
          scale: { of: targets, replicas: 0 },
          ...atIf(given),
        },
        promise: {
          of: given['of'],
          ...duringIf(given),
          from: `at + ${given['within']}`,
          errorRate: given['errorRate'],
          ...(given['region'] == null ? {} : { share: { [`region=${given['region']}`]: '100%' } }),
        },
      };
    },
  },
  {
    name: 'no-retry-storm',
    summary: 'whatever fails, retries do not multiply the load',
    parameters: [
      ofAny,
      at,
      during,
      { name: 'attemptsPerRequest', summary: 'tries per request, the first included', fallback: '..10' },
      { name: 'targets', summary: 'what fails', fallback: 'any' },
      { name: 'status', summary: 'what it answers', fallback: 503 },
    ],
    expand: (given) => ({
      forall: {
        refuse: given['targets'],
        respond: { of: given['targets'], status: given['status'] },
        ...atIf(given),
      },
      promise: {
        ...ofIf(given),
        ...duringIf(given),
        from: 'at',
        attemptsPerRequest: given['attemptsPerRequest'],
      },
    }),
  },
  {
    name: 'no-cross-region-traffic-when-healthy',
    summary: 'while nothing is broken, all calls of a service stay in a region',
    parameters: [
      of,
      during,
      { name: 'region', summary: 'where its callers are' },
      { name: 'caller', summary: 'one caller; absent = all', fallback: null },
      { name: 'replicas', summary: 'sizes to try of each of its workloads', fallback: '1..3' },
    ],
    expand: (given, mesh) => ({
      forall: { replicas: sizes(mesh.workloadsOf(String(given['of'])), given['replicas']), seed: '1..3' },
      promise: {
        of: given['of'],
        ...duringIf(given),
        ...(given['caller'] == null ? {} : { caller: given['caller'] }),
        share: { [`region=${given['region']}`]: '100%' },
      },
    }),
  },
  {
    name: 'no-panic',
    summary: 'no proxy sends requests to hosts that it knows to be unhealthy (panic mode)',
    parameters: [
      of,
      at,
      {
        name: 'targets',
        summary: 'what fails; absent = each workload and pod of the service',
        fallback: null,
      },
      { name: 'faults', summary: 'how many at once', fallback: 1 },
    ],
    expand: (given, mesh) => {
      const targets = given['targets'] ?? mesh.workloadsOf(String(given['of']));
      return {
        forall: {
          refuse: targets,
          respond: { of: targets, status: 503 },
          faults: given['faults'],
          ...atIf(given),
        },
        promise: { of: given['of'], stats: { lb_healthy_panic: 0 } },
      };
    },
  },
  {
    name: 'every-endpoint-reachable',
    summary: 'every pod of a service answers some request',
    parameters: [of, during, { name: 'seed', summary: 'seeds to try', fallback: '1..5' }],
    expand: (given, mesh) => ({
      forall: { seed: given['seed'] },
      promise: { of: given['of'], ...duringIf(given), pods: mesh.podsOf(String(given['of'])) },
    }),
  },
  {
    name: 'canary-share-within-its-band',
    summary: 'a version gets its share of the requests, however many replicas each version has',
    parameters: [
      of,
      during,
      { name: 'version', summary: 'the version label of the canary' },
      { name: 'share', summary: 'its band, such as 8%..12%' },
      { name: 'replicas', summary: 'sizes to try of each workload', fallback: '1..4' },
    ],
    expand: (given, mesh) => ({
      forall: { replicas: sizes(mesh.workloadsOf(String(given['of'])), given['replicas']), seed: '1..3' },
      promise: {
        of: given['of'],
        ...duringIf(given),
        share: { [`version=${given['version']}`]: given['share'] },
      },
    }),
  },
];

const sizes = (workloads: readonly string[], range: unknown) =>
  Object.fromEntries(workloads.map((workload) => [workload, range]));
