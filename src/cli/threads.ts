// Threads (piscina) for work units and for replications. A thread that dies is an error of whoever waits for it, never a wait without end.
import type { ResourceLimits } from 'node:worker_threads';
import { NO_REPLICATIONS } from '../scenarios/replication.ts';
import type {
  ReplicationRunner,
  Replications,
  ReplicationUnit,
  WorkRunner,
  WorkSummary,
  WorkUnit,
} from '../scenarios/work/unit.ts';
import { type Cells, STOPPED } from './cells.ts';
import { matterWriter } from './matter.ts';
import type { PredictOptions } from './predict.ts';
import type { FileAnswer } from './predict-file.ts';
import type { ReplicationTask } from './replicate.ts';
import type { Task, TaskKind } from './thread-work.ts';
import { optimizeAsUsual } from './tiering.ts';
import { unitSizes } from './unit-size.ts';

/** From sources (tests, development) a thread must be told how to read TypeScript. */
const THREAD = import.meta.url.endsWith('.ts') ? './thread-source.mjs' : './thread.js';

export interface Threads extends WorkRunner {
  /** Of a unit whose files are texts. */
  replicate(unit: ReplicationUnit): Promise<Replications>;
  /** A whole scenario file. */
  predict(path: string, options: PredictOptions, only?: readonly string[]): Promise<FileAnswer>;
  /** Of scenarios that this thread has at hand. */
  ofScenarios(cells: Cells, jobs?: number): ReplicationRunner;
}

/** @param kind what most of the work will be: threads load it while they start  @param atOnce so many start now, the others when there is work for them */
export async function openThreads(
  jobs: number,
  kind: TaskKind = 'units',
  { atOnce = jobs, limits = {} }: { atOnce?: number; limits?: ResourceLimits } = {},
): Promise<Threads> {
  const { Piscina } = await import('piscina');
  optimizeAsUsual();
  const pool = new Piscina({
    filename: new URL(THREAD, import.meta.url).href,
    workerData: kind,
    minThreads: atOnce,
    maxThreads: jobs,
    concurrentTasksPerWorker: 1,
    // Threads live as long as the search.
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: [],
    resourceLimits: limits,
  });
  // A thread that dies while it starts takes no task with it: those would wait for ever.
  let fail: (error: Error) => void = () => {};
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failure.catch(() => {});
  pool.on('error', (error: Error) => fail(error));
  const matterOf = matterWriter();
  const ask = async (task: Task): Promise<unknown> => {
    try {
      return await Promise.race([pool.run(task), failure]);
    } catch (error) {
      throw crashOf(error);
    }
  };
  return {
    jobs,
    async run({ files: texts, ...unit }: WorkUnit) {
      return (await ask({ ...matterOf(texts), unit })) as WorkSummary;
    },
    async replicate({ files: texts, index, seed, from, to, record, ...place }) {
      const range = { seed, from, to, ...(record !== undefined && { record }) };
      const task: ReplicationTask = { ...matterOf(texts), range, source: { place, index } };
      return (await ask(task)) as Replications;
    },
    async predict(path, options, only) {
      return (await ask({ ...matterOf(options), path, ...(only && { only }) })) as FileAnswer;
    },
    ofScenarios(cells, most = jobs) {
      const sizes = unitSizes();
      return {
        jobs: most,
        sizeOf: (_, left) => sizes.next(left, most),
        async replicate({ seed, from, to, record }, scenario, { evenIfStopped = false } = {}) {
          if (!evenIfStopped && Atomics.load(cells, STOPPED) === 1) return { runs: NO_REPLICATIONS };
          const range = { seed, from, to, ...(record !== undefined && { record }) };
          const task = { ...matterOf(scenario), range, ...(evenIfStopped ? {} : { cells }) };
          const startMs = performance.now();
          const done = (await ask(task)) as Replications;
          sizes.took(to - from, performance.now() - startMs);
          return done;
        },
      };
    },
    end: () => pool.destroy(),
  };
}

/** What a thread's own end says is for us; what it was doing is for whoever asked. */
function crashOf(error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new Error(
      'a thread has run out of memory: fewer --jobs, or NODE_OPTIONS=--max-old-space-size=8192',
      {
        cause: error,
      },
    );
  if (/^worker exited with code/.test(message ?? ''))
    return new Error(`a thread has died (${message})`, { cause: error });
  return error;
}
