// The asking side: units go to the queue, summaries come back in whatever order. What is done already is not done again, so a run that was
// cut off goes on where it stood; what nobody has begun is taken back when the run is stopped.
import { Job, Queue, QueueEvents } from 'bullmq';
import type {
  Replications,
  ReplicationUnit,
  WorkRunner,
  WorkSummary,
  WorkUnit,
} from '../../scenarios/work/unit.ts';
import type { QueueAddress } from './address.ts';
import { connect, connectionOptions, PATIENCE_MS, QueueLost } from './connection.ts';
import { filesKey, hashOf, KEPT_S, type QueuedUnit, queueName, unitId } from './names.ts';

/** Units under way at once: enough for many workers, few enough to stop soon. */
const UNDER_WAY = 64;

export interface QueueRunner extends WorkRunner {
  replicate(unit: ReplicationUnit): Promise<Replications>;
}

type Answer = WorkSummary | Replications;

/** How long closing may take [ms]. */
const GOODBYE_MS = 2_000;

/** @throws QueueLost */
export async function openQueueRunner(address: QueueAddress, version: string): Promise<QueueRunner> {
  const redis = await connect(address);
  const name = queueName(version);
  let hasGivenUp = false;
  const connection = connectionOptions(address, () => hasGivenUp);
  const queue = new Queue<QueuedUnit, Answer>(name, { connection });
  const events = new QueueEvents(name, { connection });
  // Every unit that is waited for listens.
  queue.setMaxListeners(0);
  events.setMaxListeners(0);
  const lost = watchLoss(address, [queue, events]);
  await Promise.race([Promise.all([queue.waitUntilReady(), events.waitUntilReady()]), lost.promise]);
  const known = new Map<object, string>();
  const open = new Set<Job<QueuedUnit, Answer>>();
  let done = 0;

  const filesOf = async (unit: WorkUnit | ReplicationUnit): Promise<string> => {
    const found = known.get(unit.files);
    if (found !== undefined) return found;
    const text = JSON.stringify(unit.files);
    const hash = hashOf(text);
    await redis.set(filesKey(version, hash), text, 'EX', KEPT_S);
    known.set(unit.files, hash);
    return hash;
  };

  const ask = async (unit: WorkUnit | ReplicationUnit): Promise<Answer> => {
    const { files: _, ...rest } = unit;
    const queued: QueuedUnit = { files: await filesOf(unit), unit: rest };
    const id = unitId(queued);
    const before = await Job.fromId<QueuedUnit, Answer>(queue, id);
    // A unit that failed for want of its files, or of a worker's patience, is asked for anew.
    if (before && (await before.isFailed())) await before.remove();
    const job = await queue.add('unit', queued, {
      jobId: id,
      attempts: 3,
      removeOnComplete: { age: KEPT_S },
      removeOnFail: { age: KEPT_S },
    });
    open.add(job);
    try {
      const answer = (await job.waitUntilFinished(events)) as Answer;
      done++;
      return answer;
    } finally {
      open.delete(job);
    }
  };

  const answerTo = (unit: WorkUnit | ReplicationUnit): Promise<Answer> =>
    Promise.race([ask(unit), lost.promise]).catch((error) => {
      if (error instanceof QueueLost)
        throw new QueueLost(
          `${error.message}; ${done} units are done and kept for a day: the same command goes on from there`,
        );
      throw error;
    });

  return {
    jobs: UNDER_WAY,
    run: (unit) => answerTo(unit) as Promise<WorkSummary>,
    replicate: (unit) => answerTo(unit) as Promise<Replications>,
    async end() {
      lost.end();
      hasGivenUp = lost.isLost();
      if (hasGivenUp) ignoreClosedConnections();
      if (!hasGivenUp) await Promise.allSettled([...open].map((job) => job.remove()));
      await within(GOODBYE_MS, Promise.allSettled([events.close(), queue.close()]));
      redis.disconnect();
    },
  };
}

/** A connection that is lost may never say that it is closed; then nothing would be left to wait for, and the process end without a word. */
async function within(ms: number, closing: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([closing, late]);
  clearTimeout(timer);
}

/** Rejects once Redis has been away for too long. */
function watchLoss(
  address: QueueAddress,
  parts: readonly { on(event: 'error', listener: (error: Error) => void): unknown }[],
): { promise: Promise<never>; isLost(): boolean; end(): void } {
  let timer: NodeJS.Timeout | undefined;
  let sinceMs = 0;
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_, fail) => {
    reject = fail;
  });
  promise.catch(() => {});
  const check = () => {
    // Errors come with every attempt to connect again; quiet means that it is back.
    if (performance.now() - sinceMs > 3_000) return stop();
    timer = setTimeout(check, 1_000);
  };
  let firstMs = 0;
  let isLost = false;
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
    firstMs = 0;
  };
  for (const part of parts)
    part.on('error', () => {
      sinceMs = performance.now();
      if (firstMs === 0) firstMs = sinceMs;
      if (sinceMs - firstMs > PATIENCE_MS) {
        isLost = true;
        reject(new QueueLost(`Redis at ${address.shown} is lost`));
      }
      timer ??= setTimeout(check, 1_000);
    });
  return { promise, isLost: () => isLost, end: stop };
}

/** Promises inside BullMQ that nobody can await fail when a lost connection is given up; the run has its own message for that. */
function ignoreClosedConnections(): void {
  process.on('unhandledRejection', (reason) => {
    if (!(reason instanceof Error && /Connection is closed/.test(reason.message))) throw reason;
  });
}
