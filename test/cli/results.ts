// Results made by hand, as a run would leave them, for the tests of reports.
import type { Outcome } from '../../src/cli/outcome.ts';
import type {
  ByLabel,
  Count,
  LoadReport,
  ScenarioResult,
  ServiceReport,
} from '../../src/scenarios/result.ts';

export function counted(mean: number, of: number, band: Partial<Count> = {}): Count {
  return {
    mean,
    sd: 0,
    p2_5: mean,
    p97_5: mean,
    min: mean,
    max: mean,
    share: of === 0 ? 0 : mean / of,
    ...band,
  };
}

export function aLoad(name: string, requests: number, changes: Partial<LoadReport> = {}): LoadReport {
  return {
    name,
    requests,
    ok: requests,
    failed: 0,
    errorRate: 0,
    codes: { 200: requests },
    flags: {},
    latency: { p50: 0.0572, p90: 0.0604, p95: 0.0612, p99: 0.07, mean: 0.058, max: 0.07 },
    attemptsPerRequest: 4.1,
    ...changes,
  };
}

export function aService(
  service: string,
  load: string,
  workloads: Record<string, Count>,
  changes: Partial<ServiceReport> = {},
): ServiceReport {
  const requests = Object.values(workloads).reduce((sum, { mean }) => sum + mean, 0);
  const none = Object.fromEntries(
    ['workload', 'version', 'cluster', 'region', 'zone', 'pod'].map((l) => [l, {}]),
  );
  return {
    service,
    load,
    requests,
    attempts: requests,
    by: { ...(none as Record<ByLabel, Record<string, Count>>), workload: workloads },
    attemptsBy: {
      ...(none as Record<ByLabel, Record<string, number>>),
      workload: Object.fromEntries(Object.entries(workloads).map(([name, { mean }]) => [name, mean])),
    },
    callers: { 'productpage-v1': requests },
    errorRate: 0,
    codes: { 200: requests },
    flags: {},
    ...changes,
  };
}

export function aResult(changes: Partial<ScenarioResult> = {}): ScenarioResult {
  return {
    foresail: '0.1.0',
    ok: true,
    exitCode: 0,
    scenario: {
      name: 'distribute-90-10',
      file: 'examples/two-regions/distribute.yaml',
      seed: 1,
      runs: 1,
      istioVersion: '1.24',
      variant: null,
    },
    loads: [aLoad('ten-curls', 10, { lines: 2 })],
    services: [
      aService(
        'reviews.default',
        'ten-curls',
        { 'reviews-v1': counted(9, 10), 'reviews-v2': counted(1, 10) },
        {
          closedForm: {
            by: { 'reviews-v1': 0.9, 'reviews-v2': 0.1 },
            basis: 'locality weights 90 : 10 of cn-hangzhou and cn-shanghai, all endpoints healthy',
          },
        },
      ),
      aService('details.default', 'ten-curls', { 'details-v1': counted(10, 10) }),
    ],
    ejections: [],
    timeline: [],
    expectations: [
      {
        name: 'of reviews, during ten-curls, requests { reviews-v1: 9, reviews-v2: 1 }',
        ok: true,
        expected: 'requests reviews-v1 9; requests reviews-v2 1',
        got: 'requests reviews-v1 9; requests reviews-v2 1',
        file: 'examples/two-regions/distribute.yaml',
        line: 18,
      },
    ],
    findings: [],
    notSimulated: [],
    rerun: 'foresail run examples/two-regions/distribute.yaml --seed 1',
    run: { end: 9.06, events: 912, path: 'events', digest: '0123abcd' },
    variants: [],
    ...changes,
  };
}

/** Before and after a fault: failed expectations, retries, an ejection, a finding, a variant. */
export function aFailover(): ScenarioResult {
  const scenario = { ...aResult().scenario, name: 'failover', file: 'examples/two-regions/failover.yaml' };
  return aResult({
    ok: false,
    exitCode: 99,
    scenario,
    loads: [
      aLoad('before', 10),
      aLoad('after', 10, {
        ok: 8,
        failed: 2,
        errorRate: 0.2,
        codes: { 200: 8, 503: 2 },
        flags: { UF: 2, URX: 2 },
      }),
    ],
    services: [
      aService('reviews.default', 'before', { 'reviews-v1': counted(10, 10), 'reviews-v2': counted(0, 10) }),
      aService(
        'reviews.default',
        'after',
        { 'reviews-v1': counted(0, 10), 'reviews-v2': counted(8, 10), none: counted(2, 10) },
        {
          attempts: 16,
          errorRate: 0.2,
          codes: { 200: 8, 503: 2 },
          flags: { UF: 2 },
          reasons: [
            'reviews-v1 is ejected after its first failure; priority 1 (cn-shanghai) takes everything',
          ],
        },
      ),
    ],
    ejections: [
      {
        run: 0,
        at: 20.01,
        until: 50.5,
        caller: 'productpage-v1',
        cluster: 'outbound|9080||reviews.default.svc.cluster.local',
        endpoint: '10.45.0.3:9080',
        pod: 'reviews-v1-0',
        reason: 'consecutive5xx',
        count: 1,
      },
    ],
    timeline: [{ at: 15, kind: 'serverMode', text: 'reviews-v1 in ack-hangzhou refuses connections' }],
    expectations: [
      {
        name: 'during after, errorRate 0',
        ok: false,
        expected: 'errorRate 0',
        got: 'errorRate 20 %',
        file: 'examples/two-regions/failover.yaml',
        line: 36,
      },
      {
        name: 'ejections 1',
        ok: true,
        expected: 'ejections 1',
        got: 'ejections 1',
        file: scenario.file,
        line: 37,
      },
    ],
    findings: [
      {
        rule: 'OD001',
        severity: 'error',
        message:
          'outlierDetection can never eject: 1 of 2 endpoints is 50 %, more than maxEjectionPercent 10',
        hint: 'add "maxEjectionPercent: 100"',
        file: 'examples/two-regions/mesh/reviews-failover.yaml',
        line: 9,
        col: 5,
      },
    ],
    notSimulated: [
      {
        what: 'Deployment reviews-v1 resources.limits',
        why: 'pods are never short of CPU',
        file: 'k8s/bookinfo.yaml',
        line: 40,
      },
    ],
    rerun: 'foresail run examples/two-regions/failover.yaml --seed 1',
    variants: [
      aResult({
        scenario: { ...scenario, variant: 'two-workers' },
        expectations: [
          { name: 'errorRate 0', ok: true, expected: '0', got: '0', file: scenario.file, line: 60 },
        ],
      }),
    ],
  });
}

export function anOutcome(result: ScenarioResult): Outcome {
  return { file: result.scenario.file, result, diagnostics: [], lines: {} };
}
