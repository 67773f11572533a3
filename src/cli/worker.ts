// The other side of simulate.ts: predicts one scenario in a thread of its own and posts progress and the outcome.
import { parentPort, workerData } from 'node:worker_threads';
import type { PredictOptions } from './predict.ts';
import { load, predict } from './predict.ts';

const { file, options, flag } = workerData as {
  file: string;
  options: PredictOptions;
  flag: SharedArrayBuffer;
};
const aborted = new Int32Array(flag);
/** Between two messages [ms]: a message per replication would cost more than the replication. */
const PAUSE_MS = 100;
let last = 0;

const outcome = predict(load(file, options), file, options, {
  onProgress(done, total) {
    const now = performance.now();
    if (now - last < PAUSE_MS) return;
    last = now;
    parentPort!.postMessage({ done, total });
  },
  signal: {
    get aborted() {
      return Atomics.load(aborted, 0) === 1;
    },
  },
});
parentPort!.postMessage({ outcome });
