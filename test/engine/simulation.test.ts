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

describe('the digest of a simulation', () => {
  const digestOf = (events: [number, number, number][]) => {
    const simulation = new Simulation();
    for (const kind of [0, 1, 2]) simulation.on(kind, () => {});
    for (const [timeNs, kind, arg] of events) simulation.scheduleAt(timeNs, kind, arg);
    simulation.run();
    return simulation.digest();
  };

  it('tells apart what differs in one time, kind, argument or order, at small and at great times', () => {
    const base: [number, number, number][] = [
      [5, 0, 1],
      [5, 1, 2],
      [2 ** 32 + 5, 2, 3],
    ];
    const others: [number, number, number][][] = [
      [base[1]!, base[0]!, base[2]!],
      [[6, 0, 1], base[1]!, base[2]!],
      [[5, 2, 1], base[1]!, base[2]!],
      [[5, 0, 2], base[1]!, base[2]!],
      [base[0]!, base[1]!, [2 ** 33 + 5, 2, 3]],
      [base[0]!, base[1]!],
    ];
    const digests = [base, ...others].map(digestOf);
    expect(new Set(digests).size).toBe(digests.length);
    expect(digestOf(base)).toBe(digests[0]);
  });

  it('can be switched off', () => expect(new Simulation({ digest: false }).digest()).toBe(''));
});

it('posts events that nobody cancels in the same order as the others', () => {
  const simulation = new Simulation();
  const seen: number[] = [];
  simulation.on(0, (arg) => seen.push(arg));
  simulation.schedule(3, 0, 1);
  simulation.post(3, 0, 2);
  simulation.schedule(3, 0, 3);
  simulation.post(1, 0, 0);
  simulation.run();
  expect(seen).toEqual([0, 1, 2, 3]);
});

it('stops at a time before far events, takes nearer ones then, and goes on in the right order', () => {
  const simulation = new Simulation();
  const seen: [number, number][] = [];
  simulation.on(0, (arg) => seen.push([simulation.nowNs, arg]));
  for (let arg = 0; arg < 20; arg++) simulation.post(1e12 + arg, 0, arg);
  expect(simulation.run(5e9)).toBe('time');
  expect(simulation.nowNs).toBe(5e9);
  for (const delayNs of [2 ** 33, 2 ** 32, 7, 1e6]) simulation.post(delayNs, 0, delayNs);
  expect(simulation.run(6e9)).toBe('time');
  expect(seen).toEqual([
    [5e9 + 7, 7],
    [5e9 + 1e6, 1e6],
  ]);
  simulation.run();
  expect(seen.slice(2, 4).map(([timeNs]) => timeNs)).toEqual([5e9 + 2 ** 32, 5e9 + 2 ** 33]);
  expect(seen.slice(4).map(([, arg]) => arg)).toEqual(Array.from({ length: 20 }, (_, arg) => arg));
});
