// From arguments to an exit code: finds the command, lets commander parse the rest, turns mistakes into hints and bugs into reports.
import { inert } from '../scenarios/diagnostics.ts';
import { isHelp, splitCommand } from './command-line.ts';
import { type CommandEntry, UsageError } from './commands/command.ts';
import { COMMANDS, DEFAULT_COMMAND } from './commands/registry.ts';
import { EXIT, EXIT_CODE_TEXT } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { TaskKind } from './thread-work.ts';

/** For threads: what serves the process serves them. */
export const loadThread = async (kind: TaskKind) => (await import('./thread-work.ts')).threadWork(kind);

export async function runProgram(argv: readonly string[], io: Io, version: string): Promise<number> {
  try {
    const { name, rest } = splitCommand(argv);
    if (name === undefined && isHelp(rest)) {
      io.out(rootHelp(version));
      return EXIT.ok;
    }
    if (name === undefined && rest[0] !== undefined && ['--version', '-V'].includes(rest[0])) {
      io.out(`${version}\n`);
      return EXIT.ok;
    }
    if (name === 'help') return await runProgram([...rest, '--help'], io, version);
    const entry = COMMANDS.find((command) => command.name === (name ?? DEFAULT_COMMAND))!;
    return await execute(entry, rest, io, version);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`foresail: ${inert(error.message)}\n`);
      return EXIT.cannotRun;
    }
    if (isCommanderError(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.cannotRun;
    io.err(bugText(error, argv, version));
    return EXIT.bug;
  }
}

/** Commander has written its text already. Its class is not loaded for --help. */
function isCommanderError(error: unknown): error is Error & { exitCode: number } {
  return (
    error instanceof Error &&
    'exitCode' in error &&
    'code' in error &&
    String(error.code).startsWith('commander.')
  );
}

async function execute(entry: CommandEntry, argv: string[], io: Io, version: string): Promise<number> {
  const { Command } = await import('commander');
  const module = await entry.load();
  const command = new Command(`foresail ${entry.name}`);
  command.description(capital(entry.summary));
  command.exitOverride().configureOutput({
    writeOut: (text) => io.out(text),
    writeErr: (text) => io.err(inert(friendly(text, entry))),
    getOutHelpWidth: () => 80,
    getErrHelpWidth: () => 80,
  });
  if (entry.arguments) command.arguments(entry.arguments);
  module.configure(command);
  command.addHelpText('after', exitCodeHelp());
  let code: number = EXIT.ok;
  command.action(async () => {
    code = await module.execute(command.args, command.opts(), { io, version });
  });
  await command.parseAsync(argv, { from: 'user' });
  return code;
}

/** Commander's words, and after a missing argument what to write. */
function friendly(text: string, { name, arguments: args }: CommandEntry): string {
  const words = text.replace(/^error: /, 'foresail: ');
  if (!/^error: missing required argument/.test(text)) return words;
  return `${words.trimEnd()}\n  usage: foresail ${name} ${args}; foresail help ${name} tells more\n`;
}

const capital = (text: string) => `${text[0]!.toUpperCase()}${text.slice(1)}.`;

function rootHelp(version: string): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length + command.arguments.length + 1));
  const commands = COMMANDS.map(
    ({ name, arguments: args, summary }) => `  ${`${name} ${args}`.padEnd(width)}  ${summary}`,
  );
  return [
    `foresail ${version}: predicts where a service mesh sends its traffic, from YAML, before it is deployed.`,
    '',
    'Usage: foresail [command] [files...] [flags]',
    '',
    'Commands:',
    ...commands,
    '',
    '  foresail help COMMAND lists the flags of a command.',
    exitCodeHelp(),
    '',
  ].join('\n');
}

function exitCodeHelp(): string {
  const rows = EXIT_CODE_TEXT.map(([code, text]) => `  ${String(code).padStart(3)}  ${text}`);
  return ['', 'Exit codes:', ...rows].join('\n');
}

function bugText(error: unknown, argv: readonly string[], version: string): string {
  const text = error instanceof Error ? error.message : String(error);
  const isVerbose = argv.includes('-v') || argv.includes('--verbose');
  const stack = error instanceof Error && isVerbose ? `${inert(error.stack ?? '')}\n` : '';
  return [
    `foresail: this is a bug in foresail ${version}, not in your files: ${inert(text)}`,
    stack || '  Run it again with -v to see where it happened.',
    '  Please report it with the scenario and the command; npm bugs foresail opens the right page.',
    '',
  ].join('\n');
}
