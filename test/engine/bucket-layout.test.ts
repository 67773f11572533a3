import { expect, it } from 'vitest';
import { nextLayout } from '../../src/engine/bucket-layout.ts';

const calm = { steps: 0, moved: 0 };

it('leaves a layout alone that suits the events', () => {
  const layout = { shift: 10, bits: 13 };
  expect(nextLayout(layout, { events: 2000, buckets: 8000, steps: 1000, moved: 50 })).toEqual(layout);
});

it('makes buckets narrower where several events share one, and more of them for the same time', () => {
  expect(nextLayout({ shift: 12, bits: 11 }, { events: 2000, buckets: 2000, ...calm })).toEqual({
    shift: 10,
    bits: 13,
  });
});

it('makes no more buckets than a cache holds', () => {
  const traffic = { events: 60_000, buckets: 500, steps: 400_000, moved: 0 };
  expect(nextLayout({ shift: 12, bits: 11 }, { ...traffic, steps: 500_000 })).toEqual({ shift: 6, bits: 17 });
  expect(nextLayout({ shift: 6, bits: 17 }, { ...traffic, buckets: 4000, steps: 300_000 })).toEqual({
    shift: 6,
    bits: 17,
  });
  expect(nextLayout({ shift: 6, bits: 17 }, { events: 60_000, buckets: 7500, ...calm })).toEqual({
    shift: 6,
    bits: 17,
  });
});

it('makes buckets wider where most are empty, up to a window of a second', () => {
  expect(nextLayout({ shift: 12, bits: 11 }, { events: 100, buckets: 3200, ...calm })).toEqual({
    shift: 15,
    bits: 10,
  });
  expect(nextLayout({ shift: 12, bits: 11 }, { events: 1, buckets: 1e12, ...calm })).toEqual({
    shift: 20,
    bits: 10,
  });
});

it('holds more time where many events are too far ahead for the buckets', () => {
  const traffic = { events: 2000, buckets: 8000, steps: 0, moved: 200 };
  expect(nextLayout({ shift: 10, bits: 13 }, traffic)).toEqual({ shift: 10, bits: 14 });
  expect(nextLayout({ shift: 10, bits: 17 }, traffic)).toEqual({ shift: 11, bits: 17 });
});

it('makes buckets narrower where sorting costs, down to a nanosecond', () => {
  const crowded = { events: 1000, buckets: 100_000, steps: 100_000, moved: 0 };
  expect(nextLayout({ shift: 3, bits: 17 }, crowded)).toEqual({ shift: 2, bits: 17 });
  expect(nextLayout({ shift: 0, bits: 17 }, crowded)).toEqual({ shift: 0, bits: 17 });
});

it('comes to rest', () => {
  // Events at a steady rate, all of them beyond the window where it is shorter than a millisecond: sorting k of them takes k / 4 + 1 steps.
  for (let gapNs = 1; gapNs < 1e7; gapNs *= 3) {
    let layout = { shift: 12, bits: 11 };
    const seen: string[] = [];
    for (let look = 0; look < 40; look++) {
      const perBucket = 2 ** layout.shift / gapNs;
      const moved = 2 ** (layout.shift + layout.bits) < 1e6 ? 1e4 : 100;
      layout = nextLayout(layout, {
        events: 1e4,
        buckets: 1e4 / perBucket,
        steps: 1e4 * (perBucket / 4 + 1),
        moved,
      });
      seen.push(JSON.stringify(layout));
    }
    expect(new Set(seen.slice(20)).size).toBe(1);
  }
});
