// A few cases of `npm run fuzz`, at fixed numbers.
import { expect, it } from 'vitest';
import { runCase } from './fuzz-case.ts';

it('edited examples with faults from everywhere run twice alike or are refused in words', () => {
  const outcomes = new Set<string>();
  for (let number = 1; number <= 12; number++) {
    const { outcome, problem } = runCase(number);
    expect(problem && `case ${number}: ${problem}`).toBeUndefined();
    outcomes.add(outcome);
  }
  expect([...outcomes].sort()).toEqual(expect.arrayContaining(['ran', 'refused']));
});
