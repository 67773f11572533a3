// The next files of a long list, predicted by threads while the one whose turn it is is reported. Who never asks for many, never opens any.

import type { PredictOptions } from './predict.ts';
import type { FileAnswer } from './predict-file.ts';
import type { Threads } from './threads.ts';

/** Files under way or done, for each thread: enough that none waits, few enough that --bail wastes little. */
const AHEAD = 2;
/** Fewer files are not worth a start. */
const FEWEST_FILES = 3;

export interface FilesAhead {
  /** What a thread found out about the file; undefined = nobody was asked. */
  answerTo(index: number): Promise<FileAnswer | 'interrupted' | undefined>;
  /** From this file on, threads work. */
  begin(index: number): Promise<void>;
}

export function filesAhead(
  files: readonly string[],
  options: PredictOptions,
  only: readonly string[] | undefined,
  open: (files: number) => Promise<Threads>,
): FilesAhead {
  const answers = new Map<number, Promise<FileAnswer>>();
  let threads: Threads | undefined;
  let next = 0;
  const fill = (from: number) => {
    if (!threads) return;
    for (next = Math.max(next, from); next < files.length && next < from + AHEAD * threads.jobs; next++) {
      const answer = threads.predict(files[next]!, options, only);
      // Of files after the last that is reported, nobody hears.
      answer.catch(() => {});
      answers.set(next, answer);
    }
  };
  return {
    async begin(index) {
      if (threads || files.length - index < FEWEST_FILES) return;
      threads = await open(files.length - index);
      fill(index);
    },
    async answerTo(index) {
      fill(index);
      const answer = answers.get(index);
      answers.delete(index);
      return answer && orInterrupt(answer);
    },
  };
}

async function orInterrupt<T>(answer: Promise<T>): Promise<T | 'interrupted'> {
  let interrupt = () => {};
  const interrupted = new Promise<'interrupted'>((resolve) => {
    interrupt = () => resolve('interrupted');
  });
  process.on('SIGINT', interrupt);
  try {
    return await Promise.race([answer, interrupted]);
  } finally {
    process.off('SIGINT', interrupt);
  }
}
