// The express way is the general way, only shorter: every number, every draw and every event of the digest are the same, whatever happens
// to the requests on it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runWorld } from '../../../src/models/run/run-world.ts';
import { busyShapes, calmShapes, worldOf } from './random-worlds.ts';

describe('the express way', () => {
  it('gives the bytes of the general way where requests meet, wait, time out, fail and are tried again', () => {
    const seen = { retries: 0, timeouts: 0, overflows: 0 };
    fc.assert(
      fc.property(busyShapes, (shape) => {
        const world = () => ({ ...worldOf(shape), untilNs: 5e9 });
        const general = runWorld(world(), { express: false });
        expect(runWorld(world())).toEqual(general);
        for (const { flags, attempts, requests } of general.tallies) {
          if (attempts > requests) seen.retries++;
          if (flags['UT']) seen.timeouts++;
          if (flags['UO']) seen.overflows++;
        }
      }),
      { numRuns: 400, seed: 2 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(40);
  });

  it('gives them in calm worlds', () => {
    fc.assert(
      fc.property(calmShapes, (shape) => {
        const express = runWorld(worldOf(shape), { eventsOnly: true });
        expect(express).toEqual(runWorld(worldOf(shape), { eventsOnly: true, express: false }));
      }),
      { numRuns: 100, seed: 3 },
    );
  });
});
