// A work unit becomes its summary. What was loaded last is kept: a search runs thousands of candidates of one scenario.
import type { Diagnostic } from '../diagnostics.ts';
import type { Files } from '../files-contract.ts';
import { loadScenario, treeOfVariant } from '../load.ts';
import { withSettings } from '../load-set.ts';
import { readTree } from '../load-tree.ts';
import { ManifestReader } from '../manifests.ts';
import type { Placed } from '../position.ts';
import { runScenario, ScenarioError } from '../run.ts';
import type { LoadedScenario, Scenario } from '../scenario.ts';
import { type FileTexts, replayedFiles } from './file-texts.ts';
import { applyOverlay, type ReadObjects } from './overlay.ts';
import { loadOptionsOf } from './source.ts';
import type { WorkRunner, WorkSummary, WorkUnit } from './unit.ts';

export interface Prepared {
  loaded: LoadedScenario;
  scenario: Scenario;
  /** Of the variant, if one is asked for; undefined when the file could not be read. */
  tree: Placed | undefined;
  read: ReadObjects;
  /** What is wrong with files that `read` read. */
  problems: Diagnostic[];
}

/** Loads what a unit is about, without running it. @param files where its files come from, when they are not with it yet */
export function prepare(unit: WorkUnit, files: Files = replayedFiles(unit.files)): Prepared {
  const loaded = loadScenario(unit.file, files, loadOptionsOf(unit));
  const ignored: Diagnostic[] = [];
  const written = readTree(unit.file, { files, sources: new Map(), diagnostics: ignored });
  const whole = written && withSettings(written, unit.set ?? [], ignored);
  const tree =
    whole && unit.variant !== undefined ? treeOfVariant(whole, unit.variant, unit.set ?? [], ignored) : whole;
  const problems: Diagnostic[] = [];
  const reader = new ManifestReader(files, loaded.sources, problems);
  const origin = { file: unit.file, line: 0, col: 0 };
  return {
    loaded,
    scenario: (unit.variant !== undefined && loaded.variants[0]) || loaded.base,
    tree,
    read: (paths, isMesh) =>
      reader.read(
        paths.map((path) => ({ path, origin })),
        isMesh,
      ),
    problems,
  };
}

/** @param prepared the unit's scenario, when it is loaded already */
export function runUnit(unit: WorkUnit, prepared: Prepared = prepare(unit)): WorkSummary {
  const { loaded, tree, read } = prepared;
  let { scenario } = prepared;
  const diagnostics = [...loaded.diagnostics];
  if (isBroken(diagnostics) || !tree) return { result: null, diagnostics };
  if (unit.overlay) {
    const applied = applyOverlay(scenario, tree, unit.overlay, read);
    diagnostics.push(...applied.diagnostics);
    if (isBroken(applied.diagnostics)) return { result: null, diagnostics };
    scenario = applied.scenario;
  }
  try {
    const result = runScenario(scenario, {
      // Static findings are the same for a thousand candidates, unless an expectation asks for them.
      lint: scenario.expect.some((expectation) => expectation.findings !== undefined),
      ...(unit.seed !== undefined && { seed: unit.seed }),
      ...(unit.runs !== undefined && { runs: unit.runs }),
    });
    const { ok, loads, services, expectations, rerun, run, ejections } = result;
    return {
      diagnostics,
      result: {
        ok,
        scenario: result.scenario,
        loads,
        services,
        expectations,
        rerun,
        run,
        ejections: ejections.length,
      },
    };
  } catch (error) {
    if (error instanceof ScenarioError)
      return { result: null, diagnostics: [...diagnostics, ...error.diagnostics] };
    throw error;
  }
}

const isBroken = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.some((each) => each.severity === 'error');

/** Keeps the scenario of the last units that differ in nothing but overlay, seed and runs. */
export function unitRunner(): (unit: WorkUnit) => WorkSummary {
  const MOST_KEPT = 4;
  const kept = new Map<string, Prepared>();
  // Within one thread the texts are the same object each time.
  const spelt = new WeakMap<FileTexts, string>();
  return (unit) => {
    const texts = spelt.get(unit.files) ?? JSON.stringify(unit.files);
    spelt.set(unit.files, texts);
    const key = `${JSON.stringify([unit.file, unit.set, unit.istioVersion, unit.variant])}${texts}`;
    let prepared = kept.get(key);
    if (!prepared) {
      prepared = prepare(unit);
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
      kept.set(key, prepared);
    }
    return runUnit(unit, prepared);
  };
}

/** Does every unit at once, in this thread. */
export function runHere(): WorkRunner {
  const run = unitRunner();
  return { run: async (unit) => run(unit), jobs: 1, end: async () => {} };
}

/** All units, in order, as many at a time as the runner likes. */
export async function runAll(
  runner: WorkRunner,
  units: readonly WorkUnit[],
  onDone?: (done: number, total: number) => void,
): Promise<WorkSummary[]> {
  const summaries: WorkSummary[] = new Array(units.length);
  let next = 0;
  let done = 0;
  const lane = async () => {
    while (next < units.length) {
      const index = next++;
      summaries[index] = await runner.run(units[index]!);
      onDone?.(++done, units.length);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(runner.jobs, units.length)) }, lane));
  return summaries;
}
