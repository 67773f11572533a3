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
});
