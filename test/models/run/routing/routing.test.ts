// Routing alone gives what a straight run gives: every number but `events` and `digest`, whatever the world.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runWorld } from '../../../../src/models/run/run-world.ts';
import type { RunResult } from '../../../../src/models/world.ts';
import { type Shape, tame, wild, worldOf } from './worlds.ts';

/** What is told otherwise: events that are not made are neither counted nor in the digest. */
const numbersOf = (run: RunResult) => ({ ...run, path: '', events: 0, digest: '' });

const routedIn = (run: RunResult) => Number(/routing only for (\d+)/.exec(run.path)?.[1] ?? 0);
const countedIn = (run: RunResult) => Number(/\((\d+) counted/.exec(run.path)?.[1] ?? 0);

describe('routing alone', () => {
  it.each<[string, fc.Arbitrary<Shape>, number, number]>([
    ['mostly countable', tame, 20, 6],
    ['any', wild, 6, 1],
  ])('gives the numbers of a straight run in %s worlds', (_, shapes, leastWalked, leastCounted) => {
    let [walks, counts] = [0, 0];
    fc.assert(
      fc.property(shapes, fc.integer({ min: 100, max: 900 }), (shape, requests) => {
        const world = worldOf(shape, requests);
        const straight = runWorld(world, { routing: 'no' });
        const walked = runWorld(world, { routing: 'walks', leastStretch: 8 });
        const counted = runWorld(world, { leastStretch: 8 });
        const numbers = numbersOf(straight);
        for (const run of [walked, counted])
          if (!isDeepStrictEqual(numbersOf(run), numbers)) expect(numbersOf(run)).toEqual(numbers);
        if (routedIn(walked) > 50) walks++;
        if (countedIn(counted) > 50) counts++;
      }),
      { numRuns: 40, seed: 2 },
    );
    // Often enough to mean something.
    expect(walks).toBeGreaterThanOrEqual(leastWalked);
    expect(counts).toBeGreaterThanOrEqual(leastCounted);
  });
});
