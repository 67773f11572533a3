// What was guessed, as the text of a scenario file: with comments that say where each part comes from and what to try next.
import type { Calls } from './guess-calls.ts';
import type { EntryGuess } from './guess-entry.ts';
import type { GuessedPlace } from './guess-places.ts';

export interface ScenarioParts {
  name: string;
  /** Comment lines at the top. */
  head: string[];
  istioVersion: string;
  /** Comment. */
  istioWhy: string;
  sets: { cluster: string | null; paths: string[]; why?: string }[];
  places: ReadonlyMap<string, GuessedPlace>;
  entry: EntryGuess;
  /** Cluster in which gateways stand that the manifests lack. */
  gatewayCluster: string;
  isBookinfo: boolean;
  calls: Calls;
  /** Namespaces of each workload's name: a name that is in several needs its namespace. */
  workloads: { name: string; namespace: string; isCalled: boolean }[];
  /** Of the trial run; comments where it says nothing. */
  expect: string[];
}

/** A scalar for YAML's flow style. */
export function word(text: string): string {
  const isPlain = /^[A-Za-z_./][\w./@-]*$/.test(text) && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

const flow = (entries: Record<string, string>): string =>
  `{ ${Object.entries(entries)
    .map(([key, value]) => `${word(key)}: ${word(value)}`)
    .join(', ')} }`;

const MOST_BEHAVIOURS = 60;

export function scenarioText(parts: ScenarioParts): string {
  return [
    '# yaml-language-server: $schema=./.foresail/scenario.schema.json',
    ...parts.head.map((line) => `# ${line}`),
    'version: 1',
    `name: ${word(parts.name)}`,
    `istioVersion: ${JSON.stringify(parts.istioVersion)}${comment(parts.istioWhy)}`,
    'seed: 1',
    'manifests:',
    ...parts.sets.flatMap(setLines),
    ...topologyLines(parts),
    ...behaviorLines(parts),
    ...loadLines(parts),
    ...expectLines(parts),
    '# faults:                       # what happens meanwhile; foresail dash shows it second by second',
    `#   - { at: 5s, crash: { workload: ${parts.workloads[0]?.name ?? 'NAME'} } }`,
    '# variants: [{ name: two-workers, set: { topology: { proxies: { default: { concurrency: 2 } } } } }]',
    '',
  ].join('\n');
}

const comment = (text: string | undefined): string => (text ? `   # ${text}` : '');

function setLines({ cluster, paths, why }: ScenarioParts['sets'][number]): string[] {
  const owner = cluster === null ? 'mesh: true' : `cluster: ${word(cluster)}`;
  const list = paths.map(word).join(', ');
  if (list.length < 70) return [`  - { ${owner}, paths: [${list}] }${comment(why)}`];
  return [`  - ${owner}${comment(why)}`, '    paths:', ...paths.map((path) => `      - ${word(path)}`)];
}

function topologyLines({ places, entry, gatewayCluster, sets }: ScenarioParts): string[] {
  const clusters = sets.flatMap(({ cluster }) => cluster ?? []);
  const lines = ['topology:', '  clusters:'];
  for (const id of new Set(clusters)) {
    const place = places.get(id) ?? {};
    const nodes = (place.nodes ?? []).map(
      ({ zone, count, labels }) =>
        `{ zone: ${word(zone)}, count: ${count}${labels ? `, labels: ${flow(labels)}` : ''} }`,
    );
    const fields = [
      ...(place.region === undefined ? [] : [`region: ${word(place.region)}`]),
      ...(nodes.length === 0 ? [] : [`nodes: [${nodes.join(', ')}]`]),
    ];
    lines.push(
      `    ${word(id)}: ${fields.length > 0 ? `{ ${fields.join(', ')} }` : '{}'}${comment(place.why)}`,
    );
  }
  const missing = entry.gateways.filter(({ isMissing }) => isMissing);
  if (missing.length > 0) lines.push('  gateways:                     # no manifest has their pods');
  for (const { name, labels, namespace } of missing)
    lines.push(
      `    ${word(name)}: { cluster: ${word(gatewayCluster)}, namespace: ${word(namespace)}, labels: ${flow(labels)} }`,
    );
  if (new Set(clusters).size > 1) {
    const [a, b] = [...new Set(clusters)];
    lines.push(`  links: [{ between: [${word(a!)}, ${word(b!)}], rtt: 30ms }]   # an assumption`);
  }
  return lines;
}

function behaviorLines({ isBookinfo, calls, workloads }: ScenarioParts): string[] {
  if (isBookinfo)
    return ['behavior: { preset: bookinfo }     # who calls whom, and latencies that are assumed'];
  const acting = workloads.filter(
    ({ name, namespace, isCalled }) => isCalled || calls.has(`${namespace}/${name}`),
  );
  if (acting.length === 0) return ['# behavior: { web-v1: { latency: 5ms, script: [{ call: api }] } }'];
  const lines = [
    'behavior:                         # calls are guessed from environment and arguments; latencies are assumed',
  ];
  for (const { name, namespace } of acting.slice(0, MOST_BEHAVIOURS)) {
    const isSame = acting.filter((other) => other.name === name).length > 1;
    const script = (calls.get(`${namespace}/${name}`) ?? []).map(({ call }) => `{ call: ${word(call)} }`);
    lines.push(
      `  ${word(isSame ? `${namespace}/${name}` : name)}: { latency: 5ms${script.length > 0 ? `, script: [${script.join(', ')}]` : ''} }`,
    );
  }
  if (acting.length > MOST_BEHAVIOURS)
    lines.push(`  # and ${acting.length - MOST_BEHAVIOURS} more, which answer in 5ms`);
  return lines;
}

function loadLines({ entry }: ScenarioParts): string[] {
  const lines = ['load:'];
  for (const { name, from, request, why } of entry.loads) {
    const source =
      'gateway' in from
        ? `{ gateway: ${word(from.gateway)} }`
        : `{ workload: ${word(from.workload)}${from.namespace ? `, namespace: ${word(from.namespace)}` : ''} }`;
    lines.push(
      `  - name: ${word(name)}${comment(why)}`,
      `    from: ${source}`,
      `    request: ${/^[\w :/.@-]+$/.test(request) ? request : JSON.stringify(request)}`,
      '    executor: iterations          # or constant-rate with rate: 100/s and duration: 1m',
      '    iterations: 100',
      '    pace: 100ms',
    );
  }
  return lines;
}

function expectLines({ expect }: ScenarioParts): string[] {
  return expect.length > 0
    ? [
        'expect:                           # as the first run had it; change it to what must hold',
        ...expect.map((line) => `  - ${line}`),
      ]
    : ['# expect:', '#   - { errorRate: 0 }'];
}
