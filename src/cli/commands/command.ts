// The contract of a command: one file with its arguments, flags and action, and one line in registry.ts.
import type { Command } from 'commander';
import type { Io } from '../io.ts';

export interface CommandContext {
  io: Io;
  version: string;
}

export interface CommandModule {
  /** Adds arguments and flags. */
  configure(command: Command): void;
  /** Does it, and returns the exit code. Mistakes of the user are written to io.err; exceptions are bugs. */
  // biome-ignore lint/suspicious/noExplicitAny: each command knows its own options
  execute(args: string[], options: any, context: CommandContext): Promise<number>;
}

export interface CommandEntry {
  name: string;
  /** As in usage: "[files...]". */
  arguments: string;
  summary: string;
  load(): Promise<CommandModule>;
}

/** A mistake in the call, such as a flag that does not exist: one line on stderr, exit code 1. */
export class UsageError extends Error {}
