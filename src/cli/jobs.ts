// How many threads a piece of work deserves, and from when on. A thread costs a tenth of a second until it works and another until it is as
// quick as the first one. How long work takes shows only when it is done: a request costs from nearly nothing, where routing alone decides and
// thousands are counted at once, to ten microseconds, where every event of it is simulated.

/** Below this many user requests the thread of the command does it all: at most a second or two, in which a terminal need not answer. */
export const LONG_REQUESTS = 200_000;
/** Replications that have lasted longer than this are worth further threads that nobody asked for, counted from the start of the first [ms]. */
export const GATE_MS = 150;
/** The same for units and files that began in the thread of the command [ms]. */
export const GROW_MS = 500;
/** Unasked at most: every thread takes some fifty megabytes. */
const MOST_UNASKED = 8;

/**
 * @param units pieces that the work can be cut into
 * @param asked what --jobs says: an upper bound
 */
export const jobsFor = (units: number, asked: number | undefined, cores: number): number =>
  Math.max(1, Math.min(asked ?? Math.min(cores, MOST_UNASKED), units));
