// Every single fault, and every pair of faults where that stays feasible, instead of drawing: the answer is then complete for these.
import type { Candidate, CandidateFault } from './candidate.ts';
import type { Property } from './read.ts';

/** More pairs than this are not tried. */
export const MOST_DOUBLES = 5_000;
/** Combinations of settings that are all tried with every fault; beyond, each setting alone. */
const MOST_SETTINGS = 32;
/** Values of one parameter, duration or time: first, middle and last where there are more. */
const MOST_VALUES = 3;

export interface Enumeration {
  singles: Candidate[];
  doubles: Candidate[];
  /** False = there were too many pairs, none is in `doubles`. */
  allDoubles: boolean;
}

/** Simplest first, so that the first one that fails is the one to show. */
export function singlesAndDoubles(property: Property, mostDoubles: number): Enumeration {
  const settings = settingsOf(property);
  const written = property.settings.map(() => 0);
  const faults = faultsOf(property, spread(property.at.count));
  if (faults.length === 0)
    return {
      singles: settings.map((each) => ({ faults: [], settings: each })),
      doubles: [],
      allDoubles: true,
    };
  const singles = settings.flatMap((each) =>
    faults.map((fault): Candidate => ({ faults: [fault], settings: each })),
  );
  if (property.faults.most < 2) return { singles, doubles: [], allDoubles: true };
  const early = faultsOf(property, [0]);
  const pairs = (early.length * (early.length - 1)) / 2;
  if (pairs > mostDoubles) return { singles, doubles: [], allDoubles: false };
  const doubles = early.flatMap((a, i) =>
    early.slice(i + 1).map((b): Candidate => ({ faults: [a, b], settings: written })),
  );
  return { singles, doubles, allDoubles: true };
}

function faultsOf(property: Property, times: readonly number[]): CandidateFault[] {
  const lasting = property.for === null ? [0] : spread(property.for.count);
  return times.flatMap((at) =>
    property.families.flatMap((family, index) =>
      family.shapes.flatMap((_, shape) =>
        product(family.parameters.map(({ domain }) => spread(domain.count))).flatMap((parameters) =>
          lasting.map((each) => ({ family: index, shape, at, for: each, parameters })),
        ),
      ),
    ),
  );
}

function settingsOf(property: Property): number[][] {
  const all = property.settings.map(({ count }) => Array.from({ length: count }, (_, i) => i));
  if (all.reduce((count, each) => count * each.length, 1) <= MOST_SETTINGS) return product(all);
  const alone = all.flatMap((positions, i) =>
    positions.slice(1).map((position) => all.map((_, j) => (j === i ? position : 0))),
  );
  return [all.map(() => 0), ...alone];
}

function spread(count: number): number[] {
  if (count <= MOST_VALUES) return Array.from({ length: count }, (_, i) => i);
  return [0, Math.floor((count - 1) / 2), count - 1];
}

function product(rows: readonly (readonly number[])[]): number[][] {
  return rows.reduce<number[][]>(
    (found, row) => found.flatMap((head) => row.map((value) => [...head, value])),
    [[]],
  );
}
