import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/scenarios/files.ts';
import { DEFAULT_ISTIO_VERSION, loadScenario } from '../../src/scenarios/load.ts';
import { HEAD, LOAD, load, loadClean, SHOP, told } from './helpers.ts';

describe('the shipped examples', () => {
  const files = readdirSync('examples', { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^[^/]+\/[^/]+\.yaml$/.test(file),
  );
  it.each(files)('%s loads without a word', (file) => {
    const { base, variants, diagnostics } = loadScenario(join('examples', file), nodeFiles());
    expect(diagnostics).toEqual([]);
    for (const scenario of [base, ...variants]) {
      if (scenario.envoy) expect(scenario.envoy[0]!.config.clusters.length).toBeGreaterThan(5);
      else expect(scenario.manifests.flatMap((set) => set.objects).length).toBeGreaterThan(5);
      expect(scenario.notSimulated).toEqual([]);
    }
  });

  it('distribute.yaml is what it says, with the base file under it', () => {
    const { base, variants } = loadScenario('examples/two-regions/distribute.yaml', nodeFiles());
    expect(base).toMatchObject({
      name: 'distribute-90-10',
      variant: null,
      istioVersion: '1.24',
      seed: 1,
      runs: 1,
    });
    expect(base.topology.clusters.map(({ id, region }) => [id, region])).toEqual([
      ['ack-hangzhou', 'cn-hangzhou'],
      ['ack-shanghai', 'cn-shanghai'],
    ]);
    expect(JSON.parse(JSON.stringify(base.topology.mesh.meshConfig))).toEqual({
      localityLbSetting: {
        distribute: [{ from: 'cn-hangzhou', to: { 'cn-hangzhou': 90, 'cn-shanghai': 10 } }],
      },
    });
    expect(base.load[0]).toMatchObject({
      name: 'ten-curls',
      from: { gateway: 'istio-ingressgateway' },
      request: { method: 'GET', host: 'bookinfo.local', path: '/productpage' },
      executor: 'iterations',
      iterations: 10,
      paceNs: 1e9,
      connections: 'new',
      grep: 'full.stars',
    });
    expect(base.expect[0]).toMatchObject({
      name: '{ of: reviews, during: ten-curls, requests: { reviews-v1: 9, reviews-v2: 1 }, in: all runs }',
      requests: { 'reviews-v1': { least: 9, most: 9, text: '9' } },
      in: { least: 1, most: 1 },
      origin: { file: 'examples/two-regions/distribute.yaml', line: 18 },
    });
    expect(variants.map((each) => each.variant)).toEqual(['two-workers', 'productpage-in-both-regions']);
    expect(variants[0]!.topology.proxies).toEqual({ default: { concurrency: 2 } });
    expect(base.topology.proxies).toEqual({ default: { concurrency: 1 } });
    expect(variants[0]!.expect).toEqual(base.expect);
    expect(variants[1]!.expect).toHaveLength(2);
    expect(variants[1]!.load.map((each) => each.name)).toEqual(['many-curls']);
    expect(variants[1]!.manifests).toHaveLength(4);
    expect(variants[1]!.manifests[0]!.objects[0]).toBe(base.manifests[0]!.objects[0]);
  });
});

describe('reading', () => {
  it.each([
    ['a byte order mark', `\uFEFF${HEAD}${LOAD}`],
    ['lines of Windows', `${HEAD}${LOAD}`.replaceAll('\n', '\r\n')],
  ])('%s changes nothing', (_, text) => {
    const { base, diagnostics } = load('', { 'main.yaml': text });
    expect(diagnostics).toEqual([]);
    expect(base.load[0]!.iterations).toBe(10);
  });

  it.each([
    ['NUL bytes', new Uint8Array([97, 0]), 'FS1008'],
    ['text that is not UTF-8', new Uint8Array([97, 0xe4, 98]), 'FS1008'],
    ['an enormous file', 'x'.repeat(10_000_001), 'FS1003'],
    ['nothing', '', 'FS1006'],
    ['a list', '- 1\n', 'FS2001'],
    ['two documents', 'version: 1\n---\nversion: 1\n', 'FS2001'],
  ])('%s is one error', (_, content, code) => {
    const { diagnostics, base } = load('', { 'main.yaml': content });
    expect(diagnostics.map((each) => each.code)).toEqual([code]);
    expect(base.load).toEqual([]);
  });

  it('a file that is not there, and a folder, are one error each', () => {
    expect(loadScenario('no-such.yaml', nodeFiles()).diagnostics).toMatchObject([
      { code: 'FS1007', file: 'no-such.yaml', line: 0 },
    ]);
    expect(loadScenario('examples', nodeFiles()).diagnostics).toMatchObject([
      { code: 'FS1007', file: 'examples' },
    ]);
  });

  it('tells all mistakes at once, each once however many variants share it', () => {
    const loaded = load(
      `${LOAD.replace('pace', 'pase')}faults:\n  - { at: soon, refuse: { workload: x } }\nruns: -1\nvariants:\n  - { name: a }\n  - { name: b }\n`,
    );
    expect(loaded.diagnostics.map((each) => each.code).sort()).toEqual(['FS2003', 'FS2004', 'FS2005']);
  });
});

describe('versions', () => {
  it.each([
    ['1.30', '1.30'],
    ['1.24', '1.24'],
    ['"1.24.3"', '1.24.3'],
    ['v1.18.0', 'v1.18.0'],
  ])('istioVersion: %s is %s', (written, read) => {
    expect(loadClean(`istioVersion: ${written}\n`).base.istioVersion).toBe(read);
  });

  it('without one the mesh says, then the default holds', () => {
    expect(loadClean('').base.istioVersion).toBe(DEFAULT_ISTIO_VERSION);
    const mesh = HEAD.replace('topology:', 'topology:\n  mesh: { provider: asm, version: v1.22.6.66 }');
    expect(loadClean(mesh).base.istioVersion).toBe('1.22');
    expect(loadClean(mesh.replace('v1.22.6.66', '1.30')).base.topology.mesh.version).toBe('1.30');
  });

  it('of the options win', () => {
    const { base } = loadClean(
      'istioVersion: "1.20"\nseed: 7\nruns: 5\n',
      {},
      { istioVersion: '1.26', seed: 8, runs: 9 },
    );
    expect(base).toMatchObject({ istioVersion: '1.26', seed: 8, runs: 9 });
    expect(told(load('', {}, { istioVersion: 'two' }))).toEqual([
      'FS2009 --istio two:0 "two" is no Istio version',
    ]);
  });
});

describe('extends', () => {
  const base = `version: 1\nname: base\nmanifests: [{ cluster: here, paths: [../shop.yaml] }]\n${HEAD.slice(HEAD.indexOf('topology:'))}${LOAD}`;

  it('merges mappings, replaces lists, appends with +, and reads paths beside the file that names them', () => {
    const { base: scenario, sources } = loadClean(
      `version: 1\nextends: common/base.yaml\ntopology: { mesh: { exposePilot: true } }\nload+:\n  - { name: more, from: { workload: front-v1 }, request: GET http://reviews/, iterations: 1 }\nmanifests+: [{ mesh: true, paths: [dr.yaml] }]\n`,
      {
        'common/base.yaml': base,
        'dr.yaml':
          'apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: { name: r, namespace: shop }\nspec: { host: reviews }\n',
      },
    );
    expect(scenario.name).toBe('base');
    expect(scenario.load.map((each) => each.name)).toEqual(['curls', 'more']);
    expect(scenario.topology.clusters).toHaveLength(1);
    expect(scenario.topology.mesh.exposePilot).toBe(true);
    expect(scenario.manifests.map((set) => [set.cluster, set.objects.length])).toEqual([
      ['here', 4],
      [null, 1],
    ]);
    expect([...sources.keys()].sort()).toEqual(['common/base.yaml', 'dr.yaml', 'main.yaml', 'shop.yaml']);
  });

  it('points into the file that holds the mistake', () => {
    const loaded = load('version: 1\nextends: common/base.yaml\n', {
      'common/base.yaml': base.replace('pace: 1s', 'pace: 1'),
    });
    expect(told(loaded)).toEqual(['FS2005 common/base.yaml:8 load[0].pace: 1 is a number, not a duration']);
  });

  it('in a circle is an error with the circle', () => {
    const loaded = load('version: 1\nextends: b.yaml\n', { 'b.yaml': 'version: 1\nextends: ./main.yaml\n' });
    expect(told(loaded)).toEqual([
      'FS3001 b.yaml:2 files extend each other in a circle: main.yaml -> b.yaml -> main.yaml',
    ]);
  });

  it('of a missing file points at the name', () => {
    expect(told(load('version: 1\nextends: gone.yaml\n'))).toEqual([
      'FS1007 main.yaml:2 gone.yaml: there is no such file or folder',
    ]);
  });
});

describe('variants', () => {
  const text = `${LOAD}expect: [{ errorRate: 0 }]\nvariants:\n  - name: slow\n    set: { behavior: { reviews-v1: { latency: 1s } }, seed: 5 }\n  - { name: strict, expect: [{ errorRate: ..1% }, { ejections: 0 }] }\n`;

  it('are the base with one thing changed', () => {
    const { base, variants } = loadClean(text);
    expect(variants.map(({ variant, seed, expect: checks }) => [variant, seed, checks.length])).toEqual([
      ['slow', 5, 1],
      ['strict', 1, 2],
    ]);
    expect(base.behavior).toEqual({});
    expect(variants[0]!.behavior['reviews-v1']!.latency).toEqual({ dist: 'fixed', ns: 1e9 });
  });

  it('are chosen by name, and an unknown name gets the nearest', () => {
    expect(loadClean(text, {}, { only: 'strict' }).variants.map((each) => each.variant)).toEqual(['strict']);
    const { diagnostics } = load(text, {}, { only: 'slwo' });
    expect(diagnostics).toMatchObject([{ code: 'FS3015', hint: 'did you mean "slow"?' }]);
  });

  it('cannot hold variants, and two cannot share a name', () => {
    const loaded = load(`variants:\n  - { name: a, set: { variants: [] } }\n  - { name: a }\n`);
    expect(told(loaded)).toEqual([
      'FS2007 main.yaml:8 a variant cannot set variants',
      'FS3014 main.yaml:9 two variants are named "a"',
    ]);
  });
});

describe('--set', () => {
  it.each([
    ['load[0].iterations=1000', (s: Loaded) => s.base.load[0]!.iterations, 1000],
    ['load[curls].pace=2s', (s: Loaded) => s.base.load[0]!.paceNs, 2e9],
    [
      'topology.proxies.default.concurrency=4',
      (s: Loaded) => s.base.topology.proxies['default'],
      { concurrency: 4 },
    ],
    ['istioVersion=1.30', (s: Loaded) => s.base.istioVersion, '1.30'],
    [
      'behavior={ reviews-v1: { latency: 7ms } }',
      (s: Loaded) => s.base.behavior['reviews-v1']!.latency,
      { dist: 'fixed', ns: 7e6 },
    ],
    ['load[0].request=GET http://reviews/a=b', (s: Loaded) => s.base.load[0]!.request.path, '/a=b'],
  ])('%s replaces the value', (setting, read, value) => {
    expect(read(loadClean(LOAD, {}, { set: [setting] }))).toEqual(value);
  });

  it('holds for the variants too', () => {
    const text = `${LOAD}variants: [{ name: many, set: { seed: 3 } }]\n`;
    const { variants } = loadClean(text, {}, { set: ['load[0].iterations=7'] });
    expect(variants[0]!.load[0]!.iterations).toBe(7);
  });

  it.each([
    ['load', 'this is not path=value'],
    ['=3', 'this is not path=value'],
    ['load[5].pace=1s', 'there is no item 5: the list has 1'],
    ['load[curl].pace=1s', 'there is no item [curl]: the list has 1'],
    ['seed.x=1', 'x: there is no mapping at this place'],
    ['runs[0]=1', '[0]: there is no list at this place'],
    ['seed=[1', '"[1" is not one YAML value'],
  ])('%s is refused in words', (setting, message) => {
    const { diagnostics } = load(`${LOAD}runs: 2\nseed: 2\n`, {}, { set: [setting] });
    expect(diagnostics).toMatchObject([{ code: 'FS2030', message, file: `--set ${setting}` }]);
  });

  it('is named as the place of a mistake in its value', () => {
    expect(told(load(LOAD, {}, { set: ['load[0].pace=5'] }))).toEqual([
      'FS2005 --set load[0].pace=5:0 load[0].pace: 5 is a number, not a duration',
    ]);
  });
});

describe('standard input', () => {
  it('belongs to the only cluster, or to where - is written', () => {
    const only = HEAD.replace('manifests:\n  - { cluster: here, paths: [shop.yaml] }\n', '');
    const options = { manifestsFromStdin: SHOP };
    expect(loadClean(only + LOAD, {}, options).base.manifests).toMatchObject([
      { cluster: 'here', objects: { length: 4 } },
    ]);
    const named = HEAD.replace('[shop.yaml]', '["-"]');
    expect(loadClean(named + LOAD, {}, options).base.manifests).toMatchObject([
      { cluster: 'here', objects: { length: 4 } },
    ]);
    expect(told(load(named))).toEqual(['FS1007 main.yaml:3 nothing comes from standard input']);
  });
});

type Loaded = ReturnType<typeof load>;
