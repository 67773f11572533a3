import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/engine/invariant.ts';
import { Simulation } from '../../src/engine/simulation.ts';

const ticking = (stepNs: number) => {
  const simulation = new Simulation();
  const seen: number[] = [];
  simulation.on(1, (left) => {
    seen.push(simulation.nowNs);
    if (left > 0) simulation.schedule(stepNs, 1, left - 1);
  });
  simulation.schedule(0, 1, 4);
  return { simulation, seen };
};

describe('Simulation', () => {
  it('moves the clock to each event and ends when nothing is pending', () => {
    const { simulation, seen } = ticking(100_000_000);
    expect(simulation.run()).toBe('empty');
    expect(seen).toEqual([0, 1e8, 2e8, 3e8, 4e8]);
    expect(simulation.events).toBe(5);
  });

  it('stops at a time and goes on from there', () => {
    const { simulation, seen } = ticking(10);
    expect(simulation.run(15)).toBe('time');
    expect(simulation.nowNs).toBe(15);
    expect(seen).toEqual([0, 10]);
    expect(simulation.run()).toBe('empty');
    expect(seen).toHaveLength(5);
  });

  it('gives equal digests to equal runs and others to runs that part', () => {
    const digestOf = (stepNs: number) => {
      const { simulation } = ticking(stepNs);
      simulation.run();
      return simulation.digest();
    };
    expect(digestOf(10)).toBe(digestOf(10));
    expect(digestOf(10)).not.toBe(digestOf(11));
  });

  it('refuses an event in the past', () => {
    const { simulation } = ticking(10);
    simulation.run();
    expect(() => simulation.scheduleAt(39, 1, 0)).toThrow(InvariantError);
  });
});
