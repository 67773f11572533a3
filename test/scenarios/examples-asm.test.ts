// The multi-cluster guide as scenarios: every case and every broken variant of it holds the prediction that its file writes down.
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/scenarios/files.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { runLoaded } from '../../src/scenarios/run.ts';

const scenariosIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && !name.endsWith('base.yaml'))
    .map((name) => `${folder}/${name}`);

const load = (file: string) => loadScenario(file, nodeFiles());
const run = (file: string, variant = '') => runLoaded(load(file), { variant: variant === '' ? '' : variant });
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
