// Runs scenario files one after the other. Small runs happen here; the replications of a long one go to threads or to a queue, so that all
// cores work and the terminal stays answerable: progress after a second, and Ctrl-C ends with what is finished.
import { nodeFiles } from '../scenarios/files.ts';
import type { LoadedScenario } from '../scenarios/scenario.ts';
import { type FileTexts, recordingFiles } from '../scenarios/work/file-texts.ts';
import { runShared } from '../scenarios/work/replications.ts';
import type { ScenarioSource } from '../scenarios/work/unit.ts';
import { DONE, newCells, STOPPED } from './cells.ts';
import type { Io } from './io.ts';
import { LONG_REQUESTS } from './jobs.ts';
import type { Outcome } from './outcome.ts';
import type { PredictOptions } from './predict.ts';
import { isBroken, load, predict, predictBy, replicationsAhead, requestsAhead } from './predict.ts';
import { Progress } from './progress.ts';
import { type Hands, openReplicating, type Replicating } from './replicating.ts';

export interface Simulation {
  outcomes: Outcome[];
  isInterrupted: boolean;
}

export interface SimulationHooks {
  isWanted?(outcome: { file: string; name: string }): boolean;
  onOutcome(outcome: Outcome): void;
  /** Asked after each outcome: the other files are then left out. */
  isEnough?(): boolean;
}

export async function simulateFiles(
  files: readonly string[],
  options: PredictOptions,
  io: Io,
  hooks: SimulationHooks,
  hands: Hands,
): Promise<Simulation> {
  const outcomes: Outcome[] = [];
  const replicating = openReplicating(hands);
  try {
    for (const [index, file] of files.entries()) {
      const recording = recordingFiles(nodeFiles());
      const loaded = load(file, options, recording.files);
      const name = loaded.base?.name ?? file;
      if (hooks.isWanted && !hooks.isWanted({ file, name })) continue;
      const progress = new Progress(io, files.length > 1 ? `${index + 1} of ${files.length} ${name}` : name);
      const isShort =
        isBroken(loaded) || (hands.queue === undefined && requestsAhead(loaded, options) < LONG_REQUESTS);
      const outcome = isShort
        ? predict(loaded, file, options)
        : await predictShared(
            loaded,
            sourceOf(file, options, recording.texts),
            options,
            replicating,
            progress,
          );
      progress.end();
      if (outcome === null) return { outcomes, isInterrupted: true };
      outcomes.push(outcome);
      hooks.onOutcome(outcome);
      if (outcome.isInterrupted) return { outcomes, isInterrupted: true };
      if (hooks.isEnough?.()) break;
    }
    return { outcomes, isInterrupted: false };
  } finally {
    await replicating.end();
  }
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
    const work = { requests: requestsAhead(loaded, options), units: total };
    const runner = await replicating.runner(work, { cells, stopped });
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
