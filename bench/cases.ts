// What is measured: every case runs a number of requests (or calls) and returns sums, so that a faster wrong answer shows.
import { des } from './kernels/des.ts';
import { full } from './kernels/full.ts';
import { route } from './kernels/route.ts';
import { routes } from './kernels/routes.ts';
import * as small from './kernels/small.ts';

export interface BenchCase {
  name: string;
  what: string;
  /** Requests of a run: in the bench, and in the tests. */
  requests: number;
  smoke: number;
  run(requests: number): object;
}

const kernel = (name: string, what: string, run: BenchCase['run']): BenchCase => ({
  name,
  what,
  requests: 1_000_000,
  smoke: 10_000,
  run,
});

export const cases: readonly BenchCase[] = [
  {
    name: 'w1',
    what: 'two schedules and the outlier detector',
    requests: 5_000_000,
    smoke: 100_000,
    run: (n) => route(n),
  },
  {
    name: 'w1x',
    what: 'the same with ejections',
    requests: 1_000_000,
    smoke: 100_000,
    run: (n) => route(n, true),
  },
  {
    name: 'w2',
    what: 'loop and queue, 16 endpoints',
    requests: 1_000_000,
    smoke: 20_000,
    run: (n) => des(n, 16),
  },
  {
    name: 'w2-1000',
    what: 'loop and queue, 1,000 endpoints',
    requests: 1_000_000,
    smoke: 20_000,
    run: (n) => des(n, 1000),
  },
  {
    name: 'w2-10000',
    what: 'loop and queue, 10,000 endpoints',
    requests: 1_000_000,
    smoke: 20_000,
    run: (n) => des(n, 10_000),
  },
  {
    name: 'full',
    what: 'the whole model, 16 endpoints',
    requests: 1_000_000,
    smoke: 5_000,
    run: (n) => full(n, 16),
  },
  {
    name: 'full-1000',
    what: 'the whole model, 1,000 endpoints',
    requests: 500_000,
    smoke: 5_000,
    run: (n) => full(n, 1000),
  },
  {
    name: 'routes',
    what: 'a run of which only routing counts, at once',
    requests: 10_000_000,
    smoke: 20_000,
    run: (n) => routes(n),
  },
  {
    name: 'routes-walked',
    what: 'the same request by request',
    requests: 1_000_000,
    smoke: 20_000,
    run: (n) => routes(n, 'walks'),
  },
  kernel('draw', 'a draw from a named stream', small.drawsOfStream),
  kernel('draw-xoshiro', 'a draw from xoshiro128**', small.drawsOfXoshiro),
  kernel('exponential', 'an exponential by ziggurat', small.exponentials),
  kernel('pick-8', 'a pick among 8', (n) => small.picks(n, 8)),
  kernel('pick-100', 'a pick among 100 (heap)', (n) => small.picks(n, 100)),
  kernel('outlier', 'a good answer counted', small.outlierCounts),
  kernel('histogram', 'a latency recorded', small.recordings),
  kernel('hold-280', 'an event popped and one scheduled, 280 pending', (n) => small.holdsOfWheel(n, 280)),
  kernel('hold-280-heap', 'the same in the heap', (n) => small.holdsOfHeap(n, 280)),
  kernel('hold-100000', 'the same, 100,000 pending', (n) => small.holdsOfWheel(n, 100_000)),
];
