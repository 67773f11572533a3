// Numbers of Envoy's unit tests and documents, replayed on the product by the same adapters as `npm run cases`.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { adapterFor, type Json, parseCases, type RecordedCase, runCase } from './cases/registry.ts';

const folder = new URL('../recordings/envoy-cases/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name): [string, Json] => [name, parseCases(readFileSync(new URL(name, folder), 'utf8'))]);

it('has every file of the recording', () => expect(files.length).toBe(12));

describe.each(files)('%s', (name, file) => {
  // A kind without an adapter is a part of the product that has none yet; `npm run cases` lists it as unsupported.
  const cases: RecordedCase[] = file.cases.filter((entry: RecordedCase) => adapterFor(file, name, entry));
  it('has cases that are replayed', () => expect(file.cases.length).toBeGreaterThan(0));
  for (const entry of cases) it(entry.id, () => expect(runCase(file, name, entry)).toBeNull());

  it('is noticed when an expected number is spoilt', () => {
    for (const entry of cases) {
      if (!entry.expect) continue;
      const spoilt = spoil(structuredClone(entry));
      if (spoilt !== null) expect([entry.id, runCase(file, name, spoilt)]).not.toEqual([entry.id, null]);
    }
  });
});

/** Moves the first number of the expectation by 1000; null = there is none. */
function spoil(entry: RecordedCase): RecordedCase | null {
  const visit = (value: Json): boolean => {
    if (value === null || typeof value !== 'object') return false;
    for (const key of Object.keys(value)) {
      if (typeof value[key] === 'number' && key !== 'n' && key !== 'equal_deadlines_tol') {
        value[key] += 1000;
        return true;
      }
      if (visit(value[key])) return true;
    }
    return false;
  };
  return visit(entry.expect) ? entry : null;
}
