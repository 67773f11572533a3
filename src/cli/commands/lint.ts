// foresail lint: static findings only, for scenario files and for folders of manifests alone.

import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { inert, renderDiagnostic } from '../../scenarios/diagnostics.ts';
import { isProblem, nodeFiles } from '../../scenarios/files.ts';
import { fixedText } from '../../scenarios/lint/fix-text.ts';
import type { FixableFinding } from '../../scenarios/lint/lint.ts';
import { lintLoaded } from '../../scenarios/lint/lint-loaded.ts';
import { RULES } from '../../scenarios/lint/registry.ts';
import { loadScenario } from '../../scenarios/load.ts';
import type { LintSettings, LoadedScenario } from '../../scenarios/scenario.ts';
import { EXIT } from '../exit-codes.ts';
import { frameColumns } from '../io.ts';
import { type LintTarget, lintTargets } from '../lint-targets.ts';
import { writeLintReports } from '../output/lint-report.ts';
import { targetsOf } from '../reporting.ts';
import type { SharedOptions } from '../shared-flags.ts';
import { type CommandModule, UsageError } from './command.ts';

export interface LintFlags
  extends Pick<SharedOptions, 'reporter' | 'json' | 'out' | 'istio' | 'set' | 'quiet' | 'color'> {
  rule?: string[];
  fix?: boolean;
  strict?: boolean;
}

export interface LintOutcome {
  file: string;
  loaded: LoadedScenario;
  findings: FixableFinding[];
  /** Rules that could not look at it, because it is refused. */
  blind: string[];
}

const collect = (text: string, before: string[] | undefined) => [...(before ?? []), text];
/** More rounds than fixes that open the way for another. */
const MOST_ROUNDS = 5;

export const lint: CommandModule = {
  configure(command: Command) {
    command
      .option('--fix', 'write the fixes that are mechanical; only the touched lines change')
      .option('--rule <id=severity>', 'error, warning, info or off, for one rule', collect)
      .option('--strict', 'warnings fail too (exit 3)')
      .option('--istio <version>', 'rules of this Istio version')
      .option('--set <path=value>', 'change one value of the scenarios', collect)
      .option('--reporter <list>', 'name[=FILE],...: pretty, json, sarif, github')
      .option('--json', 'findings as JSON (the same as --reporter json)')
      .option('-o, --out <file>', 'also save them: .json or .sarif', collect)
      .option('-q, --quiet', 'errors and warnings only')
      .option('--no-color', 'no colours (also NO_COLOR=1)');
  },
  async execute(paths, options: LintFlags, context) {
    const settings = settingsOf(options.rule ?? []);
    // --out FILE.json means what --json prints: nothing was run that could be recorded.
    const reports = targetsOf(options as SharedOptions, 'pretty').map((target) =>
      target.reporter === 'record' ? { ...target, reporter: 'json' } : target,
    );
    for (const { reporter, file } of reports)
      if (!['pretty', 'json', 'sarif', 'github'].includes(reporter))
        throw new UsageError(
          options.out?.includes(file)
            ? `--out ${file}: lint writes .json and .sarif`
            : `lint has no reporter "${reporter}" (known: pretty, json, sarif, github)`,
        );
    const targets = lintTargets(paths.length > 0 ? paths : ['.']);
    let outcomes = lintAll(targets, options, settings);
    if (options.fix) {
      let written = 0;
      for (let round = 0; round < MOST_ROUNDS; round++) {
        const changed = writeFixes(outcomes);
        if (changed === 0) break;
        written += changed;
        outcomes = lintAll(targets, options, settings);
      }
      context.io.err(
        `foresail: ${written === 0 ? 'nothing to fix' : `${written} fix${written === 1 ? '' : 'es'} written`}\n`,
      );
    }
    for (const { loaded } of outcomes)
      for (const diagnostic of loaded.diagnostics)
        context.io.err(
          `${renderDiagnostic(diagnostic, loaded.sources.get(diagnostic.file), frameColumns(context.io))}\n`,
        );
    for (const { file, blind } of outcomes)
      if (blind.length > 0) context.io.err(`foresail: ${blindText(file, blind)}\n`);
    await writeLintReports(outcomes, reports, options, context);
    const diagnostics = outcomes.flatMap(({ loaded }) => loaded.diagnostics);
    const findings = outcomes.flatMap((outcome) => outcome.findings);
    if (diagnostics.some(({ code, severity }) => severity === 'error' && code.startsWith('FS1')))
      return EXIT.cannotRun;
    const isBad =
      diagnostics.some(({ severity }) => severity === 'error') ||
      findings.some(({ severity }) => severity === 'error' || (options.strict && severity === 'warning'));
    return isBad ? EXIT.lintErrors : EXIT.ok;
  },
};

function lintAll(targets: readonly LintTarget[], options: LintFlags, settings: LintSettings): LintOutcome[] {
  return targets.map(({ file, files }) => {
    const loaded = loadScenario(file, files, {
      ...(options.istio !== undefined && { istioVersion: options.istio }),
      set: options.set ?? [],
      tellsRefusals: true,
    });
    const blind = new Set<string>();
    const findings = lintLoaded(loaded, { settings, onBlind: (rule) => void blind.add(rule) });
    return { file, loaded, findings, blind: [...blind] };
  });
}

function blindText(file: string, blind: readonly string[]): string {
  const names = `${blind.slice(0, 5).join(', ')}${blind.length > 5 ? ', ...' : ''}`;
  const which =
    blind.length === RULES.length
      ? 'no rule can'
      : `${blind.length} of ${RULES.length} rules (${names}) cannot`;
  return inert(`${file}: ${which} look at what is refused; mend the errors first`);
}

function writeFixes(outcomes: readonly LintOutcome[]): number {
  const files = nodeFiles();
  let written = 0;
  for (const { findings } of outcomes)
    for (const { fix } of findings) {
      const text = fix && files.read(fix.file);
      if (!fix || text === undefined || isProblem(text)) continue;
      const changed = fixedText(text, fix);
      if (changed === undefined || changed === text) continue;
      try {
        writeFileSync(fix.file, changed);
      } catch (error) {
        throw new UsageError(
          `${fix.file} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`,
        );
      }
      written++;
    }
  return written;
}

function settingsOf(written: readonly string[]): LintSettings {
  const settings: LintSettings = {};
  for (const text of written) {
    const [id = '', severity = ''] = text.split('=');
    if (!RULES.some((rule) => rule.id === id))
      throw new UsageError(`--rule ${inert(text)}: there is no rule "${inert(id)}"`);
    if (severity !== 'error' && severity !== 'warning' && severity !== 'info' && severity !== 'off')
      throw new UsageError(`--rule ${inert(text)}: a severity is error, warning, info or off`);
    settings[id] = severity;
  }
  return settings;
}
