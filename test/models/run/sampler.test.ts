import { describe, expect, it } from 'vitest';
import { runWorld } from '../../../src/models/run/run-world.ts';
import { twoRegions } from './two-regions.ts';

describe('sampled requests', () => {
  it('are the first ones of the load, counted from 0', () => {
    const { samples } = runWorld({ ...twoRegions({ seed: 1 }), sampleRequests: 3 });
    expect(samples.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(samples[0]!.hops.length).toBeGreaterThan(1);
  });

  it('begin at a number or at a time when they are told to, and change nothing of the run', () => {
    const plain = runWorld(twoRegions({ seed: 1 }));
    const byIndex = runWorld({ ...twoRegions({ seed: 1 }), sampleRequests: 2, sampleFrom: { index: 7 } });
    expect(byIndex.samples.map(({ index }) => index)).toEqual([7, 8]);
    const startNs = byIndex.samples[1]!.startNs;
    const byTime = runWorld({ ...twoRegions({ seed: 1 }), sampleRequests: 1, sampleFrom: { ns: startNs } });
    expect(byTime.samples.map(({ index }) => index)).toEqual([8]);
    expect([byIndex.digest, byTime.digest]).toEqual([plain.digest, plain.digest]);
  });

  it('are spread over the whole run when there are too many for the first ones to tell it', () => {
    const world = twoRegions({ seed: 1, iterations: 100 });
    const run = runWorld({ ...world, sampleRequests: 10, isSampleSpread: true });
    expect(run.samples.map(({ index }) => index)).toEqual([0, 16, 32, 48, 64, 80, 96]);
    for (const sample of run.samples) expect(sample.hops.length).toBeGreaterThan(1);
    expect(run.digest).toBe(runWorld(world).digest);
  });
});
