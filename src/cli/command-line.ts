// Which command is called: found before anything of it is loaded, so that main.ts can choose how to load it. Knows no library.
import { existsSync } from 'node:fs';
import { nearestName } from '../scenarios/diagnostics.ts';
import { UsageError } from './commands/command.ts';
import { COMMANDS } from './commands/registry.ts';
import { takesNextArgument } from './flag-table.ts';

export interface CommandLine {
  /** undefined = none was named. */
  name?: string;
  /** All arguments but the name. */
  rest: string[];
}

/** The first argument that is neither a flag nor a flag's value, if it names a command. @throws UsageError */
export function splitCommand(argv: readonly string[]): CommandLine {
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i]!;
    if (argument === '--') break;
    if (argument.startsWith('-') && argument !== '-') {
      if (takesNextArgument(argument)) i++;
      continue;
    }
    if (argument === 'help' || COMMANDS.some(({ name }) => name === argument))
      return { name: argument, rest: argv.filter((_, at) => at !== i) };
    refuseUnknown(argument);
    break;
  }
  return { rest: [...argv] };
}

export const isHelp = (rest: readonly string[]) => rest.includes('--help') || rest.includes('-h');

/** A bare word that is no file was meant as a command. */
function refuseUnknown(argument: string): void {
  if (!/^[a-z][a-z-]*$/i.test(argument) || existsSync(argument)) return;
  const near = nearestName(
    argument,
    COMMANDS.map(({ name }) => name),
  );
  throw new UsageError(
    `there is no command and no file "${argument}"${near ? `; did you mean "${near}"?` : '; foresail --help lists the commands'}`,
  );
}
