import { expect, it } from 'vitest';
import { measureReplications, replicationsText } from '../../bench/replications.ts';
import { buildForTests } from '../cli/built.ts';

const built = buildForTests();

it('the bench of replications runs on one thread and on two, and compares the bytes', () => {
  const measured = measureReplications({ main: built.main, runs: 20, requests: 10_000, jobs: 2, rounds: 1 });
  expect(measured.checks).toHaveLength(1);
  expect([measured.one.length, measured.many.length]).toEqual([1, 1]);
  expect(Math.min(measured.cpuOne, measured.cpuMany)).toBeGreaterThan(0);
  expect(replicationsText(measured)).toMatch(/same bytes: [0-9a-f]{16}/);
  expect(replicationsText({ ...measured, checks: ['a', 'b'] })).toContain('DIFFERENT BYTES');
});
