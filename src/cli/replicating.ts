// Who runs the replications of a command: threads, opened when the first scenario deserves them, or the workers of a queue.
import { availableParallelism } from 'node:os';
import { NO_REPLICATIONS } from '../scenarios/replication.ts';
import { unitSize } from '../scenarios/work/amount.ts';
import type { ReplicationRunner, Replications } from '../scenarios/work/unit.ts';
import { type Cells, DONE, STOPPED } from './cells.ts';
import { gated } from './gate.ts';
import { jobsFor } from './jobs.ts';
import type { QueueRunner } from './queue/runner.ts';
import type { TaskKind } from './thread-work.ts';
import { openThreads, type Threads } from './threads.ts';

/** Who simulates. */
export interface Hands {
  /** At most so many threads; absent = as many as the work deserves. */
  jobs?: number;
  /** redis://host:port: `foresail worker` processes, wherever they run. */
  queue?: string;
  version: string;
}

export interface Stop {
  cells: Cells;
  /** Resolves when `cells` say so. */
  stopped: Promise<void>;
}

export interface Replicating {
  /** @param units pieces that the work can be cut into */
  runner(units: number, stop: Stop): Promise<ReplicationRunner>;
  /** For that many files. */
  threadsFor(files: number): Promise<Threads>;
  end(): Promise<void>;
}

/** @param open how threads are opened */
export function openReplicating({ jobs, queue, version }: Hands, open = openThreads): Replicating {
  let threads: Threads | undefined;
  let queued: QueueRunner | undefined;
  let hasFiles = false;
  const threadsOf = async (count: number, kind: TaskKind, atOnce = count): Promise<Threads> => {
    // Threads that files wait for are not ended for a few more.
    if (threads && threads.jobs < count && !hasFiles) {
      await threads.end();
      threads = undefined;
    }
    threads ??= await open(count, kind, { atOnce });
    return threads;
  };
  return {
    async runner(units, stop) {
      if (queue !== undefined) {
        queued ??= await openQueue(queue, version);
        return overQueue(
          queued,
          async () => (await threadsOf(1, 'replications')).ofScenarios(stop.cells),
          stop,
        );
      }
      const count = jobsFor(units, jobs, availableParallelism());
      // Who asks for threads gets them at once.
      const opened = await threadsOf(count, 'replications', jobs === undefined ? 1 : count);
      const runner = opened.ofScenarios(stop.cells, Math.min(count, opened.jobs));
      return jobs === undefined ? gated(runner) : runner;
    },
    async threadsFor(files) {
      const opened = await threadsOf(jobsFor(files, jobs, availableParallelism()), 'files');
      hasFiles = true;
      return opened;
    },
    async end() {
      await Promise.all([threads?.end(), queued?.end()]);
    },
  };
}

async function openQueue(queue: string, version: string): Promise<QueueRunner> {
  const { queueAddress } = await import('./queue/address.ts');
  const { openQueueRunner } = await import('./queue/runner.ts');
  return openQueueRunner(queueAddress(queue), version);
}

const NONE: Replications = { runs: NO_REPLICATIONS };

/** @param openLocal for what must not wait for others, and for recordings, which are larger than what a queue should carry */
function overQueue(
  queued: QueueRunner,
  openLocal: () => Promise<ReplicationRunner>,
  { cells, stopped }: Stop,
): ReplicationRunner {
  return {
    jobs: queued.jobs,
    sizeOf: unitSize,
    async replicate(unit, scenario, options = {}) {
      if (options.evenIfStopped || unit.record) return (await openLocal()).replicate(unit, scenario, options);
      if (Atomics.load(cells, STOPPED) === 1) return NONE;
      const done = await Promise.race([queued.replicate(unit), stopped.then(() => NONE)]);
      if (done !== NONE) Atomics.add(cells, DONE, unit.to - unit.from);
      return done;
    },
  };
}
