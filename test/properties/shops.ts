// Random meshes for properties of whole scenarios: a caller and an api over one or two regions, with a policy, a load and faults.
import fc from 'fast-check';
import type { Shop } from '../scenarios/shop.ts';

export interface Mesh {
  near: number;
  far: number;
  canary: number;
  lb: 'ROUND_ROBIN' | 'LEAST_REQUEST' | 'RANDOM';
  policy: 'none' | 'outlier' | 'failover' | 'distribute';
  workers: number;
  rate: number;
  seconds: number;
  executor: 'constant-rate' | 'poisson' | 'closed-loop';
  latency: string;
  errorRate: number;
  faults: { kind: string; target: string; at: number; lasts: number }[];
}

const KINDS = [
  'refuse',
  'crash',
  'reset',
  'hang',
  'respond',
  'slow',
  'scale',
  'rollout',
  'restartProxy',
  'zoneDown',
  'partition',
  'istiodDown',
];

export const mesh = (options: { hasFaults: boolean }): fc.Arbitrary<Mesh> =>
  fc.record({
    near: fc.integer({ min: 1, max: 4 }),
    far: fc.integer({ min: 1, max: 3 }),
    canary: fc.integer({ min: 0, max: 2 }),
    lb: fc.constantFrom('ROUND_ROBIN' as const, 'LEAST_REQUEST' as const, 'RANDOM' as const),
    policy: fc.constantFrom('none' as const, 'outlier' as const, 'failover' as const, 'distribute' as const),
    workers: fc.integer({ min: 1, max: 3 }),
    rate: fc.integer({ min: 5, max: 30 }),
    seconds: fc.integer({ min: 4, max: 12 }),
    executor: fc.constantFrom('constant-rate' as const, 'poisson' as const, 'closed-loop' as const),
    latency: fc.constantFrom('5ms', '{ p50: 4ms, p99: 40ms }', '{ min: 1ms, max: 20ms }'),
    errorRate: fc.constantFrom(0, 0, 5, 50),
    faults: options.hasFaults
      ? fc.array(
          fc.record({
            kind: fc.constantFrom(...KINDS),
            target: fc.constantFrom('api-1', 'api-2', 'api-far1'),
            at: fc.integer({ min: 0, max: 8 }),
            lasts: fc.integer({ min: 0, max: 5 }),
          }),
          { maxLength: 3 },
        )
      : fc.constant([]),
  });

const OUTLIER =
  'outlierDetection: { consecutive5xxErrors: 2, interval: 1s, baseEjectionTime: 3s, maxEjectionPercent: 100 }';

export function destinationRule({ lb, policy }: Pick<Mesh, 'lb' | 'policy'>): string {
  const locality = {
    none: '',
    outlier: '',
    failover: ', localityLbSetting: { failover: [{ from: eu-1, to: eu-2 }] }',
    distribute: ', localityLbSetting: { distribute: [{ from: eu-1/*, to: { eu-1/*: 80, eu-2/*: 20 } }] }',
  }[policy];
  return `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api, namespace: shop }
spec:
  host: api
  trafficPolicy:
    loadBalancer: { simple: ${lb}${locality} }
${policy === 'none' ? '' : `    ${OUTLIER}\n`}`;
}

export function faultText({ kind, target, at, lasts }: Mesh['faults'][number]): string {
  const more: Record<string, string> = {
    respond: `{ workload: ${target}, status: 503 }`,
    slow: `{ workload: ${target}, by: 200ms }`,
    scale: `{ deployment: ${target}, replicas: ${lasts} }`,
    rollout: `{ deployment: ${target} }`,
    zoneDown: target === 'api-far1' ? 'eu-2a' : 'eu-1b',
    partition: '{ between: [eu-1, eu-2] }',
    istiodDown: 'true',
  };
  const hasEnd = lasts > 0 && kind !== 'rollout' && kind !== 'restartProxy';
  return `{ at: ${at}s, ${kind}: ${more[kind] ?? `{ workload: ${target} }`}${hasEnd ? `, for: ${lasts}s` : ''} }`;
}

/** The load `calls`; with `before` another one that ends long before the faults are to come. */
export function shopOf(
  one: Mesh,
  change: { extra?: Shop['clusters']; load?: string; expect?: string } = {},
): Shop {
  const arrivals =
    one.executor === 'closed-loop'
      ? `users: ${Math.ceil(one.rate / 5)}, thinkTime: 100ms, duration: ${one.seconds}s`
      : `rate: ${one.rate}/s, duration: ${one.seconds}s`;
  const workloads: Record<string, number> = { 'api-1': one.near };
  if (one.canary > 0) workloads['api-2'] = one.canary;
  const faults = one.faults.filter(
    ({ target, kind }) => one.canary > 0 || target !== 'api-2' || kind === 'zoneDown',
  );
  return {
    clusters: {
      near: { nodes: ['eu-1/eu-1a', 'eu-1/eu-1b'], api: workloads, hasWeb: true },
      far: { nodes: ['eu-2/eu-2a'], api: { 'api-far1': one.far } },
      ...change.extra,
    },
    mesh: destinationRule(one),
    scenario: `topology:
  clusters: { near: {}, far: {}${Object.keys(change.extra ?? {})
    .map((name) => `, ${name}: {}`)
    .join('')} }
  links: [{ between: [eu-1, eu-2], rtt: 20ms }]
  proxies: { default: { concurrency: ${one.workers} } }
behavior:
${[...Object.keys(workloads), 'api-far1'].map((name) => `  ${name}: { latency: ${one.latency}, errorRate: ${one.errorRate}% }`).join('\n')}
load:
  - { name: calls, from: { workload: web }, request: "GET http://api:8080/", executor: ${one.executor}, ${arrivals} }
${change.load ?? ''}
faults: [${faults.map(faultText).join(', ')}]
${change.expect ?? ''}`,
  };
}
