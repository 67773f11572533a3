// Straight running is the same simulation: every number, every draw and every event of the digest, whatever the world.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runWorld } from '../../../src/models/run/run-world.ts';
import type { RunResult } from '../../../src/models/world.ts';
import { calmShapes, worldOf } from './random-worlds.ts';
import { twoRegions } from './two-regions.ts';

const withoutPath = (result: RunResult) => ({ ...result, path: '' });

describe('a straight run', () => {
  it('gives the bytes of the run with events', () => {
    const paths = new Map<string, number>();
    fc.assert(
      fc.property(calmShapes, (shape) => {
        const straight = runWorld(worldOf(shape));
        const events = runWorld(worldOf(shape), { eventsOnly: true });
        const path = straight.path.replace(/until .* s/, 'until a time');
        paths.set(path, (paths.get(path) ?? 0) + 1);
        expect(withoutPath(straight)).toEqual(withoutPath(events));
      }),
      { numRuns: 250, seed: 1 },
    );
    // All three ways are taken, straight ones often enough to mean something.
    expect([...paths.keys()].sort()).toEqual(['events', 'straight', 'straight until a time, then events']);
    expect(paths.get('straight')!).toBeGreaterThan(40);
  });

  it('is chosen for the two regions, and says so', () => {
    const straight = runWorld(twoRegions());
    expect(straight.path).toBe('straight');
    expect(straight.digest).toBe('a4f8f131c0c82a22');
    expect(withoutPath(straight)).toEqual(withoutPath(runWorld(twoRegions(), { eventsOnly: true })));
  });

  it('is not chosen where a few requests are kept for explanations', () => {
    expect(runWorld({ ...twoRegions(), sampleRequests: 3 }).path).toBe('events');
  });
});
