// foresail dash FILE: watch a run in simulated time, from a scenario (simulated first) or from a file that --out run.json wrote.

import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { inert, nearestName, renderDiagnostic } from '../../scenarios/diagnostics.ts';
import type { View } from '../dashboard/state.ts';
import { EXIT } from '../exit-codes.ts';
import { frameColumns } from '../io.ts';
import type { Outcome } from '../outcome.ts';
import { exitCodeOf, resultsOf } from '../outcome.ts';
import { terminalOf } from '../output/terminal.ts';
import type { SavedRun } from '../read-run.ts';
import { addSomeFlags, type SharedOptions } from '../shared-flags.ts';
import { type CommandContext, type CommandModule, UsageError } from './command.ts';

interface DashOptions extends SharedOptions {
  plain?: boolean;
  screenReader?: boolean;
  at?: number;
  speed?: number;
  view?: string;
}

export const dash: CommandModule = {
  configure(command: Command) {
    addSomeFlags(command, ['seed', 'istio', 'set', 'manifests', 'variant', 'no-color']);
    command
      .option('--plain', 'lines instead of a screen; so does a pipe')
      .option('--screen-reader', 'lines that answer keys, without drawing; begins paused')
      .option('--view <name>', 'begin with overview, endpoints, timeline, requests or expectations')
      .option('--at <time>', 'begin paused at this simulated time', timeOf)
      .option('--speed <factor>', 'simulated seconds per second', factorOf)
      .addHelpText(
        'after',
        '\nThe scenario is simulated first; what is shown is a replay of its recording in simulated time.\nIn the dashboard ? lists the keys, q ends it.\nFor example: foresail run SCENARIO --out run.json; foresail dash run.json --at 15s',
      );
  },
  async execute([file], options: DashOptions, context) {
    if (file === undefined)
      throw new UsageError('dash needs a scenario, or a run that foresail run --out run.json saved');
    const { io } = context;
    const found = /\.json$/i.test(file) ? await saved(file) : await simulated(file, options, context);
    if (typeof found === 'number') return found;
    const { initialState, SPEEDS, VIEWS } = await import('../dashboard/state.ts');
    const { inertRun } = await import('../dashboard/inert-run.ts');
    const runs = found.map(inertRun);
    const run = chosenRun(runs, options.variant);
    const view = (options.view ?? 'overview') as View;
    if (!VIEWS.includes(view)) {
      const near = nearestName(view, VIEWS);
      throw new UsageError(
        `there is no view "${view}"${near ? `; did you mean "${near}"?` : ''} (known: ${VIEWS.join(', ')})`,
      );
    }
    const isInteractive =
      io.isOutTty && process.stdin.isTTY === true && io.env['TERM'] !== 'dumb' && options.plain !== true;
    if (!isInteractive) {
      const { plainLines } = await import('../dashboard/plain.ts');
      io.out(`${plainLines(runs[run]!).join('\n')}\n`);
      return EXIT.ok;
    }
    const speed = options.speed;
    const state = initialState(runs, {
      run,
      view,
      ...(options.at === undefined
        ? {}
        : { at: Math.min(options.at, runs[run]!.record.end), isPlaying: false }),
      ...(speed === undefined
        ? {}
        : {
            speed: Math.max(
              0,
              SPEEDS.findLastIndex((value) => value <= speed),
            ),
          }),
    });
    const terminal = terminalOf(io, options);
    if (options.screenReader) {
      const { listen } = await import('../dashboard/screen-reader.ts');
      return await listen(state, io);
    }
    const { replay } = await import('../dashboard/replay.ts');
    return await replay(state, terminal, io);
  },
};

async function saved(file: string): Promise<SavedRun[]> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
  const { readRun } = await import('../read-run.ts');
  const read = readRun(text, file);
  if ('problem' in read) throw new UsageError(read.problem);
  return read.runs;
}

/** Runs, or the exit code when there are none. */
async function simulated(
  file: string,
  options: DashOptions,
  context: CommandContext,
): Promise<SavedRun[] | number> {
  const { io } = context;
  const { predictOptionsOf } = await import('../session.ts');
  const { simulateFiles } = await import('../simulate.ts');
  const found: Outcome[] = [];
  const { isInterrupted } = await simulateFiles(
    [file],
    { ...predictOptionsOf(options, io), record: true },
    io,
    {
      onOutcome: (outcome) => void found.push(outcome),
    },
    { version: context.version },
  );
  if (isInterrupted) return EXIT.interrupted;
  const [outcome] = found;
  for (const diagnostic of outcome?.diagnostics ?? []) {
    const { file: where, line } = diagnostic;
    const text = outcome!.lines[`${where}:${line}`];
    const source = text === undefined ? undefined : '\n'.repeat(line - 1) + text;
    io.err(`${renderDiagnostic(diagnostic, source, frameColumns(io))}\n`);
  }
  if (!outcome?.result) return outcome ? exitCodeOf([outcome], { strict: false }) : EXIT.cannotRun;
  return resultsOf(outcome).flatMap((result) => (result.record ? [{ result, record: result.record }] : []));
}

function chosenRun(runs: readonly SavedRun[], variant: string | undefined): number {
  if (variant === undefined) return 0;
  const index = runs.findIndex(({ result }) => result.scenario.variant === variant);
  if (index >= 0) return index;
  const names = runs.flatMap(({ result }) => result.scenario.variant ?? []);
  const near = nearestName(variant, names);
  throw new UsageError(
    inert(
      `there is no variant "${variant}"${near ? `; did you mean "${near}"?` : ''} (known: ${names.join(', ') || 'none'})`,
    ),
  );
}

function timeOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
  if (!match) throw new InvalidArgumentError('A time such as 15s is needed.');
  return Number(match[1]) * { ms: 0.001, s: 1, m: 60, h: 3600 }[(match[2] ?? 's') as 'ms' | 's' | 'm' | 'h'];
}

function factorOf(text: string): number {
  const value = Number(text.replace(/^x/i, ''));
  if (!(value >= 0.1 && value <= 1000))
    throw new InvalidArgumentError('A factor from 0.1 to 1000 is needed.');
  return value;
}
