import { describe, expect, it } from 'vitest';
import { agreementOf, type Counts } from '../../../src/cli/envoy/agreement.ts';

const times = (n: number, of: (i: number) => Counts): Counts[] => Array.from({ length: n }, (_, i) => of(i));

/** Binomial by a fixed sequence. */
function flips(n: number, p: number, seed: number): number {
  let state = seed * 2654435761;
  let heads = 0;
  for (let i = 0; i < n; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    if ((state >>> 8) / 2 ** 24 < p) heads++;
  }
  return heads;
}
const split = (n: number, p: number) => (i: number) => {
  const a = flips(n, p, i + 1);
  return { a, b: n - a };
};

describe('agreement of measured runs with predicted ones', () => {
  it('is met by the same exact counts', () => {
    expect(
      agreementOf(
        times(100, () => ({ a: 9, b: 1 })),
        times(3, () => ({ a: 9, b: 1 })),
      ),
    ).toMatchObject({
      agrees: true,
      by: 'same',
    });
  });

  it('is broken when an exact prediction is missed in most runs, however little', () => {
    const verdict = agreementOf(
      times(100, () => ({ a: 9, b: 1 })),
      times(3, () => ({ a: 8, b: 2 })),
    );
    expect(verdict).toMatchObject({ agrees: false, by: 'exact' });
  });

  it('allows a race in one run of three, but not a different run', () => {
    const predicted = times(100, () => ({ a: 10 }));
    const near = [{ a: 10 }, { a: 10 }, { a: 12 }];
    expect(agreementOf(predicted, near).agrees).toBe(true);
    expect(agreementOf(predicted, [{ a: 10 }, { a: 10 }, { a: 30 }]).agrees).toBe(false);
  });

  it('accepts chance where the prediction is chance', () => {
    const predicted = times(100, split(200, 0.5));
    const measured = times(5, (i) => split(200, 0.5)(i + 1000));
    expect(agreementOf(predicted, measured).agrees).toBe(true);
  });

  it('notices other odds', () => {
    const predicted = times(100, split(200, 0.5));
    const measured = times(5, (i) => split(200, 0.8)(i + 1000));
    expect(agreementOf(predicted, measured)).toMatchObject({ agrees: false, by: 'chance' });
  });

  it('notices an answer that was never predicted', () => {
    const measured = times(3, () => ({ none: 100 }));
    expect(agreementOf(times(50, split(100, 0.5)), measured).agrees).toBe(false);
  });
});
