// Streams that remember what was written, for tests of commands.
import type { Io } from '../../src/cli/io.ts';

export function anIo(changes: Partial<Io> = {}): Io & { stdout: string; stderr: string } {
  const io = {
    stdout: '',
    stderr: '',
    out: (text: string) => {
      io.stdout += text;
    },
    err: (text: string) => {
      io.stderr += text;
    },
    isOutTty: false,
    isErrTty: false,
    columns: undefined,
    env: { LANG: 'C.UTF-8' },
    platform: 'linux',
    readStdin: () => '',
    ...changes,
  };
  return io;
}
