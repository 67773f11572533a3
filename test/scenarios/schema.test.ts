import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/scenarios/presets.ts';
import { TOP_KEYS } from '../../src/scenarios/schema.ts';
import { scenarioJsonSchema } from '../../src/scenarios/schema-json.ts';
import { parseYamlDocuments } from '../../src/scenarios/yaml-documents.ts';
import { HEAD, LOAD, load, loadClean, told } from './helpers.ts';

const behaviour = (text: string) =>
  loadClean(`behavior:\n  reviews-v1: ${text}\n`).base.behavior['reviews-v1']!;
const firstLoad = (text: string) => loadClean(`load:\n  - ${text}\n`).base.load[0]!;
const firstFault = (text: string) => loadClean(`faults:\n  - ${text}\n`).base.faults[0]!;
const firstCheck = (text: string) => loadClean(`${LOAD}expect:\n  - ${text}\n`).base.expect[0]!;

describe('latency', () => {
  it.each([
    ['5ms', { dist: 'fixed', ns: 5e6 }],
    ['{ p50: 4ms, p99: 40ms }', { dist: 'lognormal', p50Ns: 4e6, p99Ns: 4e7 }],
    ['{ mean: 5ms }', { dist: 'exponential', meanNs: 5e6 }],
    ['{ dist: exponential, mean: 5ms }', { dist: 'exponential', meanNs: 5e6 }],
    ['{ min: 1ms, max: 3ms }', { dist: 'uniform', minNs: 1e6, maxNs: 3e6 }],
    ['{ mean: 5ms, sd: 1ms }', { dist: 'normal', meanNs: 5e6, sdNs: 1e6 }],
    ['{ dist: fixed, value: 2ms }', { dist: 'fixed', ns: 2e6 }],
  ])('%s', (text, latency) => {
    expect(behaviour(`{ latency: ${text} }`).latency).toEqual(latency);
  });

  it.each([
    ['{ p50: 4ms }', 'FS2007', 'these keys name no distribution'],
    ['{ dist: normal, mean: 4ms }', 'FS2007', 'normal takes mean and sd'],
    ['{ min: 3ms, max: 1ms }', 'FS2003', 'min is more than max'],
    ['{ p50: 40ms, p99: 4ms }', 'FS2003', 'p50 must be more than 0 and at most p99'],
    ['{ dist: pareto }', 'FS2003', '"pareto" is not known here'],
    ['[1ms]', 'FS2001', 'got a list'],
    ['{ p50: 4ms, p90: 8ms }', 'FS2004', 'unknown field "p90"'],
  ])('%s is a mistake', (text, code, message) => {
    const { diagnostics } = load(`behavior:\n  reviews-v1: { latency: ${text} }\n`);
    expect(diagnostics[0]).toMatchObject({ code });
    expect(diagnostics[0]!.message).toContain(message);
  });
});

describe('scripts', () => {
  it('take calls in all spellings, pauses, and lists in parallel', () => {
    const { base } = loadClean(
      `behavior:\n  front-v1:\n    script:\n      - reviews\n      - POST http://reviews:9080/a\n      - { call: reviews.shop, path: /b, headers: { x-user: 7 }, onCallFailure: ignore }\n      - { sleep: 2ms }\n      - [reviews, { call: "reviews:9080/c" }]\n`,
    );
    const call = { method: 'GET', path: '/', headers: {} };
    expect(base.behavior['front-v1']!.script).toMatchObject([
      { ...call, call: 'reviews' },
      { ...call, call: 'reviews:9080', method: 'POST', path: '/a' },
      { ...call, call: 'reviews.shop', path: '/b', headers: { 'x-user': '7' }, onFailure: 'ignore' },
      { sleepNs: 2e6 },
      {
        parallel: [
          { ...call, call: 'reviews' },
          { ...call, call: 'reviews:9080', path: '/c' },
        ],
      },
    ]);
    expect(base.behavior['front-v1']!.script![4]).toMatchObject({
      parallel: [{ origin: { line: 14, col: 10 } }, { origin: { line: 14, col: 27 } }],
    });
  });

  it.each([
    ['{ sleep: 1ms, path: /x }', 'FS2007'],
    ['{ path: /x }', 'FS2002'],
    ['{ call: reviews, sleep: 1ms }', 'FS2007'],
    ['[{ sleep: 1ms }]', 'FS2004'],
    ['{ call: reviews, path: x }', 'FS2003'],
    ['7', 'FS2001'],
  ])('%s is a mistake', (step, code) => {
    const { diagnostics } = load(`behavior:\n  front-v1: { script: [${step}] }\n`);
    expect(diagnostics.map((each) => each.code)).toContain(code);
  });
});

describe('behaviour', () => {
  it('takes every key', () => {
    expect(
      behaviour(
        '{ concurrency: 8, errorRate: 0.1%, errorStatus: 502, status: 201, failStatus: 503, onCallFailure: propagate, prints: [a], responseHeaders: { x: 1 }, startup: 2s, connections: new, http2: true }',
      ),
    ).toMatchObject({
      concurrency: 8,
      errorRate: 0.001,
      errorStatus: 502,
      status: 201,
      failStatus: 503,
      onCallFailure: 'propagate',
      prints: ['a'],
      responseHeaders: { x: '1' },
      startupNs: 2e9,
      connections: 'new',
      http2: true,
    });
  });

  it('of a preset holds where the file says nothing else', () => {
    const { base } = load('behavior: { preset: bookinfo, reviews-v1: { latency: 1s } }\n');
    expect(base.behavior['reviews-v2']).toBe(PRESETS['bookinfo']!['reviews-v2']);
    expect(base.behavior['reviews-v1']).toMatchObject({ latency: { dist: 'fixed', ns: 1e9 } });
    const changed = load('behavior: { preset: bookinfo, productpage-v1: { failStatus: 503 } }\n').base
      .behavior;
    expect(changed['productpage-v1']).toMatchObject({
      failStatus: 503,
      script: [{ call: 'details' }, { call: 'reviews' }],
    });
    expect(load('behavior: bookinfo\n').base.behavior).toEqual(PRESETS['bookinfo']);
    expect(load('behavior: bokinfo\n').diagnostics[0]).toMatchObject({ hint: 'did you mean "bookinfo"?' });
  });
});

describe('load', () => {
  const from = 'from: { workload: front-v1 }, request: GET http://reviews:9080/x';
  it.each([
    [`{ ${from}, iterations: 3 }`, { name: 'load-1', executor: 'iterations', paceNs: 0, connections: 'new' }],
    [
      `{ ${from}, executor: constant-rate, rate: 5k/s, duration: 1m }`,
      { ratePerSecond: 5000, durationNs: 6e10, connections: 1 },
    ],
    [
      `{ ${from}, executor: poisson, rate: 60/m, duration: 1m, start: 5s }`,
      { ratePerSecond: 1, startNs: 5e9 },
    ],
    [
      `{ ${from}, executor: ramping-rate, stages: [{ duration: 30s, target: 100/s }] }`,
      { stages: [{ durationNs: 3e10, targetPerSecond: 100 }] },
    ],
    [
      `{ ${from}, executor: closed-loop, users: 50, thinkTime: { mean: 1s }, duration: 1m, cookies: true }`,
      { users: 50, thinkTime: { dist: 'exponential', meanNs: 1e9 }, connections: 50, cookies: true },
    ],
    [
      '{ from: { pod: "front-v1[0]", cluster: here }, request: { method: POST, host: reviews, path: /x, headers: { a: b }, body: 2KiB, port: 9080 }, iterations: 1 }',
      {
        from: { pod: 'front-v1[0]', cluster: 'here' },
        request: {
          method: 'POST',
          host: 'reviews',
          path: '/x',
          headers: { a: 'b', 'content-length': '2048' },
          port: 9080,
        },
      },
    ],
  ])('%s', (text, expected) => {
    expect(firstLoad(text)).toMatchObject(expected);
  });

  it.each([
    ['executor: poisson', ['FS2002', 'FS2002']],
    ['executor: iterations, iterations: 0', ['FS2003']],
    ['executor: constant-rate, rate: 0, duration: 1s', ['FS2003']],
    ['executor: closed-loop, users: 3', ['FS2002']],
    ['executor: iterations, iterations: 3, users: 3', ['FS2007']],
    ['users: 3, duration: 1s', ['FS2002']],
    ['iterations: 3, grep: "("', ['FS2003']],
    ['iterations: 3, connections: none', ['FS2001']],
  ])('%s is a mistake', (text, codes) => {
    expect(load(`load:\n  - { ${from}, ${text} }\n`).diagnostics.map((each) => each.code)).toEqual(codes);
  });

  it.each(['ftp://x/', 'GET', 'GET http://x:99999/', 'a b c'])('request %s is a mistake', (request) => {
    const text = `load:\n  - { from: { workload: front-v1 }, request: "${request}", iterations: 1 }\n`;
    const codes = load(text).diagnostics.map((each) => each.code);
    expect(codes).toEqual([request === 'GET' ? 'FS3005' : 'FS2003']);
  });
});

describe('faults', () => {
  it.each([
    [
      '{ at: 1s, scale: { deployment: reviews-v1, cluster: here, replicas: 0 } }',
      { kind: 'scale', replicas: 0, target: { kind: 'deployment', name: 'reviews-v1', cluster: 'here' } },
    ],
    [
      '{ at: 1s, for: 2s, refuse: { workload: reviews-v1 } }',
      { kind: 'refuse', atNs: 1e9, forNs: 2e9, percentage: 100 },
    ],
    ['{ at: 1s, crash: "reviews-v1[0]" }', { kind: 'crash', target: { kind: 'pod', name: 'reviews-v1[0]' } }],
    ['{ at: 1s, hang: reviews-v1 }', { kind: 'hang', target: { kind: 'workload', name: 'reviews-v1' } }],
    ['{ at: 1s, reset: { service: reviews, percentage: 50 } }', { kind: 'reset', percentage: 50 }],
    [
      '{ at: 1s, respond: { workload: reviews-v1, status: 503 } }',
      { kind: 'respond', status: 503, percentage: 100 },
    ],
    [
      '{ at: 1s, slow: { zone: cn-hangzhou-h, by: 200ms } }',
      { kind: 'slow', byNs: 2e8, target: { kind: 'zone' } },
    ],
    [
      '{ at: 1s, blackhole: { cluster: here } }',
      { kind: 'blackhole', target: { kind: 'cluster', name: 'here' } },
    ],
    [
      '{ at: 1s, partition: { between: [here, cn-hangzhou] } }',
      { kind: 'partition', between: ['here', 'cn-hangzhou'] },
    ],
    [
      '{ at: 1s, zoneDown: cn-hangzhou-h }',
      { kind: 'zoneDown', target: { kind: 'zone', name: 'cn-hangzhou-h' } },
    ],
    [
      '{ at: 1s, zoneDown: { zone: cn-hangzhou-h, cluster: here } }',
      { kind: 'zoneDown', target: { cluster: 'here' } },
    ],
    ['{ at: 1s, regionDown: cn-hangzhou }', { kind: 'regionDown', target: { kind: 'region' } }],
    ['{ at: 1s, clusterDown: here }', { kind: 'clusterDown', target: { kind: 'cluster' } }],
    [
      '{ at: 1s, delete: Service/reviews, cluster: here }',
      { kind: 'delete', objectKind: 'Service', name: 'reviews', cluster: 'here' },
    ],
    ['{ at: 1s, delete: Service/shop/reviews }', { kind: 'delete', namespace: 'shop', cluster: null }],
    [
      '{ at: 1s, apply: shop.yaml, cluster: here }',
      { kind: 'apply', text: 'shop.yaml', cluster: 'here', objects: { length: 4 } },
    ],
    ['{ at: 1s, rollout: { deployment: front-v1 } }', { kind: 'rollout', target: { kind: 'deployment' } }],
    ['{ at: 1s, restartProxy: { workload: front-v1 } }', { kind: 'restartProxy' }],
    ['{ at: 1s, istiodDown: true, for: 1m }', { kind: 'istiodDown', forNs: 6e10 }],
  ])('%s', (text, expected) => {
    expect(firstFault(text)).toMatchObject(expected);
  });

  it.each([
    ['{ refuse: { workload: reviews-v1 } }', 'FS2002'],
    ['{ at: 1s }', 'FS2002'],
    ['{ at: 1s, refuse: {} }', 'FS2002'],
    ['{ at: 1s, refuse: { workload: a, pod: b } }', 'FS2007'],
    ['{ at: 1s, scale: reviews-v1 }', 'FS2002'],
    ['{ at: 1s, scale: { zone: cn-hangzhou-h, replicas: 1 } }', 'FS2007'],
    ['{ at: 1s, rollout: front-v1, for: 1s }', 'FS2007'],
    ['{ at: 1s, istiodDown: yes }', 'FS2003'],
    ['{ at: 1s, respond: { workload: reviews-v1, status: 9 } }', 'FS2003'],
    ['{ at: 1s, refuse: { workload: reviews-v1, percentage: 150 } }', 'FS2006'],
    ['{ at: 1s, refuse: { workload: reviews-v1 }, cluster: here }', 'FS2007'],
    ['{ at: 1s, delete: reviews }', 'FS2003'],
    ['{ at: 1s, for: 0s, hang: reviews-v1 }', 'FS2003'],
    ['{ at: 1s, apply: gone.yaml }', 'FS1007'],
    ['{ at: -1s, hang: reviews-v1 }', 'FS2005'],
  ])('%s is a mistake', (text, code) => {
    expect(load(`faults:\n  - ${text}\n`).diagnostics.map((each) => each.code)).toEqual([code]);
  });
});

describe('expectations', () => {
  it('take every key and both spellings of latency', () => {
    const check = firstCheck(
      '{ of: reviews, during: curls, from: 1s, to: 5s, caller: front-v1, requests: { reviews-v1: 8..10, none: 0 }, attempts: { version=v1: 9 }, share: { region=cn-hangzhou: 99%.. }, maxShare: { pod: ..60% }, codes: { 503: ..2 }, flags: { UH: ..1%, UF: 3 }, errorRate: ..1%, attemptsPerRequest: ..1.5, ejections: 0, activeEjections: ..2, ejectionDurations: [30s, 60s], pods: 2, connections: 5.., findings: [OD001], lines: 2, latency.p95: ..80ms, latency: { max: ..1s }, in: 95% of runs }',
    );
    expect(check).toMatchObject({
      of: 'reviews',
      during: 'curls',
      fromNs: 1e9,
      toNs: 5e9,
      requests: { 'reviews-v1': { least: 8, most: 10 }, none: { most: 0 } },
      share: { 'region=cn-hangzhou': { least: 0.99, most: 1 } },
      codes: { 503: { most: 2 } },
      flags: { UH: { most: 0.01, isShare: true }, UF: { least: 3, isShare: false } },
      ejectionDurations: [30, 60],
      latency: { p95: { most: 0.08 }, max: { most: 1 } },
      in: { least: 0.95, most: 1 },
    });
    expect(Object.keys(check)).not.toContain('latency.p95');
    expect(Object.keys(check)).not.toContain('from');
  });

  it.each([
    ['{ requests: { reviews-v1: 9 } }', 'FS2002'],
    ['{ of: reviews, requests: { reviews-v1: nine } }', 'FS5001'],
    ['{ codes: { ok: 1 } }', 'FS2003'],
    ['{ errorRate: 0, from: 5s, to: 1s }', 'FS2003'],
    ['{ latency: { p42: 1ms } }', 'FS2004'],
    ['{ errorRate: 0, in: most runs }', 'FS5001'],
    ['{ of: reviews, share: [10%] }', 'FS2001'],
    ['{ errorRate: 0, caller: nobody }', 'FS3003'],
    ['{ of: reviews, maxShare: { podd: 1% } }', 'FS3011'],
    ['{ of: reviews, share: { region=cn-hangzuo: 1% } }', 'FS3007'],
    ['{ of: reviews, share: { cluster=there: 1% } }', 'FS3002'],
    ['{ of: reviews, share: { pod=reviews-v9-0: 1% } }', 'FS3011'],
  ])('%s is a mistake', (text, code) => {
    expect(load(`${LOAD}expect:\n  - ${text}\n`).diagnostics.map((each) => each.code)).toEqual([code]);
  });
});

describe('topology', () => {
  it('takes the mesh settings under their own names, and knows which there are', () => {
    const withMesh = (mesh: string) => HEAD.replace('topology:', `topology:\n  mesh: { ${mesh} }`);
    const { base } = loadClean(
      withMesh('outboundTrafficPolicy: { mode: REGISTRY_ONLY }, connectTimeout: 3s'),
    );
    expect(base.topology.mesh.meshConfig).toMatchObject({ connectTimeout: '3s' });
    expect(told(load(withMesh('conectTimeout: 3s')))).toEqual([
      'FS2004 main.yaml:5 unknown field "conectTimeout" in MeshConfig',
    ]);
    expect(told(load(withMesh('provider: aws')))).toEqual([
      'FS2003 main.yaml:5 topology.mesh.provider: "aws" is not known here',
    ]);
  });

  it('fills in what gateways and links leave out', () => {
    const { base } = loadClean(
      `${HEAD}  gateways: { edge: { cluster: here } }\n  links: [{ between: [here, cn-hangzhou], rtt: 2ms, loss: 1% }]\n  proxies: { edge: { concurrency: 4 } }\n`,
    );
    expect(base.topology.gateways).toMatchObject([
      { name: 'edge', cluster: 'here', clusterIds: ['here'], replicas: 1, namespace: 'istio-system' },
    ]);
    expect(base.topology.links).toMatchObject([{ rttNs: 2e6, jitterNs: 0, loss: 0.01 }]);
    expect(base.topology.proxies).toEqual({ default: { concurrency: 2 }, edge: { concurrency: 4 } });
  });

  it('may be left out: a named cluster is plain Kubernetes', () => {
    const { base } = loadClean('version: 1\nmanifests: [{ cluster: here, paths: shop.yaml }]\n');
    expect(base.topology.clusters).toEqual([{ id: 'here' }]);
  });

  it('manifests belong to one cluster or to the mesh', () => {
    const text = (set: string) => told(load(`version: 1\nmanifests: [{ ${set}paths: [shop.yaml] }]\n`));
    expect(text('')).toEqual(['FS2007 main.yaml:2 manifests belong either to a cluster or to the mesh']);
    expect(text('cluster: a, mesh: true, ')).toHaveLength(1);
  });
});

describe('the JSON Schema', () => {
  const schema = scenarioJsonSchema() as {
    properties: Record<string, { items?: { properties?: object } }>;
    required: string[];
  };

  it('has every key of the file and requires only the version', () => {
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(TOP_KEYS));
    expect(schema.required).toEqual(['version']);
    expect(Object.keys(schema.properties['expect']!.items!.properties!)).toContain('ejectionDurations');
  });

  it('knows every key of the shipped examples', () => {
    const files = readdirSync('examples', { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((each) => /^[^/]+\/[^/]+\.yaml$/.test(each))) {
      const { documents } = parseYamlDocuments(file, readFileSync(`examples/${file}`, 'utf8'));
      expect(Object.keys(schema.properties)).toEqual(
        expect.arrayContaining(Object.keys(documents[0]!.value as object)),
      );
    }
  });
});
