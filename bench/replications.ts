// `npm run bench:replications [-- --runs K --requests N --jobs J --rounds R --main dist/cli/main.js --json]`: `foresail run` of the failover
// between two regions, where every event is simulated, from a cold start, in wall time, on one thread and on J; rounds interleaved, and the
// bytes of all results compared. Wall time is what threads are for, so this one needs a machine that nobody else uses: `busy` tells how much
// of the processors others had meanwhile.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from './harness.ts';

export interface ReplicationsOptions {
  /** The built executable. */
  main: string;
  runs: number;
  requests: number;
  jobs: number;
  rounds: number;
}

export interface ReplicationsMeasurement {
  runs: number;
  requests: number;
  jobs: number;
  /** Wall seconds, of each round. */
  one: number[];
  many: number[];
  /** CPU seconds, median. */
  cpuOne: number;
  cpuMany: number;
  /** Best against best, and the median of the rounds' own ratios. */
  best: number;
  median: number;
  /** Of the result of every round; one, or something is wrong. */
  checks: string[];
  /** Share of all processors that others had. */
  busy: number;
}

const root = resolve(import.meta.dirname, '..');
const CPU_AT_EXIT = join(import.meta.dirname, 'cpu-at-exit.cjs');

export function measureReplications({
  main,
  runs,
  requests,
  jobs,
  rounds,
}: ReplicationsOptions): ReplicationsMeasurement {
  const checks = new Set<string>();
  const one: Timed[] = [];
  const many: Timed[] = [];
  const before = processorTimes();
  for (let round = 0; round < rounds; round++)
    for (const [count, all] of [
      [1, one],
      [jobs, many],
    ] as const) {
      const words = ['run', 'examples/two-regions/failover.yaml', '--set', 'variants=[]', '--json'];
      words.push('--set', `load[0].iterations=${requests}`, '--runs', String(runs), '--jobs', String(count));
      const { output, ...timed } = call(main, words);
      checks.add(createHash('sha256').update(output).digest('hex').slice(0, 16));
      all.push(timed);
    }
  const after = processorTimes();
  const own = [...one, ...many].reduce((sum, { cpu }) => sum + cpu, 0);
  const walls = (all: readonly Timed[]) => all.map(({ wall }) => wall);
  const cpuOf = (all: readonly Timed[]) => median(all.map(({ cpu }) => cpu));
  return {
    runs,
    requests,
    jobs,
    one: walls(one),
    many: walls(many),
    cpuOne: cpuOf(one),
    cpuMany: cpuOf(many),
    best: Math.min(...walls(one)) / Math.min(...walls(many)),
    median: median(one.map(({ wall }, round) => wall / many[round]!.wall)),
    checks: [...checks],
    busy: Math.max(0, after.busy - before.busy - own) / (after.all - before.all),
  };
}

interface Timed {
  /** [s] */
  wall: number;
  cpu: number;
}

function call(main: string, words: string[]): Timed & { output: string } {
  const start = performance.now();
  const { status, output } = spawnSync(process.execPath, ['--require', CPU_AT_EXIT, main, ...words], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const wall = (performance.now() - start) / 1000;
  // With other numbers of requests the example's own expectations are missed.
  if (status !== 0 && status !== 99) throw new Error(`foresail ended with ${status}: ${output[2]}`);
  return { wall, cpu: Number(output[3]) / 1e6, output: output[1] ?? '' };
}

/** Of all processors together since the machine started [s]. */
function processorTimes(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const sum = Object.values(times).reduce((total, part) => total + part, 0) / 1000;
    all += sum;
    busy += sum - times.idle / 1000;
  }
  return { busy, all };
}

export function replicationsText(measured: ReplicationsMeasurement): string {
  const { runs, requests, jobs, one, many, checks } = measured;
  const row = (name: string, walls: number[], cpu: number) =>
    `${name.padEnd(12)}${Math.min(...walls)
      .toFixed(2)
      .padStart(8)}${median(walls).toFixed(2).padStart(8)}${cpu.toFixed(2).padStart(8)}`;
  return [
    `${runs} replications of ${requests.toLocaleString('en')} requests, ${one.length} rounds`,
    `${'[s]'.padEnd(12)}${'best'.padStart(8)}${'median'.padStart(8)}${'CPU'.padStart(8)}`,
    row('1 thread', one, measured.cpuOne),
    row(`${jobs} threads`, many, measured.cpuMany),
    `${measured.best.toFixed(2)} times as fast (best), ${measured.median.toFixed(2)} (median of the rounds)`,
    checks.length === 1 ? `same bytes: ${checks[0]}` : `DIFFERENT BYTES: ${checks.join(' ')}`,
    `others had ${(measured.busy * 100).toFixed(0)} % of the processors meanwhile`,
    '',
  ].join('\n');
}

async function built<T>(use: (main: string) => T): Promise<T> {
  const folder = mkdtempSync(join(root, 'node_modules/.foresail-bench-'));
  try {
    const { bundle } = await import(join(root, 'scripts/bundle.mjs'));
    await bundle(folder);
    return use(join(folder, 'cli/main.js'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '20' },
      requests: { type: 'string', default: '100000' },
      jobs: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '5' },
      main: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'runs' | 'requests' | 'jobs' | 'rounds') => Number(values[name]);
  const measure = (main: string) =>
    measureReplications({
      main,
      runs: number('runs'),
      requests: number('requests'),
      jobs: number('jobs'),
      rounds: number('rounds'),
    });
  const measured = values.main === undefined ? await built(measure) : measure(resolve(values.main));
  process.stdout.write(values.json ? `${JSON.stringify(measured)}\n` : replicationsText(measured));
  if (measured.checks.length !== 1) process.exitCode = 1;
}
