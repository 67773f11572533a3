import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fidelityDocument } from './document.ts';
import { featureOf } from './features.ts';

const root = new URL('../../../', import.meta.url);

describe('docs/fidelity.md', () => {
  it('says what is recorded, no more and no less (npm run fidelity writes it)', () => {
    expect(readFileSync(new URL('docs/fidelity.md', root), 'utf8')).toBe(fidelityDocument());
  });

  it('has a feature for every measured case', () => {
    const names = readdirSync(new URL('test/recordings/oracle/', root)).map((file) =>
      file.replace('.json', ''),
    );
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => featureOf(name) === undefined)).toEqual([]);
  });

  it('explains every difference', () => {
    expect(fidelityDocument()).not.toContain('not explained yet');
  });
});
