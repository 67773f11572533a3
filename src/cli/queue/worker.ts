// The doing side: takes units from the queue until it is told to stop. Units run on threads, so that the lock on a unit is renewed while
// it runs; the unit of a worker that dies is taken up by another one after the lock has run out, and counts once.
import { Worker } from 'bullmq';
import type { FileTexts } from '../../scenarios/work/file-texts.ts';
import type { Replications, WorkSummary } from '../../scenarios/work/unit.ts';
import { openThreads } from '../threads.ts';
import type { QueueAddress } from './address.ts';
import { connect, connectionOptions } from './connection.ts';
import { filesKey, isOfReplications, type QueuedUnit, queueName } from './names.ts';

/** A unit whose worker has not renewed its lock for this long is given to another [ms]. */
const LOCK_MS = 10_000;
/** Scenarios kept as parsed text. */
const FILES_KEPT = 8;

export interface QueueWorker {
  /** Resolves when stop() has been called and the units under way are done, or when Redis is lost for good. */
  finished: Promise<void>;
  stop(): void;
  done(): number;
}

export interface WorkerHooks {
  ready(): void;
  unitDone(done: number): void;
  problem(text: string): void;
}

/** @throws QueueLost */
export async function startWorker(
  address: QueueAddress,
  version: string,
  jobs: number,
  hooks: WorkerHooks,
): Promise<QueueWorker> {
  const redis = await connect(address);
  const threads = await openThreads(jobs);
  const files = new Map<string, FileTexts>();
  const filesOf = async (hash: string): Promise<FileTexts> => {
    const known = files.get(hash);
    if (known) return known;
    const text = await redis.get(filesKey(version, hash));
    if (text === null) throw new Error('the files of this unit are no longer in Redis: ask for it again');
    const parsed = JSON.parse(text) as FileTexts;
    files.set(hash, parsed);
    if (files.size > FILES_KEPT) files.delete([...files.keys()][0]!);
    return parsed;
  };
  let done = 0;
  const worker = new Worker<QueuedUnit, WorkSummary | Replications>(
    queueName(version),
    async ({ data }) => {
      const texts = await filesOf(data.files);
      return isOfReplications(data.unit)
        ? threads.replicate({ ...data.unit, files: texts })
        : threads.run({ ...data.unit, files: texts });
    },
    {
      connection: connectionOptions(address),
      concurrency: jobs,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS / 2,
      maxStalledCount: 5,
    },
  );
  let lastProblem = '';
  worker.on('completed', () => hooks.unitDone(++done));
  worker.on('failed', (_, error) => hooks.problem(`a unit failed: ${error.message}`));
  worker.on('error', (error) => {
    const text = /ECONNREFUSED|ENOTFOUND|closed|reset/i.test(
      `${(error as { code?: string }).code} ${error.message}`,
    )
      ? `Redis at ${address.shown} is away; waiting for it`
      : error.message;
    if (text !== lastProblem) hooks.problem(text);
    lastProblem = text;
  });
  await worker.waitUntilReady();
  hooks.ready();
  let stop = () => {};
  const finished = new Promise<void>((resolve) => {
    stop = () => {
      void worker.close().then(async () => {
        await threads.end();
        redis.disconnect();
        resolve();
      });
    };
  });
  return { finished, stop: () => stop(), done: () => done };
}
