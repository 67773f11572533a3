// The shared flags on a commander command, and what comes out of them.
import { type Command, InvalidArgumentError } from 'commander';
import { jobs } from './check-flags.ts';
import { type Flag, FlagError, SHARED_FLAGS } from './flag-table.ts';

/** Who simulates: flags of run and test. */
export interface HandsOptions {
  jobs?: number;
  queue?: string;
}

export interface SharedOptions extends HandsOptions {
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

export function addHandsFlags(command: Command): Command {
  return command
    .option(
      '--jobs <count>',
      'threads at most; "all" = as many as there are cores; default: as many as the work deserves',
      jobs,
    )
    .option('--queue <url>', 'redis://host:port: any number of `foresail worker` processes simulate');
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
