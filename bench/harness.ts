// Measures cases in CPU time (wall time means little on a shared machine): tinybench with process.cpuUsage as its clock, best of the hot runs.
import { PerformanceObserver } from 'node:perf_hooks';
import { Bench } from 'tinybench';
import type { BenchCase } from './cases.ts';

export interface Measurement {
  name: string;
  requests: number;
  /** Best of the hot runs. */
  cpuSeconds: number;
  medianCpuSeconds: number;
  check: object;
}

/** CPU time of this process [ms]. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export async function measure(entry: BenchCase, requests: number, rounds: number): Promise<Measurement> {
  let check: object = {};
  const bench = new Bench({
    now: cpuMs,
    time: 0,
    iterations: rounds,
    warmupTime: 0,
    warmupIterations: rounds > 1 ? 1 : 0,
    warmup: rounds > 1,
    throws: true,
  });
  bench.add(entry.name, () => {
    check = entry.run(requests);
  });
  await bench.run();
  const result = bench.tasks[0]!.result;
  if (result.state !== 'completed') throw new Error(`${entry.name} did not complete: ${result.state}`);
  return {
    name: entry.name,
    requests,
    cpuSeconds: result.latency.min / 1000,
    medianCpuSeconds: result.latency.p50 / 1000,
    check,
  };
}

/** Garbage collections of one hot run per million requests, and the resident memory after it [MB]. */
export async function measureMemory(
  entry: BenchCase,
  requests: number,
): Promise<{ collectionsPerMillion: number; rssMb: number }> {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  entry.run(requests);
  observer.observe({ entryTypes: ['gc'] });
  await new Promise((resolve) => setTimeout(resolve, 10));
  collections = 0;
  entry.run(requests);
  await new Promise((resolve) => setTimeout(resolve, 10));
  observer.disconnect();
  return {
    collectionsPerMillion: (collections / requests) * 1e6,
    rssMb: Math.round(process.memoryUsage().rss / 1e6),
  };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
