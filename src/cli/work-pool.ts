// Work units on threads (piscina), in this thread when one is enough, or on any number of machines. Results do not depend on which.
import { runHere } from '../scenarios/work/run-unit.ts';
import type { WorkRunner, WorkSummary } from '../scenarios/work/unit.ts';

/** From sources (tests, development) a thread must be told how to read TypeScript. */
const isSource = import.meta.url.endsWith('.ts');

export interface RunnerFlags {
  jobs: number;
  /** redis://host:port: units are done by `foresail worker` processes, wherever they run. */
  queue?: string;
}

export async function openRunner({ jobs, queue }: RunnerFlags, version: string): Promise<WorkRunner> {
  if (queue !== undefined) {
    const { queueAddress } = await import('./queue/address.ts');
    const { openQueueRunner } = await import('./queue/runner.ts');
    return openQueueRunner(queueAddress(queue), version);
  }
  return jobs <= 1 ? runHere() : openThreads(jobs);
}

export async function openThreads(jobs: number): Promise<WorkRunner> {
  const { Piscina } = await import('piscina');
  const url = new URL(isSource ? './work-thread.ts' : './work-thread.js', import.meta.url).href;
  const pool = new Piscina({
    filename: isSource ? new URL('./work-thread-source.mjs', import.meta.url).href : url,
    minThreads: jobs,
    maxThreads: jobs,
    concurrentTasksPerWorker: 1,
    // Threads live as long as the search.
    idleTimeout: Number.POSITIVE_INFINITY,
    execArgv: [],
  });
  return {
    jobs,
    run: (unit) => pool.run(unit) as Promise<WorkSummary>,
    end: () => pool.destroy(),
  };
}
