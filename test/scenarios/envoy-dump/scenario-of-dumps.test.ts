import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/scenarios/explain/explain.ts';
import { memoryFiles } from '../../../src/scenarios/files-memory.ts';
import { lintLoaded } from '../../../src/scenarios/lint/lint-loaded.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { planScenario } from '../../../src/scenarios/plan/plan-scenario.ts';
import { factsOf } from '../../../src/scenarios/property/facts.ts';
import { runLoaded, ScenarioError } from '../../../src/scenarios/run.ts';
import { clustersOf, examplePlan, istioDump } from './dumps.ts';

const plan = examplePlan();
const WORKLOADS = ['istio-ingressgateway', 'productpage-v1', 'reviews-v2'];
const DUMPS = Object.fromEntries(
  WORKLOADS.map((workload) => [`dumps/${workload}.json`, JSON.stringify(istioDump(plan, workload))]),
);

function load(text: string, more: Record<string, string> = {}) {
  return loadScenario('s.yaml', memoryFiles({ 's.yaml': `version: 1\n${text}`, ...DUMPS, ...more }));
}

function run(text: string, more: Record<string, string> = {}) {
  const loaded = load(text, more);
  expect(loaded.diagnostics).toEqual([]);
  return runLoaded(loaded);
}

/** What planning refuses. */
function problems(text: string): string[] {
  try {
    run(text);
    return [];
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return error.diagnostics.map(({ code, line, message, hint }) => `${code}:${line} ${message} (${hint})`);
  }
}

const PRODUCTPAGE = `
envoy: { configDump: dumps/productpage-v1.json }
topology: { proxies: { default: { concurrency: 1 } } }
load: [{ name: ask, from: { workload: productpage-v1 }, request: GET http://reviews:9080/, executor: iterations, iterations: 100, pace: 100ms }]
`;
const ALL = `
envoy: [${WORKLOADS.map((workload) => `{ configDump: dumps/${workload}.json }`).join(', ')}]
topology: { proxies: { default: { concurrency: 1 } }, links: [{ between: [cn-hangzhou, cn-shanghai], rtt: 28ms }] }
behavior: { preset: bookinfo }
load:
  - { name: ten-curls, from: { proxy: istio-ingressgateway }, request: GET http://bookinfo.local/productpage, executor: iterations, iterations: 10, pace: 1s, grep: full.stars }
`;

const counts = (by: Record<string, { mean: number }>) =>
  Object.fromEntries(Object.entries(by).map(([name, { mean }]) => [name, mean]));

describe('a scenario of config dumps', () => {
  it('sends one proxy what its dump says, and checks expectations', () => {
    const result = run(
      `${PRODUCTPAGE}expect: [{ of: reviews, requests: { reviews-v1: 90, version=v2: 10 }, errorRate: 0 }]`,
    );
    expect(result.ok).toBe(true);
    expect(counts(result.services[0]!.by.workload)).toEqual({ 'reviews-v1': 90, 'reviews-v2': 10 });
    expect(result.findings).toEqual([]);
  });

  it('lets several dumped proxies call each other, with the answers that the manifests give', () => {
    const text = `${ALL}expect: [{ of: reviews, caller: productpage-v1, requests: { reviews-v1: 9, reviews-v2: 1 } }, { lines: 2, errorRate: 0 }]`;
    const result = run(text);
    expect(result.expectations.map(({ ok }) => ok)).toEqual([true, true]);
    expect(counts(result.services.find(({ service }) => service === 'ratings.default')!.by.workload)).toEqual(
      {
        'ratings-v1': 1,
      },
    );
  });

  it('takes weights and health from /clusters', () => {
    const clusters = JSON.stringify(clustersOf(istioDump(plan, 'productpage-v1')));
    const unhealthy = clusters.replace(
      /("10\.45\.0\.5"[^[\]]*?"eds_health_status":")HEALTHY/g,
      '$1UNHEALTHY',
    );
    const text = PRODUCTPAGE.replace('.json }', '.json, clusters: c.json }');
    expect(counts(run(text, { 'c.json': clusters }).services[0]!.by.workload)['reviews-v1']).toBe(90);
    const changed = run(text, { 'c.json': unhealthy });
    expect(counts(changed.services[0]!.by.workload)['reviews-v1'] ?? 0).toBeLessThan(90);
  });

  it('compares dumps in variants, and takes one back with null', () => {
    const result = run(`${PRODUCTPAGE}variants:
  - { name: gateway, set: { envoy: { configDump: dumps/istio-ingressgateway.json }, load: [{ from: { proxy: istio-ingressgateway }, request: GET http://bookinfo.local/productpage, executor: iterations, iterations: 5 }] } }
  - { name: faster, set: { behavior: { reviews: { latency: 1ms } } } }
`);
    expect(result.variants[0]!.services.map(({ service }) => service)).toEqual(['productpage.default']);
    expect(result.variants[1]!.loads[0]!.latency.p50).toBeLessThan(result.loads[0]!.latency.p50);
    const back = load(`${PRODUCTPAGE}variants: [{ name: none, set: { envoy: null, load: [] } }]`);
    expect(back.variants[0]!.envoy).toBeUndefined();
  });

  it('takes the worker threads of the dump unless the file says its own', () => {
    const dump = istioDump(plan, 'productpage-v1');
    dump.configs[0].bootstrap.node.metadata.PROXY_CONFIG.concurrency = 7;
    const loaded = (text: string) => load(text, { 'dumps/productpage-v1.json': JSON.stringify(dump) });
    const own = PRODUCTPAGE.replace(/topology: .*\n/, '');
    for (const [text, workers] of [
      [own, 7],
      [PRODUCTPAGE, 1],
      [`${own}topology: { proxies: { productpage-v1-0: { concurrency: 3 } } }`, 3],
    ] as const) {
      const { base, diagnostics } = loaded(text);
      expect(diagnostics).toEqual([]);
      expect(base.envoy![0]!.concurrency).toBe(7);
      expect(planScenario(base).world.proxies[0]!.concurrency).toBe(workers);
    }
  });

  it('explains a request hop by hop, and says that why-not needs manifests', () => {
    const { base } = load(ALL);
    const answer = explain(base, { to: 'ratings' });
    if ('problem' in answer) throw new Error(answer.problem);
    const says = answer.explained[0]!.steps.map((step) => step.says).join('\n');
    expect(says).toContain('as dumped in dumps/reviews-v2.json');
    expect(says).toContain('1 endpoint in EDS');
    expect(says).not.toMatch(/DestinationRule|VirtualService|sidecar:/);
    expect(explain(base, { whyNot: 'reviews-v1' })).toHaveProperty('problem');
    const unasked = explain(base, { from: 'productpage-v1', to: 'ratings' });
    expect('problem' in unasked ? unasked.problem : unasked.explained[0]!.to).toBe('ratings.default');
    expect(explain(base, { from: 'productpage-v1', to: 'ratngs' })).toHaveProperty('problem');
  });

  it('tells searches what there is to break', () => {
    const facts = factsOf(load(ALL).base);
    expect(facts.zones.sort()).toEqual(['cn-hangzhou-h', 'cn-shanghai-b']);
    expect(facts.workloads).toContainEqual({
      name: 'reviews-v1',
      kind: 'Deployment',
      replicas: 1,
      isGateway: false,
    });
    expect(facts.services).toContain('reviews');
    expect(facts.workloadsOf('reviews').sort()).toEqual(['reviews-v1', 'reviews-v2']);
    expect(facts.regionsOf('reviews').sort()).toEqual(['cn-hangzhou', 'cn-shanghai']);
    expect(facts.window).toEqual({ fromNs: 0, toNs: expect.any(Number), isEndKnown: true });
  });

  it('has no findings: they speak of manifests', () => {
    expect(lintLoaded(load(ALL))).toEqual([]);
  });
});

describe('faults in a world of config dumps', () => {
  const shares = (faults: string) => {
    const result = run(`${PRODUCTPAGE}faults: [${faults}]`);
    const events = result.timeline.map(({ at, text }) => `${at} ${text}`);
    return { by: counts(result.services[0]!.by.workload), events, load: result.loads[0]! };
  };

  it('scale takes endpoints out by an EDS push, and stops their processes', () => {
    const { by, events, load } = shares('{ at: 5s, scale: { deployment: reviews-v1, replicas: 0 } }');
    expect(events).toContain('5 reviews-v1 at 10.45.0.5:9080 is gone');
    expect(events).toContain('5.11 EDS pushes endpoints of reviews to 1 proxy');
    expect(by['reviews-v1']).toBe(45);
    expect(by['reviews-v2']).toBe(55);
    expect(load.failed).toBe(0);
  });

  it('a scaled workload comes back when the fault ends', () => {
    const { events, by } = shares('{ at: 2s, scale: { workload: reviews-v1, replicas: 0 }, for: 1s }');
    expect(events).toContain('8 reviews-v1 at 10.45.0.5:9080 is back');
    expect(events).toContain('8.11 EDS pushes endpoints of reviews to 1 proxy');
    expect(by['reviews-v1']).toBeGreaterThan(18);
    expect(by['reviews-v1']).toBeLessThan(50);
  });

  it('a crash is noticed after a second, and its process starts again', () => {
    const { events } = shares('{ at: 1s, crash: { pod: "10.45.0.5" }, for: 2s }');
    expect(events).toEqual(
      expect.arrayContaining([
        '1 reviews-v1 at 10.45.0.5:9080 crashes',
        '2.11 EDS pushes endpoints of reviews to 1 proxy',
        '8 reviews-v1 at 10.45.0.5:9080 is back',
      ]),
    );
  });

  it('a lost zone keeps its endpoints until its nodes are missed', () => {
    const { events, by } = shares('{ at: 1s, zoneDown: cn-shanghai-b }');
    expect(events).toContain('1 reviews-v2 at 10.47.0.2:9080 is lost with its node');
    expect(events).toContain('41.11 EDS pushes endpoints of reviews to 1 proxy');
    expect(by['reviews-v2']).toBeLessThan(10);
  });

  it.each([
    ['refuse: reviews-v1', 'reviews-v1 refuses connections'],
    ['respond: { service: reviews, status: 503 }', 'service reviews answers 503'],
    ['slow: { region: cn-shanghai, by: 200ms }', 'region cn-shanghai is slower by 200 ms'],
    ['hang: { workload: reviews-v2 }', 'reviews-v2 accepts requests and never answers'],
    ['blackhole: { cluster: ack-shanghai }', 'cluster ack-shanghai vanishes from the network'],
    ['reset: "reviews-v1[0]"', 'reviews-v1[0] resets requests'],
    [
      'partition: { between: [cn-hangzhou, cn-shanghai] }',
      'nothing passes between cn-hangzhou and cn-shanghai',
    ],
    ['restartProxy: { workload: productpage-v1 }', 'the proxy of productpage-v1 restarts'],
  ])('%s', (fault, event) => {
    expect(shares(`{ at: 1s, ${fault} }`).events).toContain(`1 ${event}`);
  });

  it('makes the refused one fail and the other answer', () => {
    const { load } = shares('{ at: 0s, respond: { workload: reviews-v1, status: 500 } }');
    expect(load.codes).toEqual({ 200: 10, 500: 90 });
  });

  it.each([
    [
      '{ at: 1s, crash: { workload: reviews-v9 } }',
      'FS3003:5 faults: the config dumps know no workload "reviews-v9"',
    ],
    ['{ at: 1s, refuse: { service: review } }', '(did you mean "reviews"?)'],
    ['{ at: 1s, zoneDown: cn-hangzhou-x }', 'FS3003:5 faults: the config dumps know no zone "cn-hangzhou-x"'],
    [
      '{ at: 1s, scale: { deployment: reviews-v1, replicas: 3 } }',
      'has one endpoint in the dumps and cannot have 3',
    ],
    ['{ at: 1s, rollout: { deployment: reviews-v1 } }', 'FS2007:5 faults: rollout needs manifests'],
    ['{ at: 1s, istiodDown: true }', 'FS2007:5 faults: istiodDown needs manifests'],
    ['{ at: 1s, restartProxy: { workload: reviews-v1 } }', 'there is no config dump of reviews-v1'],
    ['{ at: 1s, partition: { between: [cn-hangzhou, mars] } }', 'no cluster, region or zone "mars"'],
  ])('refuses %s', (fault, words) => {
    expect(problems(`${PRODUCTPAGE.trimStart()}faults: [${fault}]`).join()).toContain(words);
  });
});
