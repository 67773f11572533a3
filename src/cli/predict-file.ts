// One of many scenario files, predicted whole by one thread.
import { type Matter, matterReader } from './matter.ts';
import type { Outcome } from './outcome.ts';
import { isBroken, isLong, load, type PredictOptions, predict } from './predict.ts';

/** The matter is the PredictOptions. */
export interface FileTask extends Matter {
  path: string;
  /** Names of scenarios; absent = all. */
  only?: readonly string[];
}

export interface FileAnswer {
  name: string;
  /** Absent when the scenario is not wanted. */
  outcome?: Outcome;
  /** Its replications are better shared out. */
  isLong?: boolean;
}

export function filePredictor(): (task: FileTask) => FileAnswer {
  const matterOf = matterReader();
  return ({ path, only, ...matter }) => {
    const options = matterOf(matter) as PredictOptions;
    const loaded = load(path, options);
    const { name } = loaded.base;
    if (only && !only.includes(name)) return { name };
    if (!isBroken(loaded) && isLong(loaded, options)) return { name, isLong: true };
    return { name, outcome: predict(loaded, path, options) };
  };
}
