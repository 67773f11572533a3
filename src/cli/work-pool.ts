// Who does work units: this thread when the work is small, threads, or any number of machines. Results do not depend on which.
import { runHere } from '../scenarios/work/run-unit.ts';
import type { WorkRunner } from '../scenarios/work/unit.ts';
import { GROW_MS, LONG_REQUESTS } from './jobs.ts';

export interface RunnerFlags {
  jobs: number;
  /** redis://host:port: units are done by `foresail worker` processes, wherever they run. */
  queue?: string;
}

/** @param work how much lies ahead, in user requests, as far as anybody can tell */
export async function openRunner(
  { jobs, queue }: RunnerFlags,
  version: string,
  work = 0,
): Promise<WorkRunner> {
  if (queue !== undefined) {
    const { queueAddress } = await import('./queue/address.ts');
    const { openQueueRunner } = await import('./queue/runner.ts');
    return openQueueRunner(queueAddress(queue), version);
  }
  if (jobs <= 1) return runHere();
  return work < LONG_REQUESTS ? growing(jobs) : threads(jobs);
}

async function threads(jobs: number): Promise<WorkRunner> {
  const { openThreads } = await import('./threads.ts');
  return openThreads(jobs);
}

/** Begins in this thread; others come once it has lasted. @param now [ms] */
export function growing(
  jobs: number,
  open = () => threads(jobs),
  now: () => number = () => performance.now(),
): WorkRunner {
  const here = runHere();
  let spentMs = 0;
  let others: Promise<WorkRunner> | undefined;
  return {
    jobs,
    async run(unit) {
      if (spentMs >= GROW_MS) {
        others ??= open();
        return (await others).run(unit);
      }
      const startMs = now();
      const summary = await here.run(unit);
      spentMs += now() - startMs;
      return summary;
    },
    async end() {
      await (await others)?.end();
    },
  };
}
