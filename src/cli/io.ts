// What a command may touch of the outside: two streams, the environment, standard input. Tests pass their own.
import { readFileSync } from 'node:fs';

export interface Io {
  /** The result, and nothing else. */
  out(text: string): void;
  /** Diagnostics and progress. */
  err(text: string): void;
  isOutTty: boolean;
  isErrTty: boolean;
  /** Of the terminal; undefined when it is none. */
  columns: number | undefined;
  env: Readonly<Record<string, string | undefined>>;
  platform: string;
  readStdin(): string;
}

/** How wide the frames of diagnostics may be; undefined = nothing wraps them. */
export const frameColumns = ({ isErrTty, columns }: Io): number | undefined =>
  isErrTty ? columns : undefined;

/** The process's own streams. A reader that went away (`| head`) is not an error. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isOutTty: process.stdout.isTTY === true,
    isErrTty: process.stderr.isTTY === true,
    columns: process.stdout.columns,
    env: process.env,
    platform: process.platform,
    readStdin: () => readFileSync(0, 'utf8'),
  };
}
