import { describe, expect, it } from 'vitest';
import { DumpProxies } from '../../../src/scenarios/envoy-dump/proxies.ts';
import { readEnvoyDump } from '../../../src/scenarios/envoy-dump/read-dump.ts';
import { memoryFiles } from '../../../src/scenarios/files-memory.ts';
import { sortInputs } from '../../../src/scenarios/import/dump-inputs.ts';
import { requestsOf } from '../../../src/scenarios/import/dump-requests.ts';
import { startFromDumps } from '../../../src/scenarios/import/start-from-dumps.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { clustersOf, dumpOf, examplePlan, istioDump, PRIVATE_KEY, TOKEN } from '../envoy-dump/dumps.ts';

const plan = examplePlan();
const DUMPS = Object.fromEntries(
  ['istio-ingressgateway', 'productpage-v1', 'reviews-v2'].map((name) => [name, istioDump(plan, name)]),
);
const web = DUMPS['productpage-v1'];
const inputs = (...texts: [string, unknown][]) =>
  sortInputs(
    texts.map(([source, text]) => ({ source, text: typeof text === 'string' ? text : JSON.stringify(text) })),
  );

describe('what import is given', () => {
  it('is told apart by its shape', () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' } }],
    };
    const { dumps, others, problems } = inputs(
      ['dump', web],
      ['kubectl', list],
      [
        'yaml',
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { configs: "x", static_resources: "y" }\n',
      ],
      [
        'envoyfilter',
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'List',
          items: [{ spec: { '@type': 'type.googleapis.com/envoy.x' } }],
        }),
      ],
    );
    expect(problems).toEqual([]);
    expect(dumps.map(({ source }) => source)).toEqual(['dump']);
    expect(others.map(({ source }) => source)).toEqual(['kubectl', 'yaml', 'envoyfilter']);
  });

  it('may be several dumps in one text, YAML, or a dump by namespace and pod', () => {
    const all = Object.values(DUMPS)
      .map((dump) => JSON.stringify(dump, null, 2))
      .join('\n');
    expect(inputs(['-', all]).dumps).toHaveLength(3);
    expect(inputs(['-', { envoyGateway: { default: { pod: web } } }]).dumps).toEqual([
      { source: '-', configDump: web },
    ]);
    const yaml = `configs:\n${web.configs.map((config: unknown) => `- ${JSON.stringify(config)}\n`).join('')}`;
    expect(readEnvoyDump(inputs(['-', yaml]).dumps[0]!.configDump)).toEqual(readEnvoyDump(web));
  });

  it('joins /clusters to the only dump, or to the one of its name', () => {
    const clusters = clustersOf(web);
    expect(inputs(['x', clusters], ['dump', web]).dumps[0]!.clusters).toEqual(clusters);
    const named = inputs(
      ['a/web.clusters.json', clusters],
      ['a/web.config_dump.json', web],
      ['gateway.json', DUMPS['istio-ingressgateway']],
    );
    expect(named.problems).toEqual([]);
    expect(named.dumps.map(({ clusters: found }) => found !== undefined)).toEqual([true, false]);
  });

  it.each([
    [[['a.json', '{"configs": [{"@type": "x"'] as [string, unknown]], 'ends before the { of line 1', 1],
    [[['c.json', clustersOf(web)] as [string, unknown]], 'there is no config dump beside it', undefined],
    [
      [
        ['web.json', web],
        ['gw.json', DUMPS['istio-ingressgateway']],
        ['w.clusters.json', clustersOf(web)],
      ] as [string, unknown][],
      'none of the config dumps is named alike',
      undefined,
    ],
    [
      [['p.json', [{ name: 'x', edsClusterConfig: {} }]] as [string, unknown]],
      'it is no config dump',
      undefined,
    ],
    [[['b.json', { static_resources: {} }] as [string, unknown]], 'it is no config dump', undefined],
  ])('is refused with a hint: %#', (texts, message, line) => {
    const { problems } = inputs(...texts);
    expect(problems).toEqual([
      expect.objectContaining({ message: expect.stringContaining(message), hint: expect.any(String) }),
    ]);
    expect(problems[0]!.line).toBe(line);
  });
});

describe('what can be asked of a dumped proxy', () => {
  const asked = (dump: unknown) => {
    const read = readEnvoyDump(dump);
    if ('problem' in read) throw new Error(read.problem);
    return requestsOf(new DumpProxies([read]).all[0]!);
  };

  it('is one request for each host with endpoints, the most telling first', () => {
    const requests = asked(web);
    expect(requests[0]).toMatchObject({
      request: 'GET http://reviews:9080/',
      service: 'reviews',
      why: '2 endpoints, in 2 localities',
    });
    expect(requests.map(({ service }) => service)).toEqual(
      expect.arrayContaining(['reviews', 'details', 'ratings', 'productpage']),
    );
    expect(requests.at(-1)!.score).toBeLessThan(0);
  });

  it('has a path that a route of the gateway takes', () => {
    expect(asked(DUMPS['istio-ingressgateway'])[0]!.request).toMatch(/^GET http:\/\/[\w.]+\/productpage$/);
  });

  it('names the listener where gateways listen elsewhere than is asked', () => {
    const text = JSON.stringify(DUMPS['istio-ingressgateway']).replaceAll(
      '"port_value":80}',
      '"port_value":8080}',
    );
    expect(asked(JSON.parse(text))[0]).toMatchObject({
      port: 8080,
      request: expect.stringMatching(/^GET http:\/\/\w+\/productpage/),
    });
  });
});

describe('a scenario from dumps', () => {
  function start(pairs: Parameters<typeof startFromDumps>[0], request?: string) {
    const started = startFromDumps(pairs, { name: 'out', ...(request && { request }) });
    if ('problems' in started) throw new Error(JSON.stringify(started.problems));
    return started;
  }

  it('runs as it is written, and holds no secret', () => {
    const started = start([{ source: 'a', configDump: web, clusters: clustersOf(web) }]);
    expect(started.diagnostics).toEqual([]);
    expect(started.secrets).toBeGreaterThan(1);
    expect([...started.files.keys()]).toEqual([
      'envoy/productpage-v1.json',
      'envoy/productpage-v1.clusters.json',
    ]);
    const all = [started.text, ...started.files.values()].join('\n');
    expect(all).not.toContain(PRIVATE_KEY);
    expect(all).not.toContain(TOKEN);
    const loaded = loadScenario(
      'foresail.yaml',
      memoryFiles({ ...Object.fromEntries(started.files), 'foresail.yaml': started.text }),
    );
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.base.istioVersion).toBe('1.24');
    expect(loaded.base.expect.map(({ name }) => name)).toEqual([
      '{ errorRate: 0 }',
      expect.stringContaining('share: { reviews-v1:'),
    ]);
    expect(started.result!.services[0]!.by.workload['reviews-v1']!.mean).toBe(90);
  });

  it('begins at the gateway where one was dumped, and lets Bookinfo call on', () => {
    const started = start(Object.entries(DUMPS).map(([source, configDump]) => ({ source, configDump })));
    expect(started.diagnostics).toEqual([]);
    expect(started.result!.loads.map(({ name, ok }) => [name, ok])).toEqual([['productpage', 100]]);
    expect(started.result!.services.map(({ service }) => service).sort()).toEqual(
      ['details', 'productpage', 'ratings', 'reviews'].map((name) => `${name}.default`),
    );
  });

  it('asks what it is told to ask', () => {
    const started = start([{ source: 'a', configDump: web }], 'GET http://ratings:9080/ratings/0');
    expect(started.result!.services.map(({ service }) => service)).toEqual(['ratings.default']);
    const wrong = start([{ source: 'a', configDump: web }], 'GET http://ratings:9999/');
    expect(wrong.diagnostics.map(({ code }) => code)).toEqual(['FS3017']);
  });

  it('of a plain Envoy speaks of addresses', () => {
    const { config } = plan.world.proxies[0]!;
    const started = start([{ source: 'a', configDump: dumpOf({ ...config, node: { id: 'edge' } }) }]);
    expect([...started.files.keys()]).toEqual(['envoy/edge.json']);
    expect(started.diagnostics).toEqual([]);
    expect(started.text).toMatch(/# behavior: \{ "10\.4\d\.0\.\d+:9080": /);
  });

  it.each([
    [
      'nothing to ask',
      dumpOf({ ...plan.world.proxies[0]!.config, endpoints: [] }),
      'no listener leads to a cluster that has endpoints',
    ],
    [
      'no running Envoy',
      { configs: [{ '@type': 'x.BootstrapConfigDump', bootstrap: {} }] },
      'neither listeners nor clusters',
    ],
  ])('has a reason when there is %s', (_, configDump, words) => {
    const started = startFromDumps([{ source: 'a', configDump }], { name: 'out' });
    expect(started).toEqual({
      problems: [expect.objectContaining({ message: expect.stringContaining(words) })],
    });
  });

  it('does not take two dumps of one proxy, and gives two of one workload two names', () => {
    const twice = startFromDumps(
      [web, web].map((configDump, i) => ({ source: `${i}`, configDump })),
      { name: 'out' },
    );
    expect(twice).toHaveProperty('problems');
    const other = JSON.parse(JSON.stringify(web).replace('~productpage-v1-0.', '~productpage-v1-1.'));
    const both = start([web, other].map((configDump, i) => ({ source: `${i}`, configDump })));
    expect([...both.files.keys()]).toEqual(['envoy/productpage-v1-0.json', 'envoy/productpage-v1-1.json']);
    expect(both.diagnostics).toEqual([]);
  });

  it('never leads out of the folder, whatever a node calls itself', () => {
    const text = JSON.stringify(web)
      .replaceAll('~productpage-v1-0.', '~../../etc/x.')
      .replace('"productpage-v1"', '"../../../x"');
    const started = start([{ source: 'a', configDump: JSON.parse(text) }]);
    for (const path of started.files.keys()) expect(path).toMatch(/^envoy\/[A-Za-z0-9][\w.-]*$/);
    expect(started.diagnostics).toEqual([]);
  });
});
