// Runs a measured case K times in the simulator, each time with other seeds.
import { runWorld } from '../../../src/models/run/run-world.ts';
import type { Json } from './json.ts';
import { type ReducedRun, reduceRun } from './reduce.ts';
import { worldOfCase } from './world-of-case.ts';

export interface SimulatedCase {
  case: string;
  runs: ReducedRun[];
}

/** @throws Error for a key of the case that is not known */
export function simulateCase(given: Json, runs: number, firstReplication = 0): SimulatedCase {
  return {
    case: given.name,
    runs: Array.from({ length: runs }, (_, i) => {
      const built = worldOfCase(given, firstReplication + i);
      return reduceRun(given, built, runWorld(built.world));
    }),
  };
}
