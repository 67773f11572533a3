import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { POLICIES } from '../../../src/scenarios/property/policies.ts';
import { forallSchema } from '../../../src/scenarios/property/schema.ts';

const docs = readFileSync('docs/properties.md', 'utf8');

it('docs/properties.md names every key of forall and every policy', () => {
  const wanted = [...Object.keys(forallSchema().shape), ...POLICIES.map(({ name }) => name)];
  expect(wanted.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
});

it('docs/properties.md names no policy that is not there', () => {
  const rows = [...docs.slice(docs.indexOf('## The library')).matchAll(/^\| `([a-z-]+)` \|/gm)].map(
    (match) => match[1],
  );
  expect(rows).toEqual(POLICIES.map(({ name }) => name));
});
