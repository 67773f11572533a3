// How many threads a piece of work deserves. A thread costs a tenth of a second until it works and another until it is as quick as the first
// one; a request takes from a fifth of a microsecond, where it can be decided at once, to five where every event of it is simulated.

/** Below this many user requests the thread of the command does it all: at most a second, in which a terminal need not answer. */
export const LONG_REQUESTS = 200_000;
/** From here on all threads begin at once; with less, or when nobody asked for threads, the others come when it has lasted. */
const AT_ONCE = 1_000_000;
const AT_ONCE_UNASKED = 5_000_000;
/** Unasked at most: every thread takes some fifty megabytes. */
const MOST_UNASKED = 8;
/** Where work cannot be foreseen: what has lasted longer than this is worth threads, which cost about half of it [ms]. */
export const GROW_MS = 500;

export const mostJobs = (cores: number): number => Math.min(cores, MOST_UNASKED);

/**
 * @param work user requests ahead
 * @param units pieces that the work can be cut into
 * @param asked what --jobs says: an upper bound
 */
export function jobsFor(
  work: number,
  units: number,
  asked: number | undefined,
  cores: number,
): { jobs: number; isAtOnce: boolean } {
  return {
    jobs: Math.max(1, Math.min(asked ?? mostJobs(cores), units)),
    isAtOnce: work >= (asked === undefined ? AT_ONCE_UNASKED : AT_ONCE),
  };
}
