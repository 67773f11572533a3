// foresail sweep: one knob (or a grid) over values and seeds as a table, a plot and data; or the value at which a promise breaks.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { inert, renderDiagnostic } from '../../scenarios/diagnostics.ts';
import { isMistake } from '../../scenarios/durations.ts';
import { nodeFiles } from '../../scenarios/files.ts';
import { placedOf, plainOf } from '../../scenarios/position.ts';
import { bisect } from '../../scenarios/sweep/bisect.ts';
import { type Measure, measureOf } from '../../scenarios/sweep/measures.ts';
import { sweep as sweepOver } from '../../scenarios/sweep/sweep.ts';
import { type Knob, knobOf } from '../../scenarios/sweep/values.ts';
import { amountOf, workOf } from '../../scenarios/work/amount.ts';
import { recordingFiles } from '../../scenarios/work/file-texts.ts';
import { prepare } from '../../scenarios/work/run-unit.ts';
import type { WorkRunner, WorkUnit } from '../../scenarios/work/unit.ts';
import { parseYamlDocuments } from '../../scenarios/yaml-documents.ts';
import { addSearchFlags, assignments, names, type SearchFlags, seed, whole } from '../check-flags.ts';
import { EXIT } from '../exit-codes.ts';
import { frameColumns } from '../io.ts';
import { bisectionJson, bisectionText, sweepCsv, sweepJson, sweepText } from '../output/sweep-text.ts';
import { Progress } from '../progress.ts';
import { openRunner } from '../work-pool.ts';
import { type CommandContext, type CommandModule, UsageError } from './command.ts';

interface SweepFlags extends SearchFlags {
  seeds: number;
  runs?: number;
  bisect?: string;
  keep?: string;
  measure?: string[];
  plot?: string;
  during?: string;
  variant?: string;
  csv?: boolean;
}

export const sweep: CommandModule = {
  configure(command: Command) {
    assignments(
      command,
      '--set <path=values>',
      'what varies: a,b,c or 1..10 or 10ms..50ms:10ms; several make a grid, one value is a setting',
    );
    command
      .option('--seeds <count>', 'seeds for each value; figures then have a band', whole, 1)
      .option('--seed <seed>', "the first seed; default the scenario's", seed)
      .option(
        '--runs <count>',
        "replications of each seed; default the scenario's, 1 with several seeds",
        whole,
      )
      .option('--bisect <path=lo..hi>', 'the largest or smallest value that keeps an expectation')
      .option('--keep <expectation>', 'what is to be kept, as in the file: "of: reviews, errorRate: ..1%"')
      .option(
        '--measure <name>',
        'a figure (errorRate, attemptsPerRequest, p95, ...) or a share (reviews:version=v2)',
        names,
      )
      .option('--plot <name>', 'the measure to plot; default the first that varies')
      .option('--during <load>', 'this load alone')
      .option('--variant <name>', 'this variant instead of the base')
      .option('--csv', 'the table as CSV');
    addSearchFlags(command);
    command.addHelpText(
      'after',
      '\nFor example:\n  foresail sweep f.yaml --set load[0].rate=10/s..100/s:10/s --seeds 5\n  foresail sweep f.yaml --set DestinationRule/reviews:spec.trafficPolicy.outlierDetection.maxEjectionPercent=10,50,100\n  foresail sweep f.yaml --bisect load[0].rate=10/s..1000/s --keep "errorRate: ..1%"',
    );
  },
  async execute([file]: string[], options: SweepFlags, context) {
    if (file === undefined) throw new UsageError('no scenario file was named');
    const knobs = (options.set ?? []).map(knob);
    const varying = knobs.filter(({ values }) => values.length > 1);
    const fixed = knobs
      .filter(({ values }) => values.length === 1)
      .map(({ path, values }) => `${path}=${values[0]}`);
    const searched = options.bisect === undefined ? undefined : knob(options.bisect);
    if (searched && varying.length > 0)
      throw new UsageError('--bisect takes one knob: --set may only fix values beside it');
    if (searched && options.keep === undefined)
      throw new UsageError('--bisect needs --keep, such as --keep "errorRate: ..1%"');
    if (!searched && options.keep !== undefined)
      throw new UsageError('--keep belongs to --bisect path=lo..hi');
    if (searched && searched.values.length < 2)
      throw new UsageError('--bisect needs a range, such as replicas=1..100');
    if (!searched && varying.length === 0 && options.seeds === 1)
      throw new UsageError('nothing varies: --set path=a,b,c or path=1..10, or --seeds');
    const opened = open(file, searched ? [searched] : varying, fixed, options, context);
    if (!opened) return EXIT.cannotRun;
    const { unit, work } = opened;
    const runner = await openRunner(options, context.version, work);
    try {
      return searched
        ? await search(unit, searched, options, runner, context)
        : await table(unit, varying, options, runner, context);
    } finally {
      await runner.end();
    }
  },
};

function knob(text: string): Knob {
  const read = knobOf(text);
  if (isMistake(read)) throw new UsageError(`${read.message}${read.hint ? `; ${read.hint}` : ''}`);
  return read;
}

/** Read once, with every file that one of the values may name; and how much work it is, as far as the first values tell. */
function open(
  file: string,
  knobs: readonly Knob[],
  fixed: string[],
  options: SweepFlags,
  { io }: CommandContext,
): { unit: WorkUnit; work: number } | undefined {
  const recording = recordingFiles(nodeFiles());
  const unit: WorkUnit = {
    files: recording.texts,
    file,
    set: fixed,
    ...(options.istio !== undefined && { istioVersion: options.istio }),
    ...(options.variant !== undefined && { variant: options.variant }),
  };
  const first = knobs.map(({ path, values }) => `${path}=${values[0]}`);
  const { loaded, scenario } = prepare({ ...unit, set: [...fixed, ...first] }, recording.files);
  for (const diagnostic of loaded.diagnostics)
    io.err(`${renderDiagnostic(diagnostic, loaded.sources.get(diagnostic.file), frameColumns(io))}\n`);
  if (loaded.diagnostics.some(({ severity }) => severity === 'error')) return undefined;
  for (const { path, values } of knobs)
    if (/^(manifests|faults|variants|extends)\b/.test(path))
      for (const value of values)
        prepare({ ...unit, set: [...fixed, ...first, `${path}=${value}`] }, recording.files);
  const points = knobs.reduce((product, { values }) => product * values.length, 1);
  const runs = options.runs ?? (options.seeds > 1 ? 1 : scenario.runs);
  return { unit, work: workOf(amountOf(scenario, runs)) * points * options.seeds };
}

async function table(
  unit: WorkUnit,
  knobs: readonly Knob[],
  options: SweepFlags,
  runner: WorkRunner,
  { io, version }: CommandContext,
): Promise<number> {
  const measures = options.measure?.map((name): Measure => {
    const measure = measureOf(name, options.during);
    if (isMistake(measure))
      throw new UsageError(`${measure.message}${measure.hint ? `; ${measure.hint}` : ''}`);
    return measure;
  });
  const progress = new Progress(io, 'sweep');
  const result = await sweepOver(unit, knobs, runner, {
    seeds: options.seeds,
    seed: options.seed ?? prepare(unit).scenario.seed,
    ...(options.runs !== undefined && { runs: options.runs }),
    ...(measures && { measures }),
    ...(options.during !== undefined && { during: options.during }),
    onProgress: (done, total) => progress.tell(done, total),
  });
  progress.end();
  if (options.plot !== undefined && !result.measures.some(({ name }) => name === options.plot))
    throw new UsageError(
      `--plot ${options.plot}: it is not measured (${result.measures.map(({ name }) => name).join(', ')})`,
    );
  const text = () => sweepText(result, unit.file, io, options);
  const forms = { json: () => sweepJson(result, unit.file, version), csv: () => sweepCsv(result), text };
  io.out(options.json ? forms.json() : options.csv ? forms.csv() : text());
  for (const out of options.out ?? [])
    save(out, out.endsWith('.csv') ? forms.csv() : out.endsWith('.json') ? forms.json() : text());
  return result.points.every((point) => point.problem) ? EXIT.cannotRun : EXIT.ok;
}

async function search(
  unit: WorkUnit,
  searched: Knob,
  options: SweepFlags,
  runner: WorkRunner,
  { io, version }: CommandContext,
): Promise<number> {
  const progress = new Progress(io, 'bisect');
  const keep = expectation(options.keep!);
  const result = await bisect(unit, searched, keep, options.keep!, runner, {
    seeds: options.seeds,
    seed: options.seed ?? prepare(unit).scenario.seed,
    ...(options.runs !== undefined && { runs: options.runs }),
    onProgress: (done, total) => progress.tell(done, total),
  });
  progress.end();
  if ('problem' in result) {
    io.err(`${renderDiagnostic(result.problem)}\n  with ${inert(`${searched.name}=${result.value}`)}\n`);
    return EXIT.cannotRun;
  }
  const text = () => bisectionText(result, io, options);
  const json = () => bisectionJson(result, unit.file, version);
  io.out(options.json ? json() : text());
  for (const out of options.out ?? []) save(out, out.endsWith('.json') ? json() : text());
  return result.outcome === 'none' ? EXIT.expectationFailed : EXIT.ok;
}

/** "of: reviews, errorRate: ..1%" or the same in braces. */
function expectation(text: string): Record<string, unknown> {
  const flow = /^\s*\{/.test(text) ? text : `{ ${text} }`;
  const { documents, diagnostics } = parseYamlDocuments('--keep', flow);
  const value = documents[0] && plainOf(placedOf(documents[0]));
  if (diagnostics.length > 0 || documents.length !== 1 || typeof value !== 'object' || value === null)
    throw new UsageError(
      `--keep "${text}" cannot be read; write it as in the file: "of: reviews, errorRate: ..1%"`,
    );
  return value as Record<string, unknown>;
}

function save(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(
      `${inert(file)} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`,
    );
  }
}
