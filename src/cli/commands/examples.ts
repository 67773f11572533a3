// foresail examples: the library of surprises, each a scenario that runs; where one is, or a copy of it.
import { cpSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inert, nearestName } from '../../scenarios/diagnostics.ts';
import { type CommandModule, UsageError } from './command.ts';

export const examples: CommandModule = {
  configure(command) {
    command
      .option('--copy <dir>', 'copy the example: to this folder, or into it where it is there already')
      .addHelpText('after', EXAMPLES);
  },
  async execute([wanted], options: { copy?: string }, { io }) {
    const library = libraryFolder();
    const names = readdirSync(library).filter((name) => existsSync(join(library, name, 'scenario.yaml')));
    if (wanted === undefined) {
      if (options.copy !== undefined) throw new UsageError('--copy needs the name of an example');
      const width = Math.max(...names.map((name) => name.length));
      io.out(names.map((name) => `${name.padEnd(width)}  ${titleOf(join(library, name))}\n`).join(''));
      return 0;
    }
    const name = names.find(
      (one) =>
        one.toLowerCase() === wanted.toLowerCase() ||
        one.toLowerCase().startsWith(`${wanted.toLowerCase()}-`) ||
        one.replace(/^P\d+-/, '') === wanted,
    );
    if (name === undefined) {
      const near = nearestName(
        wanted,
        names.flatMap((one) => [one, one.replace(/^P\d+-/, '')]),
      );
      throw new UsageError(
        `there is no example "${inert(wanted)}"${near ? `; did you mean ${near}?` : '; foresail examples lists them'}`,
      );
    }
    const folder = join(library, name);
    if (options.copy === undefined) {
      const shown = relative('.', join(folder, 'scenario.yaml'));
      io.out(`${titleOf(folder)}\n${shown.startsWith('..') ? join(folder, 'scenario.yaml') : shown}\n`);
      return 0;
    }
    // As cp -r has it.
    const isFolder = statSync(options.copy, { throwIfNoEntry: false })?.isDirectory() === true;
    const target = isFolder ? join(options.copy, name) : options.copy;
    if (existsSync(target)) throw new UsageError(`${target} is there already`);
    try {
      cpSync(folder, target, { recursive: true });
    } catch (error) {
      throw new UsageError(`${target} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
    }
    io.out(`${join(target, 'scenario.yaml')}\n`);
    return 0;
  },
};

const EXAMPLES = `
For example:
  foresail examples                     all of them
  foresail examples P01                 what it shows, and where it is
  foresail examples P01 --copy mine     makes mine/scenario.yaml; where a folder
                                        mine exists, a folder of its own in it
  foresail run mine/scenario.yaml`;

/** First comment of the scenario. */
function titleOf(folder: string): string {
  const [first = ''] = readFileSync(join(folder, 'scenario.yaml'), 'utf8').split('\n', 1);
  return first.replace(/^#\s*/, '').replace(/\.$/, '');
}

/** Beside the sources, or beside the bundle of an installed package. */
function libraryFolder(): string {
  for (
    let folder = dirname(fileURLToPath(import.meta.url));
    folder !== dirname(folder);
    folder = dirname(folder)
  ) {
    const library = join(folder, 'examples', 'library');
    if (existsSync(library)) return library;
  }
  throw new UsageError('the library of examples is not installed beside foresail');
}
