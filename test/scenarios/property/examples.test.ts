// The shipped examples: each promise is broken, by the smallest fault that breaks it, and whoever runs the written file sees the same.
import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { runLoaded } from '../../../src/scenarios/run.ts';
import { checked, open, withFile } from './subject.ts';

const EXAMPLES = [
  {
    file: 'guide-failover',
    why: 'with the default maxEjectionPercent a pod that refuses connections is never ejected',
    faults: [{ at: '0s', refuse: { workload: 'reviews-v1' } }],
    got: 'error rate 100%',
    without: 'error rate 0%',
    fix: ['patch.DestinationRule/reviews.spec.trafficPolicy.outlierDetection.maxEjectionPercent=100'],
  },
  {
    file: 'halfway-failover',
    why: '50 % of three near and one far pod leaves the third bad one in its place',
    faults: [{ at: '0s', respond: { workload: 'api-near', status: 503 } }],
    got: 'error rate 46.9%',
    without: 'error rate 0%',
    fix: ['patch.DestinationRule/api.spec.trafficPolicy.outlierDetection.maxEjectionPercent=75'],
  },
  {
    file: 'retry-storm',
    why: 'three layers of three tries each are 3 + 9 + 27',
    faults: [{ at: '0s', refuse: { workload: 'stock' } }],
    got: 'tries per request 39',
    without: 'tries per request 3',
    fix: [
      'patch.VirtualService/front.spec.http.0.retries={ attempts: 0, retryOn: null }',
      'patch.VirtualService/orders.spec.http.0.retries={ attempts: 0, retryOn: null }',
    ],
  },
  {
    file: 'distribute-without-failover',
    why: 'distribute names one region only, so nothing is left when it is lost',
    faults: [{ at: '0s', zoneDown: 'eu-1a' }],
    got: 'error rate 100%',
    without: 'error rate 0%',
    fix: [
      'patch.DestinationRule/api.spec.trafficPolicy.loadBalancer.localityLbSetting.distribute.0.to.eu-2/*=10',
      'patch.DestinationRule/api.spec.trafficPolicy.loadBalancer.localityLbSetting.distribute.0.to.eu-1/*=90',
      // Connections to the lost zone time out after ten seconds, and only then are its pods ejected.
      'properties[0].with.after=12s',
    ],
  },
];

describe.each(EXAMPLES)('$file: $why', ({ file, faults, got, without, fix }) => {
  const path = `examples/properties/${file}.yaml`;

  it('is found and shrunk to the one fault, from several seeds', async () => {
    for (const seed of [1, 2]) {
      const { found } = await checked(open(path), { seed });
      expect(found?.faults).toEqual(faults);
      expect(found?.expectations.map((each) => each.got)).toEqual([got]);
      expect(found?.without.map((each) => each.got)).toEqual([without]);
    }
  });

  it('is found by enumerating all single faults too', async () => {
    const { report, found } = await checked(open(path), { exhaustive: true });
    expect(found?.faults).toEqual(faults);
    expect(report.runs).toBe(report.exhaustive!.singles + report.exhaustive!.doubles);
  });

  it('leads straight to the counterexample by its path', async () => {
    const { found } = await checked(open(path));
    const again = await checked(open(path), { path: found!.path! });
    expect(again.found?.faults).toEqual(faults);
    expect(again.report.runs).toBe(1);
  });

  it('writes a file that fails with the same numbers when it is run', async () => {
    const subject = open(path);
    const { found, text } = await checked(subject);
    const target = `examples/properties/${file}-counterexample.yaml`;
    const loaded = loadScenario(target, withFile(subject.from, target, text!));
    expect(loaded.diagnostics).toEqual([]);
    const result = runLoaded(loaded);
    expect(result.exitCode).toBe(99);
    expect(result.expectations.map((each) => each.got)).toEqual(found!.expectations.map((each) => each.got));
  });

  it('holds once the rule is mended', async () => {
    const subject = open(path, fix);
    expect(subject.diagnostics).toEqual([]);
    const { report } = await checked(subject, { exhaustive: true });
    expect(report.exhaustive?.falsified).toEqual([]);
    expect(report).toMatchObject({ ok: true, skipped: 0 });
  });
});
