// `npm run bench:cold [-- --rounds N --only help,run --main dist/cli/main.js --json]`: whole processes from a cold start, user and system time
// of all their threads from start to end; rounds interleaved. `node` is what Node takes to do nothing.
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './harness.ts';

const root = resolve(import.meta.dirname, '..');

export interface ColdCase {
  name: string;
  what: string;
  /** Arguments of node; MAIN stands for the executable. */
  words: string[];
}

export const MAIN = 'MAIN';
const TRANSLATION = ['--import', 'tsx', join(import.meta.dirname, 'cold-translation.ts')];

export const coldCases: readonly ColdCase[] = [
  { name: 'node', what: 'nothing', words: ['-e', '0'] },
  { name: 'help', what: '--help', words: [MAIN, '--help'] },
  {
    name: 'run',
    what: 'foresail run, the small example of two regions',
    words: [MAIN, 'run', 'examples/two-regions/distribute.yaml'],
  },
  {
    name: 'routes',
    what: 'foresail run, 10 M requests of which only the routing counts',
    words: [MAIN, 'run', 'bench/scenarios/routes.yaml'],
  },
  {
    name: 'translation',
    what: 'translation alone: 20 clusters, 1,000 services, 20,000 pods, one namespace',
    words: [...TRANSLATION, '20', '1000', '20000', '1'],
  },
  {
    name: 'translation-10',
    what: 'the same over ten namespaces',
    words: [...TRANSLATION, '20', '1000', '20000', '10'],
  },
];

export interface ColdMeasurement {
  name: string;
  best: number;
  median: number;
}

/** CPU seconds of each case. */
export function measureCold(cases: readonly ColdCase[], main: string, rounds: number): ColdMeasurement[] {
  const seconds = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++)
    for (const { name, words } of cases)
      seconds.get(name)!.push(cpuSeconds(words.map((word) => (word === MAIN ? main : word))));
  return [...seconds].map(([name, all]) => ({ name, best: Math.min(...all), median: median(all) }));
}

/** Of a whole process, or what the process says of itself as {"cpuSeconds": ...}. */
function cpuSeconds(words: readonly string[]): number {
  // bash counts from fork to exit, which no process can do for itself.
  const script = 'TIMEFORMAT="%3U %3S"; time "$@"';
  const args = ['-c', script, 'bash', process.execPath, ...words];
  const { status, stdout, stderr } = spawnSync('bash', args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${words.join(' ')} ended with ${status}: ${stderr}`);
  const own = /^\{"cpuSeconds":([\d.]+)/.exec(stdout);
  if (own) return Number(own[1]);
  const [user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
  return user! + system!;
}

export const coldText = (measurements: readonly ColdMeasurement[]): string =>
  measurements
    .map(({ name, best, median: middle }) => {
      const { what } = coldCases.find((entry) => entry.name === name)!;
      return `${name.padEnd(16)}${best.toFixed(3).padStart(7)} s best ${middle.toFixed(3).padStart(7)} s median  ${what}\n`;
    })
    .join('');

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '9' },
      only: { type: 'string' },
      main: { type: 'string', default: 'dist/cli/main.js' },
      json: { type: 'boolean', default: false },
    },
  });
  const names = values.only?.split(',');
  const cases = coldCases.filter(({ name }) => !names || names.includes(name));
  const measurements = measureCold(cases, resolve(root, values.main), Number(values.rounds));
  process.stdout.write(values.json ? `${JSON.stringify(measurements)}\n` : coldText(measurements));
}
