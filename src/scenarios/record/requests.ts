// Which of the sampled requests are kept, and in what shape: those that failed or were retried first, the rest evenly over time.
import type { RequestSample } from '../../models/world.ts';
import type { RecordedRequest } from './recording.ts';
import { seconds } from './seconds.ts';

/** Of the room, at most so much for requests that failed, and for those that were tried again. */
const FAILED_SHARE = 0.4;
const RETRIED_SHARE = 0.2;

export function chooseRequests(samples: readonly RequestSample[], most: number): RequestSample[] {
  if (samples.length <= most) return [...samples].sort(byStart);
  const failed = samples.filter((sample) => sample.status >= 500 || sample.status === 0);
  const retried = samples.filter((sample) => !failed.includes(sample) && isRetried(sample));
  const chosen = new Set([
    ...evenly(failed, Math.floor(most * FAILED_SHARE)),
    ...evenly(retried, Math.floor(most * RETRIED_SHARE)),
  ]);
  const rest = samples.filter((sample) => !chosen.has(sample));
  for (const sample of evenly(rest, most - chosen.size)) chosen.add(sample);
  return [...chosen].sort(byStart);
}

const byStart = (a: RequestSample, b: RequestSample) => a.startNs - b.startNs || a.index - b.index;
const isRetried = (sample: RequestSample) => sample.hops.some((hop) => hop.attempts.length > 1);

function evenly<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]!);
}

export function requestOf(sample: RequestSample): RecordedRequest {
  return {
    load: sample.load,
    index: sample.index,
    at: seconds(sample.startNs),
    end: seconds(sample.endNs || sample.startNs),
    status: sample.status,
    flags: sample.flags,
    hops: sample.hops.map(({ attempts, ...hop }) => ({
      ...hop,
      attempts: attempts.map(({ atNs, endNs, ...attempt }) => ({
        at: seconds(atNs),
        end: seconds(endNs || atNs),
        ...attempt,
      })),
    })),
  };
}
