// Collects verdicts. Some of Istio's checks lose their warnings on the way up (those of subsets and port entries): errorsOnly() is for these.
import type { Verdict } from './verdict.ts';

export type Path = readonly (string | number)[];

export class Report {
  constructor(
    readonly verdicts: Verdict[] = [],
    readonly keepsWarnings = true,
  ) {}

  error(path: Path, message: string, hint?: string): void {
    this.#add('error', path, message, hint);
  }

  warning(path: Path, message: string, hint?: string): void {
    if (this.keepsWarnings) this.#add('warning', path, message, hint);
  }

  /** The same list, without its warnings from here on. */
  errorsOnly(): Report {
    return new Report(this.verdicts, false);
  }

  /** Adds a message that a check returned, if there is one. */
  check(path: Path, message: string | undefined, hint?: string): void {
    if (message !== undefined) this.error(path, message, hint);
  }

  #add(severity: Verdict['severity'], path: Path, message: string, hint: string | undefined): void {
    this.verdicts.push({ severity, message, path: [...path], ...(hint !== undefined && { hint }) });
  }
}
