// The multi-cluster guide as scenarios: every case and every broken variant of it holds the prediction that its file writes down.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/scenarios/files.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { runLoaded, runScenario } from '../../src/scenarios/run.ts';

const scenariosIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('base.yaml'))
    .map((name) => `${folder}/${name}`);

const load = (file: string) => loadScenario(file, nodeFiles());
/** One variant alone, '' = the base. */
const run = (file: string, variant: string) => {
  const loaded = loadScenario(file, nodeFiles(), variant === '' ? {} : { only: variant });
  return runScenario(loaded.variants.find((each) => each.variant === variant) ?? loaded.base, { runs: 1 });
};
const reasonsOf = (file: string, variant: string, service: string) =>
  run(file, variant).services.find((report) => report.service === service)?.reasons ?? [];

describe('the examples of the multi-cluster guide', () => {
  it.each(scenariosIn('examples/asm'))('%s meets its expectations, and so do its variants', (file) => {
    const loaded = load(file);
    expect(loaded.diagnostics).toEqual([]);
    const result = runLoaded(loaded);
    for (const scenario of [result, ...result.variants]) {
      expect(scenario.expectations.length).toBeGreaterThan(0);
      const failed = scenario.expectations.filter((expectation) => !expectation.ok);
      expect([scenario.scenario.variant, failed]).toEqual([scenario.scenario.variant, []]);
    }
  });

  it('split 9 to 1 in every one of 200 seeds', () => {
    const loaded = load('examples/asm/5a-distribution.yaml');
    const { by } = runLoaded(loaded, { runs: 200, variant: '' }).services.find(
      (report) => report.service === 'reviews.default',
    )!;
    expect(by.workload['reviews-v1']).toMatchObject({ min: 9, max: 9 });
    expect(by.workload['reviews-v2']).toMatchObject({ min: 1, max: 1 });
  });
});

describe('what the mesh does not accept', () => {
  it('is both distribution and failover, in the words of the console', () => {
    expect(load('examples/asm/refused/5-distribution-and-failover.yaml').diagnostics[0]).toMatchObject({
      severity: 'error',
      message:
        'cross-region traffic distribution and cross-region failover exclude each other: disable one before you enable the other',
      line: 8,
    });
  });

  it('are weights that do not sum to 100', () => {
    expect(load('examples/asm/refused/5-weights-of-110.yaml').diagnostics[0]).toMatchObject({
      severity: 'error',
      message: 'the weights add up to 110, not to 100',
      line: 8,
    });
  });
});

describe('the findings name the cause', () => {
  it.each([
    ['1-eci-on-ask', 'neither-privatezone-nor-coredns', 'ASM001'],
    ['1-eci-on-ask', 'injection-not-enabled', 'ASM004'],
    ['1-eci-on-ask', 'pod-older-than-the-label', 'ASM004'],
    ['2-eci-on-ack', 'mesh-too-old', 'ASM002'],
    ['2-eci-on-ack', 'component-missing', 'ASM003'],
    ['2-eci-on-ack', 'eci-label-without-injection', 'ASM004'],
    ['3-external-cluster', 'pilot-not-public', 'ASM005'],
    ['3-external-cluster', 'api-server-not-public', 'ASM006'],
    ['3-external-cluster', 'no-load-balancer', 'ASM007'],
    ['3-external-cluster', 'intranet-only', 'ASM007'],
    ['4-bookinfo-in-one-vpc', 'm1c1-does-not-admit-m1c2', 'NET007'],
    ['5a-distribution', 'same-block-for-both-vswitches', 'NET001'],
    ['5a-distribution', 'overlapping-pod-cidrs', 'NET002'],
    ['5a-distribution', 'vpc-not-attached', 'NET003'],
    ['5a-distribution', 'no-bandwidth-package', 'NET004'],
    ['5a-distribution', 'no-cross-region-bandwidth', 'NET005'],
    ['5a-distribution', 'pod-routes-of-shanghai-not-published', 'NET006'],
    ['5a-distribution', 'shanghai-does-not-admit-hangzhou', 'NET007'],
    ['5a-distribution', 'second-cluster-missing-at-the-gateway', 'ASM008'],
  ])('%s, %s: %s', (file, variant, rule) => {
    const rulesIn = (name: string) =>
      run(`examples/asm/${file}.yaml`, name)
        .findings.map((finding) => finding.rule)
        .filter((each) => /^(NET|ASM)/.test(each));
    expect(rulesIn(variant)).toContain(rule);
  });

  it.each(scenariosIn('examples/asm'))('%s itself has none', (file) => {
    expect(run(file, '').findings.filter(({ rule }) => /^(NET|ASM)/.test(rule))).toEqual([]);
  });
});

describe('a result says why', () => {
  it('nothing comes back: the security group, with both ends', () => {
    const file = 'examples/asm/4-only-reviews-v3.yaml';
    expect(reasonsOf(file, 'm1c1-does-not-admit-m1c2', 'reviews.default')).toContain(
      'connections from m1c2 to m1c1 time out: security group m1c1-sg of m1c1 does not admit m1c2: its packets are dropped',
    );
    expect(run(file, 'm1c1-does-not-admit-m1c2').timeline[0]).toMatchObject({
      at: 0,
      kind: 'unreachable',
      text: expect.stringContaining('connections from m1c2 to m1c1 time out'),
    });
  });

  it('nobody is reached: the gateway without an address', () => {
    const [report] = run('examples/asm/3-external-cluster.yaml', 'no-load-balancer').services;
    expect(report?.reasons).toEqual([
      'the load balancer of gateway istio-ingressgateway never gets an address: cluster on-premises cannot give one of that type, so no request from outside reaches it',
    ]);
  });

  it('nobody is configured: Pilot without a public address', () => {
    const result = run('examples/asm/3-external-cluster.yaml', 'pilot-not-public');
    expect(result.services[0]?.reasons?.[0]).toContain('Pilot has no public address');
    expect(result.timeline.some(({ kind, text }) => kind === 'podUnready' && text.includes('nginx-0'))).toBe(
      true,
    );
  });

  it('a name is not found: no Service in the caller’s cluster', () => {
    const file = 'examples/asm/4-bookinfo-in-one-vpc.yaml';
    expect(reasonsOf(file, 'no-service-reviews-where-productpage-runs', 'reviews.default')).toContain(
      'productpage-v1 does not find the name reviews: its cluster has no such Service',
    );
  });
});
