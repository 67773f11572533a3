// Runs to look at: the shipped failover example with its variants, recorded.
import type { SavedRun } from '../../../src/cli/read-run.ts';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { runLoaded } from '../../../src/scenarios/run.ts';

export const FAILOVER = 'examples/two-regions/failover.yaml';

export function recordedFailover(): SavedRun[] {
  const result = runLoaded(loadScenario(FAILOVER, nodeFiles()), { record: true });
  return [result, ...result.variants].map((one) => ({ result: one, record: one.record! }));
}

/** The variant in which the failing pod may be ejected. */
export const ejecting = (runs: readonly SavedRun[]): number =>
  runs.findIndex(({ result }) => result.scenario.variant === 'refuse-and-eject-all');
