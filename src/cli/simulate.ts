// Runs scenario files and tells them in their order. Small runs happen here, or in threads when there are many; the replications of a long one
// go to threads or to a queue, so that all cores work and the terminal stays answerable: progress after a second, and Ctrl-C ends with what is
// finished.
import { nodeFiles } from '../scenarios/files.ts';
import type { LoadedScenario } from '../scenarios/scenario.ts';
import { type FileTexts, recordingFiles } from '../scenarios/work/file-texts.ts';
import { runShared } from '../scenarios/work/replications.ts';
import type { ScenarioSource } from '../scenarios/work/unit.ts';
import { DONE, newCells, STOPPED } from './cells.ts';
import { filesAhead } from './files-ahead.ts';
import type { Io } from './io.ts';
import { GROW_MS } from './jobs.ts';
import type { Outcome } from './outcome.ts';
import type { PredictOptions } from './predict.ts';
import { isBroken, isLong, load, predict, predictBy, replicationsAhead } from './predict.ts';
import { Progress } from './progress.ts';
import { type Hands, openReplicating, type Replicating } from './replicating.ts';

export interface Simulation {
  outcomes: Outcome[];
  isInterrupted: boolean;
}

export interface SimulationHooks {
  /** Names of the scenarios that are wanted; absent = all. */
  only?: readonly string[];
  /** Of every scenario that was read. */
  onName?(name: string): void;
  onOutcome(outcome: Outcome): void;
  /** Asked after each outcome: the other files are then left out. */
  isEnough?(): boolean;
}

export async function simulateFiles(
  files: readonly string[],
  options: PredictOptions,
  io: Io,
  { only, onName, onOutcome, isEnough }: SimulationHooks,
  hands: Hands,
): Promise<Simulation> {
  const outcomes: Outcome[] = [];
  const replicating = openReplicating(hands);
  const ahead = filesAhead(files, options, only, replicating.threadsFor);
  const startMs = performance.now();
  /** Threads are worth it when they are asked for, or when it lasts. A queue's workers have enough to do with one file. */
  const isWorthThreads = () =>
    hands.queue === undefined &&
    hands.jobs !== 1 &&
    (hands.jobs !== undefined || performance.now() - startMs > GROW_MS);

  const simulate = async (file: string, index: number): Promise<Simulated> => {
    const recording = recordingFiles(nodeFiles());
    const loaded = load(file, options, recording.files);
    const { name } = loaded.base;
    if (only && !only.includes(name)) return { name };
    if (isBroken(loaded) || (hands.queue === undefined && !isLong(loaded, options)))
      return { name, outcome: predict(loaded, file, options) };
    const source = sourceOf(file, options, recording.texts);
    const progress = new Progress(io, files.length > 1 ? `${index + 1} of ${files.length} ${name}` : name);
    try {
      return { name, outcome: await predictShared(loaded, source, options, replicating, progress) };
    } finally {
      progress.end();
    }
  };

  try {
    for (const [index, file] of files.entries()) {
      if (isWorthThreads()) await ahead.begin(index);
      const answer = await ahead.answerTo(index);
      if (answer === 'interrupted') return { outcomes, isInterrupted: true };
      const { name, outcome } = answer && !answer.isLong ? answer : await simulate(file, index);
      onName?.(name);
      if (outcome === undefined) continue;
      if (outcome === null) return { outcomes, isInterrupted: true };
      outcomes.push(outcome);
      onOutcome(outcome);
      if (outcome.isInterrupted) return { outcomes, isInterrupted: true };
      if (isEnough?.()) break;
    }
    return { outcomes, isInterrupted: false };
  } finally {
    await replicating.end();
  }
}

interface Simulated {
  name: string;
  /** undefined = it is not wanted, null = interrupted before anything was finished. */
  outcome?: Outcome | null;
}

/** The same scenario for those who have no disk: what was read of it, and what was asked for. */
function sourceOf(file: string, options: PredictOptions, files: FileTexts): ScenarioSource {
  const { set, istio, variant, manifests } = options;
  return {
    files: { ...files, ...(manifests && { manifests: manifests.text }) },
    file,
    set,
    ...(istio !== undefined && { istioVersion: istio }),
    ...(variant !== undefined && { variant }),
  };
}

/** How long an interrupted run may take to end its replications and read its numbers [ms]; a second Ctrl-C does not wait. */
const PATIENCE_MS = 10_000;
/** Between two looks at how far threads are [ms]. */
const LOOK_MS = 100;

/** null = interrupted before the first replication was finished. */
async function predictShared(
  loaded: LoadedScenario,
  source: ScenarioSource,
  options: PredictOptions,
  replicating: Replicating,
  progress: Progress,
): Promise<Outcome | null> {
  const cells = newCells();
  const total = replicationsAhead(loaded, options);
  let giveUp = () => {};
  const givenUp = new Promise<null>((resolve) => {
    giveUp = () => resolve(null);
  });
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const interrupt = () => {
    if (Atomics.exchange(cells, STOPPED, 1) === 1) giveUp();
    else setTimeout(giveUp, PATIENCE_MS).unref();
    stop();
  };
  process.on('SIGINT', interrupt);
  const looking = setInterval(
    () => progress.tell(Math.min(total, Atomics.load(cells, DONE)), total),
    LOOK_MS,
  ).unref();
  try {
    const runner = await replicating.runner(total, { cells, stopped });
    const outcome = predictBy(
      (settings) => runShared(loaded, source, runner, settings),
      loaded,
      source.file,
      options,
      {
        get aborted() {
          return Atomics.load(cells, STOPPED) === 1;
        },
      },
    );
    return await Promise.race([outcome, givenUp]);
  } finally {
    clearInterval(looking);
    process.off('SIGINT', interrupt);
  }
}
