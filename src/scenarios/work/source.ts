// Where a scenario comes from, as data, and the scenario again.
import { invariant } from '../../engine/invariant.ts';
import { loadScenario } from '../load.ts';
import type { LoadOptions } from '../load-options.ts';
import type { LoadedScenario, Scenario } from '../scenario.ts';
import { type FileTexts, replayedFiles } from './file-texts.ts';
import type { ScenarioSource } from './unit.ts';

export const loadOptionsOf = ({ files, set, istioVersion, variant }: ScenarioSource): LoadOptions => ({
  ...(set && { set }),
  ...(istioVersion !== undefined && { istioVersion }),
  ...(variant !== undefined && { only: variant }),
  ...(files.manifests !== undefined && { manifestsFromStdin: files.manifests }),
});

/** Reads scenarios by their place among base and variants; what was loaded last is kept. */
export function scenarioReader(): (source: ScenarioSource, index: number) => Scenario {
  const MOST_KEPT = 4;
  const kept = new Map<string, LoadedScenario>();
  const names = new WeakMap<FileTexts, number>();
  let count = 0;
  return (source, index) => {
    const name = names.get(source.files) ?? count++;
    names.set(source.files, name);
    const { file, set, istioVersion, variant } = source;
    const key = JSON.stringify([name, file, set, istioVersion, variant]);
    let loaded = kept.get(key);
    if (!loaded) {
      loaded = loadScenario(file, replayedFiles(source.files), loadOptionsOf(source));
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
      kept.set(key, loaded);
    }
    const scenario = index === 0 ? loaded.base : loaded.variants[index - 1];
    invariant(scenario !== undefined, `the scenario has no variant at ${index}`);
    return scenario;
  };
}
