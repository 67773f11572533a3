// Work units on threads (piscina), or in this thread when one is enough. Results do not depend on which.
import { runHere } from '../scenarios/work/run-unit.ts';
import type { WorkRunner, WorkSummary } from '../scenarios/work/unit.ts';

/** From sources (tests, development) a thread must be told how to read TypeScript. */
const isSource = import.meta.url.endsWith('.ts');

export async function openRunner(jobs: number): Promise<WorkRunner> {
  if (jobs <= 1) return runHere();
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
