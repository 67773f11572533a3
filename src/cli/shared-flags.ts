// The shared flags on a commander command, and what comes out of them.
import { type Command, InvalidArgumentError } from 'commander';
import { type Flag, FlagError, SHARED_FLAGS } from './flag-table.ts';

export interface SharedOptions {
  seed?: string | number;
  runs?: number;
  istio?: string;
  set?: string[];
  manifests?: string;
  reporter?: string;
  json?: boolean;
  out?: string[];
  strict?: boolean;
  only?: string[];
  variant?: string;
  perRun?: boolean;
  checkDeterminism?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  color: boolean;
}

export function addSharedFlags(command: Command): Command {
  return addFlags(command, SHARED_FLAGS);
}

/** Those of the shared flags that a command takes, by their long names. */
export function addSomeFlags(command: Command, names: readonly string[]): Command {
  const isNamed = ({ flags }: Flag) => names.some((name) => flags.split(/[, ]+/).includes(`--${name}`));
  return addFlags(command, SHARED_FLAGS.filter(isNamed));
}

function addFlags(command: Command, table: readonly Flag[]): Command {
  for (const { flags, summary, isList, parse = String } of table) {
    if (!flags.includes('<')) command.option(flags, summary);
    else
      command.option(flags, summary, (text: string, before: unknown) =>
        isList ? [...((before as unknown[] | undefined) ?? []), checked(parse, text)] : checked(parse, text),
      );
  }
  return command;
}

function checked(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof FlagError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
