// Single parts, one call per "request": draws, exponentials, picks, counting, the queue by itself.
import { EventQueue } from '../../src/engine/event-queue.ts';
import { HeapEventQueue } from '../../src/engine/event-queue-heap.ts';
import { exponentialNs } from '../../src/engine/exponential.ts';
import { Histogram } from '../../src/engine/histogram.ts';
import { type RandomStream, Streams } from '../../src/engine/random.ts';
import { Xoshiro128 } from '../../src/engine/xoshiro.ts';
import { EdfScheduler } from '../../src/models/envoy/edf.ts';
import { OutlierDetector } from '../../src/models/envoy/outlier-detection.ts';

type Sum = { sum: number };

function draws(stream: RandomStream, count: number): Sum {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = (sum + stream.uint32()) | 0;
  return { sum: sum >>> 0 };
}

export const drawsOfStream = (count: number) => draws(new Streams(1).stream('bench'), count);
export const drawsOfXoshiro = (count: number) => draws(new Xoshiro128(1), count);

export function exponentials(count: number): Sum {
  const random = new Xoshiro128(1);
  let sum = 0;
  for (let i = 0; i < count; i++) sum = (sum + exponentialNs(random, 2e6)) | 0;
  return { sum: sum >>> 0 };
}

/** @param entries that many, with weights 1, 2, 3... */
export function picks(count: number, entries: number): Sum {
  const schedule = new EdfScheduler(entries);
  for (let i = 0; i < entries; i++) schedule.add(i, i + 1);
  let sum = 0;
  for (let left = count; left > 0; left -= 1000) sum = pickSome(schedule, Math.min(left, 1000), sum);
  return { sum: sum >>> 0 };
}

/** A function that is entered often: one compiled in the middle of its only loop keeps the sum as a double, 4 ns a pick. */
function pickSome(schedule: EdfScheduler, count: number, sumBefore: number): number {
  let sum = sumBefore | 0;
  for (let i = 0; i < count; i++) sum = (Math.imul(sum, 31) + schedule.pick()) | 0;
  return sum;
}

export function outlierCounts(count: number): Sum {
  const hooks = { ejected() {}, unejected() {}, hostCount: () => 16, random: new Xoshiro128(1) };
  const detector = new OutlierDetector({}, hooks);
  for (let host = 0; host < 16; host++) detector.addHost(host);
  for (let i = 0; i < count; i++) detector.onHttpCode(i & 15, 200, 0);
  detector.tick(1e9);
  return { sum: detector.external.mean };
}

export function recordings(count: number): Sum {
  const histogram = new Histogram();
  for (let i = 0; i < count; i++) histogram.record(1e6 + (Math.imul(i, 7919) % 65536));
  return { sum: histogram.sum };
}

/** Takes the first event and schedules one anew, `pending` at a time; every eighth is cancelled and scheduled again. */
export function holds(count: number, pending: number, Queue: new () => EventQueue | HeapEventQueue): Sum {
  const queue = new Queue();
  const random = new Xoshiro128(1);
  let last = 0;
  for (let i = 0; i < pending; i++) last = queue.schedule(random.below(2e6), 0, i);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    queue.pop();
    sum = (Math.imul(sum, 31) + queue.poppedArg) | 0;
    if ((i & 7) === 0 && queue.cancel(last)) queue.schedule(queue.poppedTimeNs + random.below(2e6), 0, i);
    last = queue.schedule(queue.poppedTimeNs + random.below(2e6), 0, i);
  }
  return { sum: sum >>> 0 };
}
export const holdsOfWheel = (count: number, pending: number) => holds(count, pending, EventQueue);
export const holdsOfHeap = (count: number, pending: number) => holds(count, pending, HeapEventQueue);
