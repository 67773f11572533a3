// From config dumps to a scenario that runs: cuts the dumps down to what is read, chooses what to ask, writes, and tries what it wrote.
import type { Diagnostic } from '../diagnostics.ts';
import { dumpHint } from '../envoy-dump/dump-shape.ts';
import { arrayOf, recordOf, recordsOf, textOf } from '../envoy-dump/json.ts';
import { onlyWhatIsRead } from '../envoy-dump/only-read.ts';
import { DumpProxies, type DumpProxy } from '../envoy-dump/proxies.ts';
import type { EnvoyDump } from '../envoy-dump/read-dump.ts';
import { memoryFiles } from '../files-memory.ts';
import { isService } from '../outcome/selection.ts';
import type { ScenarioResult } from '../result.ts';
import type { DumpPair, InputProblem } from './dump-inputs.ts';
import { type DumpRequest, requestsOf } from './dump-requests.ts';
import { fileName } from './kubectl-export.ts';
import { word } from './scenario-text.ts';
import { expectationsOf, tryOut } from './start-scenario.ts';

export interface StartedFromDumps {
  /** Path below the target folder -> text. */
  files: Map<string, string>;
  text: string;
  proxies: readonly DumpProxy[];
  /** Keys, certificates and tokens that were in the dumps; none of them is in the files. */
  secrets: number;
  /** What the dumps do not tell. */
  notes: string[];
  diagnostics: Diagnostic[];
  result: ScenarioResult | null;
}

export interface DumpStartOptions {
  /** What to ask, in place of what is chosen: "GET http://reviews:9080/". */
  request?: string;
  name: string;
}

export function startFromDumps(
  pairs: readonly DumpPair[],
  options: DumpStartOptions,
): StartedFromDumps | { problems: InputProblem[] } {
  const problems: InputProblem[] = [];
  const dumps: EnvoyDump[] = [];
  const kept: { configDump: unknown; clusters?: unknown }[] = [];
  for (const { source, configDump, clusters } of pairs) {
    const less = onlyWhatIsRead(configDump, clusters);
    if ('problem' in less) problems.push({ source, message: less.problem, hint: dumpHint(configDump) });
    else {
      dumps.push(less.dump);
      kept.push(less);
    }
  }
  const proxies = new DumpProxies(dumps).all;
  for (const [i, { name }] of proxies.entries()) {
    const first = proxies.findIndex((other) => other.name === name);
    if (first < i && problems.length === 0)
      problems.push({
        source: pairs[i]!.source,
        message: `it is of the proxy ${name}, as ${pairs[first]!.source} is`,
        hint: 'take one of them out; variants of a scenario can compare two',
      });
  }
  if (problems.length > 0) return { problems };
  const files = new Map<string, string>();
  const entries = proxies.map((proxy, i) => {
    const path = freeName([...files.keys()], `envoy/${fileName(shortName(proxy, proxies))}`, '.json');
    const { configDump, clusters } = kept[i]!;
    files.set(`${path}.json`, jsonText(configDump));
    if (clusters !== undefined) files.set(`${path}.clusters.json`, jsonText(clusters));
    return `  - { configDump: ${word(`${path}.json`)}${clusters === undefined ? '' : `, clusters: ${word(`${path}.clusters.json`)}`} }`;
  });
  const asked = options.request === undefined ? chosen(proxies) : given(options.request, proxies);
  if ('problem' in asked) return { problems: [{ source: pairs[0]!.source, ...asked.problem }] };
  const texts = (expect: readonly string[]) => scenarioText(options.name, entries, proxies, asked, expect);
  const trial = tryOut(memoryFiles(Object.fromEntries(files)), 'foresail.yaml', texts([]));
  return {
    files,
    text: texts(trial.result ? expectationsOf(trial.result) : []),
    proxies,
    secrets: pairs.reduce((sum, { configDump }) => sum + secretsIn(configDump), 0),
    notes: [...new Set(dumps.flatMap(({ assumptions }) => assumptions))],
    diagnostics: trial.diagnostics.filter(({ severity }) => severity === 'error'),
    result: trial.result,
  };
}

/** The workload, which the next dump of the same has too, where no other proxy is of it. */
const shortName = ({ name, workload }: DumpProxy, proxies: readonly DumpProxy[]): string =>
  proxies.filter((proxy) => proxy.workload === workload).length === 1 ? workload : name;

function freeName(taken: readonly string[], wanted: string, ending = ''): string {
  let name = wanted;
  for (let n = 2; taken.includes(name + ending); n++) name = `${wanted}-${n}`;
  return name;
}

const jsonText = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`;

interface Asked {
  loads: DumpRequest[];
  /** What else there is, for a comment. */
  others: DumpRequest[];
}

const MOST_OTHERS = 8;

/** Where a gateway is among them requests enter there; else each proxy is asked. */
function chosen(proxies: readonly DumpProxy[]): Asked | { problem: Pick<InputProblem, 'message' | 'hint'> } {
  const gateways = proxies.filter(({ isGateway }) => isGateway);
  const all = (gateways.length > 0 ? gateways : proxies).map(requestsOf);
  // One for each: loads that run at once would meet at the proxy's workers.
  const loads = all.flatMap((requests) => requests.slice(0, 1));
  if (loads.length === 0)
    return {
      problem: {
        message: 'no listener leads to a cluster that has endpoints',
        hint: 'take the dump with ?include_eds, or add what /clusters?format=json says; --request "GET http://host:port/" asks all the same',
      },
    };
  const others = all.flat().filter((request) => !loads.includes(request) && request.score > 0);
  return { loads, others: others.slice(0, MOST_OTHERS) };
}

/** The user's own request, at the first proxy that has its host. */
function given(request: string, proxies: readonly DumpProxy[]): Asked {
  const host = /^(?:[A-Za-z]+\s+)?(?:https?:\/\/)?([^/\s]+)/.exec(request.trim())?.[1] ?? '';
  const fitting = proxies.flatMap(requestsOf).find(({ request: known }) => known.includes(`//${host}/`));
  const proxy = fitting?.proxy ?? proxies[0]!.name;
  const load: DumpRequest = {
    proxy,
    ...(fitting?.port !== undefined && { port: fitting.port }),
    request,
    service: fitting?.service ?? 'requests',
    why: '',
    score: 0,
  };
  return { loads: [load], others: [] };
}

function scenarioText(
  name: string,
  entries: readonly string[],
  proxies: readonly DumpProxy[],
  { loads, others }: Asked,
  expect: readonly string[],
): string {
  const names: string[] = [];
  const host = hostBehind(loads[0]!, proxies);
  return [
    '# yaml-language-server: $schema=./.foresail/scenario.schema.json',
    '# Written by foresail import from what Envoys say of themselves; everything in it is yours to change.',
    '# foresail run            where the requests go          foresail explain        why',
    '# foresail run --runs 200 how certain that is            foresail dash           second by second',
    'version: 1',
    `name: ${word(name)}`,
    'seed: 1',
    'envoy:                            # only what the simulation reads: no keys, certificates, headers, environments',
    ...entries,
    ...behaviorLines(proxies, host),
    'load:',
    ...loads.flatMap((load) => {
      const free = freeName(names, load.service);
      names.push(free);
      const { port, request, why } = load;
      const proxy = shortName(proxies.find(({ name }) => name === load.proxy)!, proxies);
      return [
        `  - name: ${word(free)}${why ? `   # ${why}` : ''}`,
        `    from: { proxy: ${word(proxy)}${port === undefined ? '' : `, port: ${port}`} }`,
        `    request: ${/^[\w :/.@?=&-]+$/.test(request) ? request : JSON.stringify(request)}`,
        '    executor: iterations          # or constant-rate with rate: 100/s and duration: 1m',
        '    iterations: 100',
        '    pace: 100ms',
      ];
    }),
    ...(others.length > 0
      ? [
          '  # other requests that lead somewhere:',
          ...others.map(({ request, why }) => `  #   ${request}   ${why}`),
        ]
      : []),
    ...(expect.length > 0
      ? [
          'expect:                           # as the first run had it; change it to what must hold',
          ...expect.map((line) => `  - ${line}`),
        ]
      : ['# expect:', '#   - { errorRate: 0 }']),
    '# faults:                         # what happens meanwhile; foresail dash shows it second by second',
    `#   - { at: 5s, scale: { deployment: ${word(host)}, replicas: 0 } }`,
    '# variants: [{ name: after, set: { envoy: [{ configDump: envoy/after.json }] } }]     # the dump of another day',
    '',
  ].join('\n');
}

/** Calls between dumped proxies are the applications' doing; only of Bookinfo they are known. */
function behaviorLines(proxies: readonly DumpProxy[], host: string): string[] {
  const known = new Set(proxies.flatMap(({ dump }) => Object.values(dump.workloads).map(([name]) => name)));
  const isBookinfo = known.has('productpage-v1') && (known.has('reviews-v1') || known.has('details-v1'));
  if (isBookinfo && proxies.some(({ isGateway }) => !isGateway) && proxies.length > 1)
    return ['behavior: { preset: bookinfo }     # who calls whom, and latencies that are assumed'];
  return [
    `# behavior: { ${word(host)}: { latency: 20ms, errorRate: 1% } }   # until then every host answers 200 after 5ms`,
  ];
}

/** Workload, or address where nobody says it, of the first endpoint that a load may reach. */
function hostBehind({ proxy: name, service }: DumpRequest, proxies: readonly DumpProxy[]): string {
  const { config, workloads } = (proxies.find((proxy) => proxy.name === name) ?? proxies[0]!).dump;
  const addresses = config.endpoints
    .filter(({ clusterName }) => isService(clusterName.split('|')[3] ?? clusterName, service))
    .flatMap(({ endpoints }) => endpoints.flatMap(({ lbEndpoints }) => lbEndpoints))
    .map(({ endpoint }) => `${endpoint.address}:${endpoint.port}`);
  return addresses.map((address) => workloads[address]?.[0]).find(Boolean) ?? addresses[0] ?? 'NAME';
}

/** Secrets of SDS, and certificates or tokens that stand in the configuration itself. */
function secretsIn(value: unknown, depth = 0): number {
  if (depth > 100 || typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + secretsIn(entry, depth + 1), 0);
  const fields = recordOf(value);
  if (/SecretsConfigDump$/.test(textOf(fields['@type'])))
    return Object.values(fields).reduce<number>((sum, list) => sum + recordsOf(arrayOf(list)).length, 0);
  let count = 0;
  for (const [key, entry] of Object.entries(fields))
    count += SECRET.test(key) && entry !== null && entry !== '' ? 1 : secretsIn(entry, depth + 1);
  return count;
}

const SECRET =
  /^(private_?key|password|token_?secret|hmac_?secret|inline_?jwks|jwks_?inline|client_?secret|session_?ticket_?keys)$/i;
