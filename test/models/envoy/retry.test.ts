import { describe, expect, it } from 'vitest';
import {
  backoffNs,
  compileRetryPolicy,
  type ResetReason,
  retriesOnReset,
  retriesOnStatus,
} from '../../../src/models/envoy/retry.ts';

const policy = (retryOn: string, retriableStatusCodes?: number[]) =>
  compileRetryPolicy({ retryOn, numRetries: 2, retriableStatusCodes })!;

/** Attempts that a real Envoy 1.40 made with num_retries 2: 3 = retried. Rows of the measured table. */
const MEASURED: [
  retryOn: string,
  codes: number[],
  refused: number,
  reset: number,
  s503: number,
  s500: number,
  perTry: number,
][] = [
  ['connect-failure', [], 3, 1, 1, 1, 1],
  ['reset-before-request', [], 3, 1, 1, 1, 1],
  ['reset', [], 3, 3, 1, 1, 3],
  ['gateway-error', [], 3, 3, 3, 1, 3],
  ['5xx', [], 3, 3, 3, 3, 3],
  ['retriable-status-codes', [500], 1, 1, 1, 3, 1],
  ['retriable-status-codes', [503, 504], 1, 1, 3, 1, 1],
];

describe('retry conditions', () => {
  it.each(MEASURED)(
    '%s %j retries what Envoy retries',
    (retryOn, codes, refused, reset, s503, s500, perTry) => {
      const compiled = policy(retryOn, codes);
      const attempts = (isRetried: boolean) => (isRetried ? 3 : 1);
      const onReset = (reason: ResetReason) => attempts(retriesOnReset(compiled, reason));
      expect([
        onReset('connectionFailure'),
        onReset('connectionTermination'),
        attempts(retriesOnStatus(compiled, 503)),
        attempts(retriesOnStatus(compiled, 500)),
        onReset('perTryTimeout'),
      ]).toEqual([refused, reset, s503, s500, perTry]);
      expect(retriesOnReset(compiled, 'overflow')).toBe(false);
    },
  );

  it('are off without any condition', () => {
    expect(compileRetryPolicy({ retryOn: ' , ' })).toBeNull();
    expect(compileRetryPolicy(undefined)).toBeNull();
  });
});

describe('back-off', () => {
  const drawing = (value: number) => ({ uint32: () => value, unit: () => 0 });

  it('waits 15, 40, 90 ms when the draw is 190 three times', () => {
    expect([1, 2, 3].map((k) => backoffNs(policy('5xx'), k, drawing(190)) / 1e6)).toEqual([15, 40, 90]);
  });

  it('stays below 25, 50, 100, 200, 250, 250 ms', () => {
    const bounds = [1, 2, 3, 4, 5, 6].map((k) => {
      let most = 0;
      for (let draw = 0; draw < 1000; draw++)
        most = Math.max(most, backoffNs(policy('5xx'), k, drawing(draw)) / 1e6);
      return most;
    });
    expect(bounds).toEqual([24, 49, 99, 199, 249, 249]);
  });
});
