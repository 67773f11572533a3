// Findings for people (with code frames), as JSON, and through the SARIF and GitHub reporters that runs have.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Diagnostic, inert, renderDiagnostic } from '../../scenarios/diagnostics.ts';
import type { Finding, ScenarioResult } from '../../scenarios/result.ts';
import type { CommandContext } from '../commands/command.ts';
import { UsageError } from '../commands/command.ts';
import type { LintFlags, LintOutcome } from '../commands/lint.ts';
import type { Outcome } from '../outcome.ts';
import type { Target } from '../reporting.ts';
import type { SharedOptions } from '../shared-flags.ts';
import { REPORTERS } from './reporters.ts';
import { terminalOf } from './terminal.ts';

export async function writeLintReports(
  outcomes: readonly LintOutcome[],
  targets: readonly Target[],
  options: LintFlags,
  context: CommandContext,
): Promise<void> {
  for (const { reporter, file } of targets) {
    const text = await textOf(reporter, outcomes, options, context);
    if (file === '-') context.io.out(text);
    else
      try {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      } catch (error) {
        throw new UsageError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
      }
  }
}

async function textOf(
  reporter: string,
  outcomes: readonly LintOutcome[],
  options: LintFlags,
  { io, version }: CommandContext,
): Promise<string> {
  if (reporter === 'pretty') return pretty(outcomes, options.quiet === true);
  if (reporter === 'json')
    return `${JSON.stringify({ foresail: version, files: outcomes.map(plain) }, null, 2)}\n`;
  const made = (await REPORTERS[reporter]!()).create({
    terminal: terminalOf(io, options as SharedOptions),
    verbosity: 0,
    strict: false,
    hasMany: outcomes.length > 1,
    version,
    env: {},
    appendFile: () => {},
  });
  const all = outcomes.map((outcome) => asOutcome(outcome, version));
  return all.map((outcome) => made.outcome?.(outcome) ?? '').join('') + (made.end?.(all) ?? '');
}

const plain = ({ file, loaded, findings, blind }: LintOutcome) => ({
  file,
  diagnostics: loaded.diagnostics,
  findings: findings.map(({ fix, ...finding }) => ({ ...finding, ...(fix && { isFixable: true }) })),
  ...(blind.length > 0 && { blind }),
});

function pretty(outcomes: readonly LintOutcome[], isQuiet: boolean): string {
  const out: string[] = [];
  const counts = { error: 0, warning: 0, info: 0 };
  let fixable = 0;
  for (const { loaded, findings } of outcomes)
    for (const finding of findings) {
      counts[finding.severity]++;
      if (isQuiet && finding.severity === 'info') continue;
      if (finding.fix) fixable++;
      out.push(
        // The same frame as diagnostics have; only the codes come from another table.
        renderDiagnostic(
          { ...finding, code: finding.rule } as unknown as Diagnostic,
          loaded.sources.get(finding.file),
        ),
        '',
      );
    }
  const refused = outcomes.reduce(
    (sum, { loaded }) => sum + loaded.diagnostics.filter(({ severity }) => severity === 'error').length,
    0,
  );
  const words = [
    `${counts.error} error${counts.error === 1 ? '' : 's'}`,
    `${counts.warning} warning${counts.warning === 1 ? '' : 's'}`,
    `${counts.info} info`,
  ];
  if (refused > 0) words.push(`${refused} refused by Kubernetes, Istio or foresail (above)`);
  out.push(
    `${outcomes.length === 1 ? inert(outcomes[0]!.file) : `${outcomes.length} scenarios`}: ${words.join(', ')}${fixable > 0 ? `; --fix writes ${fixable}` : ''}`,
  );
  if (counts.error + counts.warning > 0) out.push('foresail rules ID tells symptom, cause and fix.');
  return `${out.join('\n')}\n`;
}

/** As a run's outcome, with findings and nothing else. */
function asOutcome({ file, loaded, findings }: LintOutcome, version: string): Outcome {
  const isOk = !findings.some(({ severity }) => severity === 'error');
  const result: ScenarioResult = {
    foresail: version,
    ok: isOk,
    exitCode: isOk ? 0 : 3,
    scenario: {
      name: loaded.base.name,
      file,
      seed: loaded.base.seed,
      runs: 0,
      istioVersion: loaded.base.istioVersion,
      variant: null,
    },
    loads: [],
    services: [],
    ejections: [],
    timeline: [],
    expectations: [],
    findings: findings.map(({ fix: _, ...finding }): Finding => finding),
    notSimulated: [],
    rerun: '',
    run: { end: 0, events: 0, path: 'none', digest: '' },
    variants: [],
  };
  return { file, result, diagnostics: loaded.diagnostics, lines: {} };
}
