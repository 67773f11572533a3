// `forall` names kinds of faults; here each becomes a family: what it can be aimed at, simplest first, and its parameters. The order of the
// families is the order of simplicity too: one process before a whole zone.
import type { Domain } from './domain.ts';
import { durationText, listDomain } from './domain.ts';
import type { Facts } from './facts.ts';
import type { Forall } from './schema.ts';

/** One kind of fault. A fault of it is a shape and a position in each parameter. */
export interface Family {
  kind: string;
  shapes: readonly Shape[];
  parameters: readonly Parameter[];
}

export interface Shape {
  /** The fault as the file writes it, without `at`: { refuse: { workload: reviews-v1 } }. */
  body: Record<string, unknown>;
  words: string;
}

export interface Parameter {
  name: string;
  domain: Domain;
  /** How it is written into the fault, beside the target. */
  words(value: unknown): string;
}

const PROCESS_WORDS: Record<string, string> = {
  refuse: 'refuses connections',
  crash: 'crashes',
  reset: 'resets every request',
  hang: 'hangs',
  blackhole: 'drops every packet',
  slow: 'gets slower',
  respond: 'answers errors',
  restartProxy: 'restarts its proxy',
  rollout: 'is rolled out anew',
  scale: 'is scaled',
};
const PROCESS_KINDS = [
  'refuse',
  'crash',
  'reset',
  'hang',
  'slow',
  'respond',
  'blackhole',
  'restartProxy',
  'scale',
  'rollout',
] as const;

const percentage = (domain: Domain<number>): Parameter => ({
  name: 'percentage',
  domain,
  words: (value) => (value === 100 ? '' : `for ${value} % of requests`),
});

/** In order of simplicity; kinds without anything to aim at are left out. */
export function familiesOf(forall: Forall, facts: Facts): Family[] {
  const families: Family[] = [];
  for (const kind of PROCESS_KINDS) {
    const written = forall[kind];
    if (!written) continue;
    families.push({
      kind,
      shapes: shapesOf(kind, written.of, facts),
      parameters: parametersOf(kind, written),
    });
  }
  if (forall.istiodDown)
    families.push({
      kind: 'istiodDown',
      shapes: [{ body: { istiodDown: true }, words: 'istiod is down' }],
      parameters: [],
    });
  if (forall.apply)
    families.push({
      kind: 'apply',
      shapes: forall.apply.map((path) => ({ body: { apply: [path] }, words: `${path} is applied` })),
      parameters: [],
    });
  if (forall.partition) {
    const pairs =
      forall.partition === 'any'
        ? [...pairsOf(facts.zones), ...pairsOf(facts.regions), ...pairsOf(facts.clusters)]
        : forall.partition;
    families.push({
      kind: 'partition',
      shapes: pairs.map(([a, b]) => ({
        body: { partition: { between: [a, b] } },
        words: `nothing passes between ${a} and ${b}`,
      })),
      parameters: [],
    });
  }
  for (const [kind, word, known] of [
    ['zoneDown', 'zone', facts.zones],
    ['regionDown', 'region', facts.regions],
    ['clusterDown', 'cluster', facts.clusters],
  ] as const) {
    const written = forall[kind];
    if (written === undefined) continue;
    families.push({
      kind,
      shapes: named(written, known).map((name) => ({
        body: { [kind]: name },
        words: `${word} ${name} goes down`,
      })),
      parameters: [],
    });
  }
  return families.filter((family) => family.shapes.length > 0);
}

const named = (written: string | string[], known: readonly string[]): readonly string[] =>
  written === 'any' ? known : typeof written === 'string' ? [written] : written;

function pairsOf(names: readonly string[]): [string, string][] {
  return names.flatMap((a, i) => names.slice(i + 1).map((b): [string, string] => [a, b]));
}

/** Any: every pod alone, then whole workloads that have more than one. */
function shapesOf(kind: (typeof PROCESS_KINDS)[number], of: string | string[], facts: Facts): Shape[] {
  const wholeOnly = kind === 'scale' || kind === 'rollout';
  const shape = (what: 'pod' | 'workload', name: string): Shape => ({
    body: { [kind]: { [what]: name } },
    words: `${what === 'workload' && (sizeOf(name, facts) ?? 1) > 1 ? `all of ${name}` : name} ${PROCESS_WORDS[kind]}`,
  });
  const names = named(
    of,
    facts.workloads.map(({ name }) => name),
  );
  const pods: Shape[] = [];
  const whole: Shape[] = [];
  for (const name of names) {
    const size = sizeOf(name, facts);
    if (size === undefined) {
      // A pod by its name, or a name that checking against the scenario will refuse.
      if (!wholeOnly) pods.push(shape('pod', name));
      continue;
    }
    whole.push(shape('workload', name));
    if (wholeOnly || size === 1) continue;
    // Replicas that start alike differ only in their place; a few tell what one of them does.
    for (let i = 0; i < Math.min(size, 4); i++) pods.push(shape('pod', `${name}[${i}]`));
  }
  return [
    ...whole.filter(({ words }) => !words.startsWith('all of ')),
    ...pods,
    ...whole.filter(({ words }) => words.startsWith('all of ')),
  ];
}

const sizeOf = (name: string, facts: Facts) => facts.workloads.find((each) => each.name === name)?.replicas;

function parametersOf(kind: string, written: object): Parameter[] {
  const given = written as {
    percentage?: Domain<number>;
    status?: Domain<number>;
    by?: Domain<number>;
    replicas?: Domain<number>;
  };
  const parameters: Parameter[] = [];
  if (kind === 'respond')
    parameters.push({
      name: 'status',
      domain: given.status ?? listDomain([503]),
      words: (value) => `status ${value}`,
    });
  if (kind === 'slow') {
    const by = given.by ?? listDomain([100e6, 500e6, 1e9, 5e9, 30e9]);
    parameters.push({
      name: 'by',
      domain: { count: by.count, at: (position) => durationText(by.at(position)) },
      words: (value) => `by ${value}`,
    });
  }
  if (kind === 'scale')
    parameters.push({
      name: 'replicas',
      domain: given.replicas ?? listDomain([0]),
      words: (value) => `to ${value}`,
    });
  if (given.percentage) parameters.push(percentage(given.percentage));
  return parameters;
}
