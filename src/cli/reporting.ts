// From flags to reporters, and from reporters to stdout and files: --reporter, --json, --out, -q, -v.
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { nearestName } from '../scenarios/diagnostics.ts';
import { UsageError } from './commands/command.ts';
import type { Io } from './io.ts';
import type { Outcome } from './outcome.ts';
import type { Reporter } from './output/reporter.ts';
import { OUT_FORMATS, REPORTERS } from './output/reporters.ts';
import { terminalOf } from './output/terminal.ts';
import type { SharedOptions } from './shared-flags.ts';

export interface Target {
  reporter: string;
  /** "-" = stdout. */
  file: string;
}

/** @throws UsageError */
export function targetsOf(options: SharedOptions, fallback: string): Target[] {
  const targets: Target[] = [];
  for (const item of options.reporter?.split(',') ?? []) {
    const [name, file = '-'] = split(item.trim());
    targets.push({ reporter: known(name), file: file || '-' });
  }
  if (options.json) targets.push({ reporter: 'json', file: '-' });
  if (targets.length === 0) targets.push({ reporter: fallback, file: '-' });
  for (const file of options.out ?? []) targets.push({ reporter: formatOf(file), file });
  const onStdout = targets.filter(({ file }) => file === '-').map(({ reporter }) => reporter);
  const documents = onStdout.filter((name) => !['pretty', 'lines', 'github'].includes(name));
  if (new Set(onStdout).size > 1 && documents.length > 0)
    throw new UsageError(
      `two reports cannot share standard output (${onStdout.join(', ')}); give one a file: ${documents[0]}=FILE`,
    );
  return targets;
}

function split(item: string): [string, string?] {
  const at = item.indexOf('=');
  return at < 0 ? [item] : [item.slice(0, at), item.slice(at + 1)];
}

function known(name: string): string {
  if (Object.hasOwn(REPORTERS, name)) return name;
  const near = nearestName(name, Object.keys(REPORTERS));
  throw new UsageError(
    `there is no reporter "${name}"${near ? `; did you mean "${near}"?` : ''} (known: ${Object.keys(REPORTERS).join(', ')})`,
  );
}

function formatOf(file: string): string {
  const extension = extname(file).toLowerCase();
  if (Object.hasOwn(OUT_FORMATS, extension)) return OUT_FORMATS[extension]!;
  throw new UsageError(`--out ${file}: the extension is none of ${Object.keys(OUT_FORMATS).join(', ')}`);
}

export interface Reporting {
  outcome(outcome: Outcome): void;
  end(outcomes: readonly Outcome[]): void;
}

export async function openReporting(
  targets: readonly Target[],
  options: SharedOptions,
  context: { io: Io; version: string; hasMany: boolean },
): Promise<Reporting> {
  const { io, version, hasMany } = context;
  const open: { target: Target; reporter: Reporter; text: string }[] = [];
  for (const target of targets) {
    const definition = await REPORTERS[target.reporter]!();
    const terminal = terminalOf(io, options);
    const reporter = definition.create({
      // In a file there is no terminal to ask.
      terminal: target.file === '-' ? terminal : { columns: 100, color: false, unicode: true },
      verbosity: options.verbose ? 1 : options.quiet ? -1 : 0,
      strict: options.strict === true,
      hasMany,
      version,
      env: io.env,
      appendFile: (file, text) => writeOrExplain(() => appendFileSync(file, text), file),
    });
    open.push({ target, reporter, text: '' });
  }
  const write = (entry: (typeof open)[number], text: string) => {
    if (entry.target.file === '-') {
      if (text !== '') io.out(text);
    } else entry.text += text;
  };
  return {
    outcome(outcome) {
      for (const entry of open) write(entry, entry.reporter.outcome?.(outcome) ?? '');
    },
    end(outcomes) {
      for (const entry of open) {
        write(entry, entry.reporter.end?.(outcomes) ?? '');
        const { file } = entry.target;
        if (file === '-') continue;
        writeOrExplain(() => {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, entry.text);
        }, file);
      }
    },
  };
}

function writeOrExplain(write: () => void, file: string): void {
  try {
    write();
  } catch (error) {
    throw new UsageError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}
