// How many replications a thread gets at a time: as many as last a moment, as far as the last ones tell, which is long against a message; and
// fewer towards the end, so that all threads end together. How long one lasts nobody knows before: from a millisecond to minutes.

/** [ms] */
const MOMENT_MS = 50;
/** Units that each thread should still get. */
const UNITS_LEFT = 4;

export interface UnitSizes {
  next(left: number, jobs: number): number;
  took(replications: number, ms: number): void;
}

export function unitSizes(): UnitSizes {
  let ms = Number.POSITIVE_INFINITY;
  return {
    next: (left, jobs) =>
      Math.max(1, Math.min(Math.floor(MOMENT_MS / ms), Math.ceil(left / (UNITS_LEFT * jobs)))),
    took(replications, lasted) {
      if (replications > 0) ms = lasted / replications;
    },
  };
}
