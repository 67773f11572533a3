// The contract of a reporter: it gets each outcome as it comes, and all of them at the end, and returns text to write.
import type { Outcome } from '../outcome.ts';
import type { Terminal } from './terminal.ts';

export interface ReportContext {
  terminal: Terminal;
  /** -1 with -q, 1 with -v. */
  verbosity: -1 | 0 | 1;
  strict: boolean;
  /** Several files were asked for. */
  hasMany: boolean;
  version: string;
  /** For reporters that append to a file named in the environment. */
  appendFile(file: string, text: string): void;
  env: Readonly<Record<string, string | undefined>>;
}

export interface Reporter {
  /** Text for one outcome, as soon as it is there. */
  outcome?(outcome: Outcome): string;
  end?(outcomes: readonly Outcome[]): string;
}

export interface ReporterDefinition {
  name: string;
  summary: string;
  create(context: ReportContext): Reporter;
}
