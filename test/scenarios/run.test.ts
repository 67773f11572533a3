import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { nodeFiles } from '../../src/scenarios/files.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { runLoaded, ScenarioError } from '../../src/scenarios/run.ts';
import { VERSION } from '../../src/scenarios/version.ts';
import { answers, loadShop, runShop, type Shop } from './shop.ts';

const examples = ['examples/two-regions', 'examples/one-vpc'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && name !== 'base.yaml')
    .map((name) => `${folder}/${name}`),
);

describe('the shipped examples', () => {
  it.each(examples)('%s meets its expectations, and so do its variants', (file) => {
    const loaded = loadScenario(file, nodeFiles());
    expect(loaded.diagnostics).toEqual([]);
    const result = runLoaded(loaded);
    for (const scenario of [result, ...result.variants]) {
      expect(scenario.expectations.length).toBeGreaterThan(0);
      expect(scenario.expectations.filter((expectation) => !expectation.ok)).toEqual([]);
    }
  });

  it('split 9 to 1 in every one of 1,000 seeds over gateway, productpage and reviews', () => {
    const loaded = loadScenario('examples/two-regions/distribute.yaml', nodeFiles());
    const { by } = runLoaded(loaded, { runs: 1000, variant: '' }).services.find(
      (report) => report.service === 'reviews.default',
    )!;
    expect(by.workload['reviews-v1']).toMatchObject({ min: 9, max: 9 });
    expect(by.workload['reviews-v2']).toMatchObject({ min: 1, max: 1, share: 0.1 });
  });
});

const threeRegions = (api: [number, number, number], scenario = ''): Shop => ({
  clusters: {
    ca: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: { 'api-a': api[0] } },
    cb: { nodes: ['us-1/us-1a'], api: { 'api-b': api[1] } },
    cc: { nodes: ['ap-1/ap-1a'], api: { 'api-c': api[2] } },
  },
  scenario: `
topology:
  mesh: { localityLoadBalancing: { distribute: [{ from: eu-1, to: { eu-1: 80, us-1: 15, ap-1: 5 } }] } }
  clusters: { ca: {}, cb: {}, cc: {} }
  proxies: { default: { concurrency: 1 } }
behavior: { web: { script: [{ call: api }] } }
load: [{ name: hundred, from: { workload: web }, request: GET http://api/, executor: iterations, iterations: 100, pace: 10ms }]
${scenario}`,
});

describe('distribution over three regions', () => {
  it('is exact whatever the number of endpoints', () => {
    for (const counts of [
      [1, 1, 1],
      [3, 1, 2],
      [1, 4, 2],
    ] as [number, number, number][])
      expect(answers(runShop(threeRegions(counts)), 'api.shop', 'hundred')).toEqual({
        'api-a': 80,
        'api-b': 15,
        'api-c': 5,
      });
  });

  it('shares what an empty region would get among the others by their weights', () => {
    const { services } = runShop(threeRegions([1, 0, 1]));
    expect(services[0]!.closedForm!.by['api-a']).toBeCloseTo(80 / 85, 12);
    expect(services[0]!.closedForm!.by['api-c']).toBeCloseTo(5 / 85, 12);
    expect(services[0]!.by.workload['api-a']!.mean).toBeGreaterThanOrEqual(94);
    expect(services[0]!.by.workload['api-a']!.mean).toBeLessThanOrEqual(95);
  });

  it('ends with 503 UH when nobody is left', () => {
    const result = runShop(threeRegions([0, 0, 0]));
    expect(result.services[0]).toMatchObject({ errorRate: 1, flags: { UH: 100 }, codes: { 503: 100 } });
    expect(result.services[0]!.by.workload['none']!.mean).toBe(100);
  });
});

const oneCluster = (scenario: string, mesh = '', api = 2): Shop => ({
  clusters: { c1: { nodes: ['eu-1/eu-1a', 'eu-1/eu-1b'], hasWeb: true, api: { 'api-a': api } } },
  mesh,
  scenario: `
topology: { clusters: { c1: {} }, proxies: { default: { concurrency: 1 } } }
behavior: { web: { script: [{ call: api }] } }
${scenario}`,
});
const steady = (extra = '') =>
  `load: [{ name: steady, from: { workload: web }, request: GET http://api/, executor: constant-rate, rate: 100/s, duration: 20s${extra} }]`;

describe('things that happen', () => {
  it('a scaled deployment reaches proxies after the debounce, and the new pod when it is ready', () => {
    const result = runShop(
      oneCluster(`${steady()}\nfaults: [{ at: 2s, scale: { deployment: api-a, replicas: 3 } }]`),
    );
    expect(result.timeline.filter(({ kind }) => kind === 'push').map(({ at }) => at)).toEqual([7.11]);
    expect(Object.keys(result.services[0]!.by.pod).sort()).toEqual(['api-a-0', 'api-a-1', 'api-a-2']);
    expect(result.loads[0]).toMatchObject({ requests: 2000, failed: 0 });
  });

  it('a push waits while istiod is down', () => {
    const result = runShop(
      oneCluster(
        `${steady()}\nfaults: [{ at: 1s, istiodDown: true, for: 9s }, { at: 2s, scale: { deployment: api-a, replicas: 1 } }]`,
      ),
    );
    expect(result.timeline.filter(({ kind }) => kind === 'push').map(({ at }) => at)).toEqual([10.01]);
  });

  it('an applied VirtualService holds from its push on, and no longer once it is deleted', () => {
    const fault = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: api, namespace: shop }
spec: { hosts: [api], http: [{ fault: { abort: { httpStatus: 418, percentage: { value: 100 } } }, route: [{ destination: { host: api } }] }] }
`;
    const shop = oneCluster(
      `${steady()}\nfaults: [{ at: 5s, apply: [teapot.yaml] }, { at: 10s, delete: VirtualService/shop/api }]`,
    );
    const result = runShop({ ...shop, files: { '/shop/teapot.yaml': fault } });
    expect(result.loads[0]!.codes['418']).toBe(500);
    expect(result.services[0]!.flags).toMatchObject({ FI: 500 });
  });

  it('a lost zone costs what was under way there, and the rest goes to the other zone', () => {
    const result = runShop(oneCluster(`${steady()}\nfaults: [{ at: 5s, zoneDown: eu-1b }]`));
    const pods = result.services[0]!.by.pod;
    expect(Object.keys(pods)).toContain('api-a-0');
    expect(result.timeline.map(({ text }) => text).join('\n')).toMatch(/api-a-1.*/);
  });

  it("a name without a Service in the caller's cluster does not resolve", () => {
    const result = runShop({
      clusters: {
        c1: { nodes: ['eu-1/eu-1a'], hasWeb: true, hasApiService: false },
        c2: { nodes: ['eu-1/eu-1a'], api: { 'api-b': 1 } },
      },
      scenario: `
topology: { clusters: { c1: {}, c2: {} } }
behavior: { web: { script: [{ call: api }] } }
load: [{ name: curls, from: { workload: web }, request: GET http://api:8080/, executor: iterations, iterations: 10, pace: 1s }]`,
    });
    expect(result.loads[0]).toMatchObject({ requests: 10, failed: 10 });
    expect(result.services[0]!.attempts).toBe(0);
  });
});

describe('a result', () => {
  it('is the same to the byte for the same seed, and another for another seed', () => {
    const shop = oneCluster(steady());
    const text = (seed: number) => JSON.stringify(runShop(shop, { seed }));
    expect(text(3)).toBe(text(3));
    expect(runShop(shop, { seed: 3 }).run.digest).not.toBe(runShop(shop, { seed: 4 }).run.digest);
  });

  it('names the release of package.json', () => {
    expect(VERSION).toBe(packageJson.version);
  });

  it('stops between replications when it is told to, with what is done', () => {
    const signal = { aborted: false };
    const onProgress = (done: number) => {
      signal.aborted = done >= 3;
    };
    const options = { runs: 50, signal, onProgress };
    expect(runShop(oneCluster(steady()), options).scenario.runs).toBe(3);
  });

  it('of a scenario that cannot be planned is an error with the place', () => {
    const loaded = loadShop(
      oneCluster(
        'load: [{ name: a, from: { workload: api-a }, request: GET http://web/, executor: iterations, iterations: 1 }]',
        '',
        0,
      ),
    );
    expect(loaded.diagnostics).toEqual([]);
    expect(() => runLoaded(loaded)).toThrow(ScenarioError);
  });
});
