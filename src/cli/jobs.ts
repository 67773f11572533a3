// How many threads a piece of work deserves. A thread costs a tenth to a third of a second until it is as quick as the first one.

/** Below this the thread of the command does it all: a tenth to half a second, in which a terminal need not answer. */
export const LONG_REQUESTS = 100_000;
/** Below this many user requests nothing is gained by any thread. */
export const THREADS_FROM = 200_000;
/** Who does not say how many gets one for each of these. */
const REQUESTS_PER_THREAD = 500_000;
/** Unasked at most: every thread takes some fifty megabytes. */
const MOST_UNASKED = 8;
/** What has lasted longer than this is worth threads: starting them costs about half of it [ms]. */
export const GROW_MS = 500;

export const mostJobs = (cores: number): number => Math.min(cores, MOST_UNASKED);

/**
 * @param work user requests ahead
 * @param units pieces that the work can be cut into
 * @param asked what --jobs says: an upper bound
 */
export function jobsFor(work: number, units: number, asked: number | undefined, cores: number): number {
  if (work < THREADS_FROM) return 1;
  const wanted = asked ?? Math.min(mostJobs(cores), Math.floor(work / REQUESTS_PER_THREAD));
  return Math.max(1, Math.min(wanted, units));
}
