// Runs scenario files one after the other. Small runs happen here; a long one goes to a worker thread, so that the terminal stays
// answerable: progress after a second, and Ctrl-C ends with what is finished.
import type { Io } from './io.ts';
import type { Outcome } from './outcome.ts';
import type { PredictOptions } from './predict.ts';
import { load, predict, requestsAhead } from './predict.ts';
import { Progress } from './progress.ts';

/** About a second of simulation. */
const LONG_REQUESTS = 20_000;

export interface Simulation {
  outcomes: Outcome[];
  isInterrupted: boolean;
}

export async function simulateFiles(
  files: readonly string[],
  options: PredictOptions,
  io: Io,
  hooks: {
    isWanted?(outcome: { file: string; name: string }): boolean;
    onOutcome(outcome: Outcome): void;
    /** Asked after each outcome: the other files are then left out. */
    isEnough?(): boolean;
  },
): Promise<Simulation> {
  const outcomes: Outcome[] = [];
  for (const [index, file] of files.entries()) {
    const loaded = load(file, options);
    const name = loaded.base?.name ?? file;
    if (hooks.isWanted && !hooks.isWanted({ file, name })) continue;
    const progress = new Progress(io, files.length > 1 ? `${index + 1} of ${files.length} ${name}` : name);
    const outcome =
      requestsAhead(loaded, options) < LONG_REQUESTS
        ? predict(loaded, file, options)
        : await predictInWorker(file, options, progress);
    progress.end();
    if (outcome === null) return { outcomes, isInterrupted: true };
    outcomes.push(outcome);
    hooks.onOutcome(outcome);
    if (outcome.isInterrupted) return { outcomes, isInterrupted: true };
    if (hooks.isEnough?.()) break;
  }
  return { outcomes, isInterrupted: false };
}

/** From sources (tests, development) a thread must be told how to read TypeScript. */
const isSource = (url: string) => url.endsWith('.ts');
const SOURCE_WORKER = `import('tsx/esm/api').then(({ register }) => { register(); import(${JSON.stringify(new URL('./worker.ts', import.meta.url).href)}); });`;

/** How long an interrupted run may take to end its replication and read its numbers [ms]; a second Ctrl-C does not wait. */
const PATIENCE_MS = 10_000;

/** null = interrupted before the first run was finished. */
async function predictInWorker(
  file: string,
  options: PredictOptions,
  progress: Progress,
): Promise<Outcome | null> {
  const { Worker } = await import('node:worker_threads');
  const flag = new SharedArrayBuffer(4);
  const worker = isSource(import.meta.url)
    ? new Worker(SOURCE_WORKER, { eval: true, workerData: { file, options, flag } })
    : new Worker(new URL('./worker.js', import.meta.url), { workerData: { file, options, flag } });
  return await new Promise<Outcome | null>((resolve, reject) => {
    const finish = (outcome: Outcome | null) => {
      process.off('SIGINT', interrupt);
      resolve(outcome);
      void worker.terminate();
    };
    const interrupt = () => {
      if (Atomics.exchange(new Int32Array(flag), 0, 1) === 1) finish(null);
      else setTimeout(() => finish(null), PATIENCE_MS).unref();
    };
    process.on('SIGINT', interrupt);
    worker.on('message', (message: { done: number; total: number } | { outcome: Outcome }) => {
      if ('outcome' in message) finish(message.outcome);
      else progress.tell(message.done, message.total);
    });
    worker.on('error', (error) => {
      process.off('SIGINT', interrupt);
      reject(error);
    });
    worker.on('exit', () => finish(null));
  });
}
