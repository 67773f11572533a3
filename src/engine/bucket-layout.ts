// How wide the buckets of an EventQueue should be and how many, from what came by since the last look. It decides speed alone: the
// order of events is the same with any layout.

/** Buckets are 2^shift ns wide, and there are 2^bits of them. */
export interface BucketLayout {
  shift: number;
  bits: number;
}

/** What came by: events, buckets of time, places walked while sorting, and events that were too far ahead for the buckets at first. */
export interface BucketTraffic {
  events: number;
  buckets: number;
  steps: number;
  moved: number;
}

/**
 * Measured on W2 (bench/README.md): a bucket for every fourth event, until the buckets outgrow the cache; then up to 16 events in each,
 * for as long as too many events are moved otherwise. Sorting those takes 5 steps each.
 */
const EVENTS_PER_BUCKET = 1 / 4;
const WIDEN_BELOW_EVENTS = 8;
const MOST_STEPS = 6;
const NARROWED_EVENTS = 4;
const MOST_BITS = 17;
const LEAST_BITS = 10;
/** All buckets span at most 2^30 ns: differences of times in them are 32-bit integers. */
export const WINDOW_BITS = 30;

/** Whether sorting costs too much, here and there at least. */
export function isCrowded({ events, steps }: { events: number; steps: number }): boolean {
  return steps > MOST_STEPS * events;
}

export function nextLayout({ shift, bits }: BucketLayout, traffic: BucketTraffic): BucketLayout {
  const { events, buckets, moved } = traffic;
  const perBucket = Math.max(events, 1) / Math.max(1, buckets);
  const change = Math.round(Math.log2(perBucket / EVENTS_PER_BUCKET));
  const spare = MOST_BITS - bits;
  if (isCrowded(traffic)) {
    const wanted = spare > 0 ? Math.min(spare, change) : Math.round(Math.log2(perBucket / NARROWED_EVENTS));
    const narrower = Math.min(shift, Math.max(1, wanted));
    return { shift: shift - narrower, bits: Math.min(MOST_BITS, bits + narrower) };
  }
  if (change > 0 && spare > 0) {
    const narrower = Math.min(shift, spare, change);
    return { shift: shift - narrower, bits: bits + narrower };
  }
  if (change < -1) {
    const fewer = Math.max(LEAST_BITS, bits + change);
    return { shift: Math.min(shift - change, WINDOW_BITS - fewer), bits: fewer };
  }
  if (moved > events / 20 && shift + bits < WINDOW_BITS) {
    if (spare > 0) return { shift, bits: bits + 1 };
    if (perBucket < WIDEN_BELOW_EVENTS) return { shift: shift + 1, bits };
  }
  return { shift, bits };
}
