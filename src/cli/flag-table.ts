// The flags that every simulating command takes, as a table: for parsing, help and completion. Knows no library: --help must be quick.

export interface Flag {
  flags: string;
  summary: string;
  /** May be given several times. */
  isList?: boolean;
  /** @throws FlagError */
  parse?: (text: string) => unknown;
}

/** What is wrong with a flag's value, in a sentence. */
export class FlagError extends Error {}

export const SHARED_FLAGS: readonly Flag[] = [
  { flags: '--seed <seed>', summary: 'seed of all random streams', parse: parseSeed },
  {
    flags: '--runs <count>',
    summary: 'replications; the report then says how certain it is',
    parse: wholeAbove0,
  },
  { flags: '--istio <version>', summary: "rules of this Istio version instead of the scenario's" },
  {
    flags: '--set <path=value>',
    summary: 'change one value of the scenario',
    isList: true,
    parse: assignment,
  },
  {
    flags: '-f, --manifests <file>',
    summary: 'manifests that the scenario calls -, or more for its only cluster; - is standard input',
  },
  {
    flags: '--reporter <list>',
    summary: 'name[=FILE],...: pretty, lines, json, record, junit, tap, github, sarif, html, markdown, csv',
  },
  { flags: '--json', summary: 'the result as JSON (the same as --reporter json)' },
  {
    flags: '-o, --out <file>',
    summary:
      'also save the result: .json (for report, dash, explain), .html, .md, .csv, .xml (JUnit), .tap, .sarif',
    isList: true,
  },
  { flags: '--strict', summary: 'findings of severity error, and what is not simulated, fail (exit 3)' },
  { flags: '--only <name>', summary: 'only scenarios of this name', isList: true },
  { flags: '--variant <name>', summary: 'only this variant' },
  { flags: '--per-run', summary: 'with --runs: every count of every run in the JSON' },
  { flags: '--check-determinism', summary: 'run twice and compare' },
  { flags: '-q, --quiet', summary: 'the verdict and what failed' },
  { flags: '-v, --verbose', summary: 'everything' },
  { flags: '--no-color', summary: 'no colours (also NO_COLOR=1)' },
];

/** Flags whose value is the next argument: needed to find the command's name among the arguments. */
export function takesNextArgument(argument: string): boolean {
  return SHARED_FLAGS.some(
    ({ flags }) => flags.includes('<') && flags.replace(/ <.*/, '').split(', ').includes(argument),
  );
}

export function parseSeed(text: string): string | number {
  if (text === '') throw new FlagError('A seed is a number or a word.');
  return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

function wholeAbove0(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1_000_000)
    throw new FlagError('A whole number from 1 to 1000000 is needed.');
  return value;
}

function assignment(text: string): string {
  if (!/^[^=]+=/.test(text)) throw new FlagError('path=value is needed, such as load[0].iterations=100.');
  return text;
}
