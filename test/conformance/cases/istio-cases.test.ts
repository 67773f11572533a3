// Every recorded Istio case of endpoints and policies, replayed through the adapters that `npm run cases` uses.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Json, type RecordedCase, runCase } from './registry.ts';

const FILES: Record<string, number> = {
  '01-locality-unit': 11,
  '02-effective-setting': 12,
  '03-split-horizon-unit': 9,
  '04-eds-end-to-end': 53,
  '05-cluster-policy': 33,
  '08-retry': 11,
  '09-merge': 8,
  '10-locality-match': 14,
  '11-outlier-unit': 4,
};
const read = (name: string): Json =>
  JSON.parse(readFileSync(new URL(`../../recordings/istio-cases/${name}.json`, import.meta.url), 'utf8'));

describe.each(Object.entries(FILES))('%s', (name, count) => {
  const file = read(name);
  const cases: RecordedCase[] = file.cases;

  it('has all its cases', () => expect(cases.length).toBe(count));
  it.each(cases.map((entry) => [entry.id, entry] as const))('%s', (_, entry) => {
    expect(runCase(file, `${name}.json`, entry)).toBeNull();
  });
});

it('tells a wrong answer from a right one', () => {
  const file = read('04-eds-end-to-end');
  file.cases[0].expect.groups[0].weight++;
  expect(runCase(file, '04-eds-end-to-end.json', file.cases[0])).toMatchObject({ got: expect.anything() });
});
