// The loop of `foresail watch`: run, wait for a change of what was read, run again.
import { inert } from '../scenarios/diagnostics.ts';
import type { CommandContext } from './commands/command.ts';
import type { WatchOptions } from './commands/watch.ts';
import { EXIT } from './exit-codes.ts';
import { fingerprint, type Watching, watchFiles } from './file-watch.ts';
import { plural } from './output/figures.ts';
import { load } from './predict.ts';
import { predictOptionsOf, simulateAndReport } from './session.ts';

const CLEAR = '\u001b[2J\u001b[3J\u001b[H';

export async function watchFile(
  file: string,
  options: WatchOptions,
  context: CommandContext,
): Promise<number> {
  const { io } = context;
  let isStopped = false;
  let watching: Watching | undefined;
  const stop = () => {
    isStopped = true;
    watching?.stop();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    let files = [file];
    for (let reason: string[] = []; !isStopped; ) {
      if (io.isOutTty) io.out(CLEAR);
      // The fingerprint is taken before the files are read: what is saved meanwhile starts the next run.
      const first = fingerprint(files);
      const read = filesReadBy(file, options, context);
      const before = sameFiles(read, files) ? first : fingerprint(read);
      files = read;
      const code = await run(file, options, context);
      if (isStopped || code === EXIT.interrupted) break;
      const why = reason.length > 0 ? ` (changed: ${reason.slice(0, 3).join(', ')})` : '';
      io.err(
        inert(
          `foresail: watching ${plural(files.length, 'file')}, exit code would be ${code}${why}; Ctrl-C ends\n`,
        ),
      );
      watching = watchFiles(files, before, options.poll ? { poll: true } : {});
      const changed = await watching.changed;
      if (changed === null) break;
      reason = changed;
    }
    return EXIT.interrupted;
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

async function run(file: string, options: WatchOptions, context: CommandContext): Promise<number> {
  return await simulateAndReport([file], options, context, 'pretty');
}

/** The scenario itself, what it extends, and every manifest; those of a broken scenario as far as it was read. */
function filesReadBy(file: string, options: WatchOptions, { io }: CommandContext): string[] {
  const { sources } = load(file, predictOptionsOf(options, io));
  return [...new Set([file, ...sources.keys()])]
    .filter((name) => name !== '-' && !name.startsWith('--set '))
    .sort();
}

const sameFiles = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name, i) => name === b[i]);
