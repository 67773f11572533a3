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

/** Measured on W2 (bench/README.md): a bucket for every fourth event, until the buckets outgrow the cache; then up to 16 events in each. */
const EVENTS_PER_BUCKET = 1 / 4;
const MOST_EVENTS_PER_BUCKET = 16;
const MOST_BITS = 17;
const LEAST_BITS = 10;
/** All buckets span at most 2^30 ns: differences of times in them are 32-bit integers. */
export const WINDOW_BITS = 30;

export function nextLayout({ shift, bits }: BucketLayout, traffic: BucketTraffic): BucketLayout {
  const { events, buckets, steps, moved } = traffic;
  const perBucket = events / Math.max(1, buckets);
  const change = Math.round(Math.log2(Math.max(perBucket, 2 ** -40) / EVENTS_PER_BUCKET));
  const spare = MOST_BITS - bits;
  if (steps > 4 * events) {
    // Crowded, maybe here and there only.
    const narrower = Math.min(shift, Math.max(1, spare > 0 ? Math.min(spare, change) : change));
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
  if (moved > events / 20) {
    if (spare > 0 && shift + bits < WINDOW_BITS) return { shift, bits: bits + 1 };
    if (perBucket < MOST_EVENTS_PER_BUCKET && shift + bits < WINDOW_BITS) return { shift: shift + 1, bits };
  }
  return { shift, bits };
}
