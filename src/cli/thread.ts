// A worker thread: gets the program as main.ts does, so that the bytecode serves it too, and does the tasks of threads.ts.
import { fileURLToPath } from 'node:url';
import { workerData } from 'node:worker_threads';
import { compiledProgram } from './compiled-program.ts';
import type { TaskKind } from './thread-work.ts';

const isSource = import.meta.url.endsWith('.ts');
const { loadThread } = isSource
  ? await import('./program.ts')
  : compiledProgram(fileURLToPath(new URL('./program.cjs', import.meta.url)));

export default await loadThread(workerData as TaskKind);
