// foresail check: searches faults, sizes, weights and times for a counterexample to what a team promises.
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { type Diagnostic, inert, renderDiagnostic } from '../../scenarios/diagnostics.ts';
import { nodeFiles } from '../../scenarios/files.ts';
import type { Candidate } from '../../scenarios/property/candidate.ts';
import { checkProperty, type PropertyReport } from '../../scenarios/property/check.ts';
import { counterexampleName, counterexampleText } from '../../scenarios/property/counterexample.ts';
import { type Property, readProperties } from '../../scenarios/property/read.ts';
import { readSpec } from '../../scenarios/property/read-spec.ts';
import { recordingFiles } from '../../scenarios/work/file-texts.ts';
import { type Prepared, prepare } from '../../scenarios/work/run-unit.ts';
import type { WorkRunner, WorkSummary, WorkUnit } from '../../scenarios/work/unit.ts';
import {
  addSearchFlags,
  assignments,
  milliseconds,
  names,
  type SearchFlags,
  searchSeed,
  whole,
} from '../check-flags.ts';
import { EXIT } from '../exit-codes.ts';
import { checkJson, checkText } from '../output/check-text.ts';
import { Progress } from '../progress.ts';
import { shellWord } from '../shell-word.ts';
import { type StopSignal, stopSignal } from '../stop-signal.ts';
import { openRunner } from '../work-pool.ts';
import { type CommandContext, type CommandModule, UsageError } from './command.ts';

interface CheckFlags extends SearchFlags {
  seed: number;
  runs: number;
  path?: string;
  maxTime?: number;
  exhaustive?: boolean;
  list?: boolean;
  dir?: string;
  write: boolean;
}

const DEFAULT_FILES = ['foresail.yaml', 'foresail.yml'];

export const check: CommandModule = {
  configure(command: Command) {
    command
      .option('--runs <count>', 'candidates to try for each property', whole, 100)
      .option('--seed <number>', 'seed of the search', searchSeed, 1)
      .option('--path <path>', 'straight to a counterexample, as a report named it')
      .option('--max-time <duration>', 'end the search after this time, such as 30s', milliseconds)
      .option('--exhaustive', 'every single fault, and every pair where that is feasible, instead of drawing')
      .option('--only <name>', 'only this property', names)
      .option('--list', 'the policies of the library')
      .option('--dir <folder>', 'where counterexamples are written; default: beside the scenario')
      .option('--no-write', 'write no counterexample files');
    assignments(command, '--set <path=value>', 'change one value of the scenario');
    addSearchFlags(command);
    command.addHelpText(
      'after',
      '\nFiles: scenarios with `properties:`, or TypeScript files that export property({...}) from "foresail".',
    );
  },
  async execute(files: string[], options: CheckFlags, context) {
    if (options.list) {
      const { policyList } = await import('../output/check-list.ts');
      context.io.out(policyList(options.json === true));
      return EXIT.ok;
    }
    const found = files.length > 0 ? files : DEFAULT_FILES.filter((file) => existsSync(file)).slice(0, 1);
    if (found.length === 0)
      throw new UsageError(
        'no file was named and there is no foresail.yaml here; name a scenario with `properties:`',
      );
    for (const file of found)
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
        throw new UsageError(`${file} is a folder; name the scenarios in it`);
    return await checkFiles(found, options, context);
  },
};

interface Subject {
  property: Property;
  holds?: (summary: WorkSummary, candidate: Candidate) => string | null;
}

async function checkFiles(files: string[], options: CheckFlags, context: CommandContext): Promise<number> {
  const { io } = context;
  const runner = await openRunner(options, context.version);
  const stop = stopSignal(options.maxTime);
  const reports: PropertyReport[] = [];
  const known: string[] = [];
  let isBroken = false;
  try {
    for (const file of files) {
      const isCode = /\.[cm]?[jt]s$/.test(file);
      const groups = isCode
        ? await codeSubjects(file, options, io.err)
        : [yamlSubjects(file, options, io.err)];
      let falsified = 0;
      for (const group of groups) {
        if (!group) {
          isBroken = true;
          continue;
        }
        for (const subject of group.subjects) {
          known.push(subject.property.name);
          if (options.only && !options.only.includes(subject.property.name)) continue;
          const report = await checkOne(group, subject, file, falsified, runner, stop, options, context);
          if (report.counterexample) falsified++;
          reports.push(report);
          if (stop.isInterrupted) break;
        }
      }
      if (stop.isInterrupted) break;
    }
  } finally {
    stop.end();
    await runner.end();
  }
  if (!isBroken && reports.length === 0 && !stop.isInterrupted)
    throw new UsageError(
      options.only && known.length > 0
        ? `no property is named ${options.only.map((name) => `"${name}"`).join(' or ')} (known: ${known.join(', ')})`
        : `${files.join(', ')}: no \`properties:\`; foresail check --list shows what a property may use`,
    );
  const exitCode = stop.isInterrupted
    ? EXIT.interrupted
    : isBroken
      ? EXIT.cannotRun
      : reports.some((report) => report.counterexample)
        ? EXIT.falsified
        : reports.some((report) => !report.ok)
          ? EXIT.cannotRun
          : EXIT.ok;
  const json = () => checkJson(reports, exitCode, context.version);
  io.out(options.json ? json() : checkText(reports, io, options));
  for (const out of options.out ?? [])
    writeText(out, out.endsWith('.json') ? json() : checkText(reports, { ...io, isOutTty: false }, options));
  return exitCode;
}

interface Group {
  file: string;
  unit: WorkUnit;
  prepared: Prepared;
  subjects: Subject[];
}

type Say = (text: string) => void;

/** The scenario with everything that it reads kept as texts. */
function opened(file: string, options: CheckFlags): { unit: WorkUnit; prepared: Prepared } {
  const recording = recordingFiles(nodeFiles());
  const unit: WorkUnit = {
    files: recording.texts,
    file,
    ...(options.set && { set: options.set }),
    ...(options.istio !== undefined && { istioVersion: options.istio }),
  };
  return { unit, prepared: prepare(unit, recording.files) };
}

function yamlSubjects(file: string, options: CheckFlags, say: Say): Group | undefined {
  const { unit, prepared } = opened(file, options);
  const isReadable = tell(prepared.loaded.diagnostics, prepared.loaded.sources, say);
  if (!isReadable || !prepared.tree) return undefined;
  const { variants } = prepared.loaded;
  if (variants.length > 0 && !options.quiet)
    say(
      `foresail: ${inert(file)}: properties are held against the base; not against its ${variants.length === 1 ? 'variant' : 'variants'} ${inert(variants.map(({ variant }) => variant).join(', '))}\n`,
    );
  const { properties, diagnostics } = readProperties(prepared);
  if (!tell(diagnostics, prepared.loaded.sources, say)) return undefined;
  return { file, unit, prepared, subjects: properties.map((property) => ({ property })) };
}

async function codeSubjects(file: string, options: CheckFlags, say: Say): Promise<(Group | undefined)[]> {
  const { loadPropertyModule } = await import('../property-module.ts');
  const specs = await loadPropertyModule(file);
  return specs.map((spec) => {
    const scenario = join(dirname(file), spec.scenario);
    const { unit, prepared } = opened(scenario, options);
    if (!tell(prepared.loaded.diagnostics, prepared.loaded.sources, say) || !prepared.tree) return undefined;
    const { property, holds, diagnostics } = readSpec(prepared, spec, file);
    if (!tell(diagnostics, prepared.loaded.sources, say) || !property) return undefined;
    return { file: scenario, unit, prepared, subjects: [{ property, ...(holds && { holds }) }] };
  });
}

/** @returns false when there is an error among them */
function tell(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string>, say: Say): boolean {
  for (const diagnostic of diagnostics)
    say(`${renderDiagnostic(diagnostic, sources.get(diagnostic.file))}\n`);
  return diagnostics.every(({ severity }) => severity !== 'error');
}

async function checkOne(
  group: Group,
  { property, holds }: Subject,
  given: string,
  index: number,
  runner: WorkRunner,
  stop: StopSignal,
  options: CheckFlags,
  { io }: CommandContext,
): Promise<PropertyReport> {
  const progress = new Progress(io, property.name);
  const report = await checkProperty(property, group.prepared, group.unit, runner, {
    runs: options.runs,
    seed: options.seed,
    signal: stop,
    onProgress: (done, total) => progress.tell(done, total),
    ...(options.path !== undefined && { path: options.path }),
    ...(options.exhaustive && { exhaustive: true }),
    ...(holds && { holds }),
  });
  progress.end();
  const { counterexample } = report;
  if (!counterexample) return report;
  const again = ['foresail', 'check', given];
  if (options.exhaustive) again.push('--exhaustive');
  else
    again.push(
      '--seed',
      String(report.seed),
      ...(counterexample.path === null ? [] : ['--path', counterexample.path]),
    );
  if (group.subjects.length > 1) again.push('--only', property.name);
  for (const set of options.set ?? []) again.push('--set', set);
  if (options.istio !== undefined) again.push('--istio', options.istio);
  counterexample.again = again.map((word) => shellWord(word)).join(' ');
  if (!options.write) return report;
  const folder = options.dir ?? dirname(group.file);
  const target = join(folder, counterexampleName(group.file, index));
  const way = relative(folder, dirname(group.file));
  const text = counterexampleText(property, counterexample.candidate, group.prepared.scenario, {
    extends: relative(folder, group.file),
    again: counterexample.again,
    expectations: counterexample.expectations,
    ...(counterexample.reason !== undefined && { reason: counterexample.reason }),
    folder: way,
  });
  writeText(target, text);
  counterexample.written = target;
  const replay = ['foresail', 'run', target];
  for (const set of options.set ?? []) replay.push('--set', set);
  if (options.istio !== undefined) replay.push('--istio', options.istio);
  counterexample.replay = replay.map((word) => shellWord(word)).join(' ');
  return report;
}

function writeText(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(
      `${inert(file)} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`,
    );
  }
}
