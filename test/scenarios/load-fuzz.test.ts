import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../src/scenarios/diagnostics.ts';
import { memoryFiles } from '../../src/scenarios/files-memory.ts';
import { loadScenario } from '../../src/scenarios/load.ts';

const names = readdirSync('examples', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.yaml'),
);
const texts = Object.fromEntries(names.map((name) => [name, readFileSync(`examples/${name}`, 'utf8')]));
const scenarios = names.filter((name) => name.split('/').length === 2);

const WORDS = [
  'null',
  '[]',
  '{}',
  '-1',
  '1e400',
  '"',
  '{{ x }}',
  '__proto__',
  'constructor',
  '*a',
  '&a',
  '!!binary x',
  '~',
  'true',
  '0777',
  '\t',
  '🦀',
  '..',
  '5%..',
  '- ',
  '? ',
  ': ',
  '<<: {}',
  '|',
  "'",
  '#',
];

/** One edit of a text: a line gone, doubled, moved in, a value or key replaced, or something thrown in. */
const edit = fc.record({
  kind: fc.constantFrom('drop', 'double', 'indent', 'value', 'key', 'insert', 'cut'),
  at: fc.nat(10_000),
  word: fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 8 })),
});

function edited(text: string, edits: { kind: string; at: number; word: string }[]): string {
  return edits.reduce((current, { kind, at, word }) => {
    const lines = current.split('\n');
    const i = at % lines.length;
    const line = lines[i]!;
    if (kind === 'drop') lines.splice(i, 1);
    else if (kind === 'double') lines.splice(i, 0, line);
    else if (kind === 'indent') lines[i] = ` ${line}`;
    else if (kind === 'value') lines[i] = line.replace(/:.*$/, `: ${word}`);
    else if (kind === 'key') lines[i] = line.replace(/[\w.-]+(?=:)/, word);
    else if (kind === 'insert')
      lines[i] = line.slice(0, at % (line.length + 1)) + word + line.slice(at % (line.length + 1));
    else return current.slice(0, at % (current.length + 1));
    return lines.join('\n');
  }, text);
}

describe('whatever strangers write', () => {
  it('loading never throws, and says something or gives a scenario', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...scenarios),
        fc.constantFrom(...names),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
        (scenario, broken, edits, setting) => {
          // The scenario itself half of the time, else any file it may read.
          const target = edits.length % 2 === 0 ? broken : scenario;
          const files = memoryFiles({ ...texts, [target]: edited(texts[target]!, edits) });
          const { base, variants, diagnostics, sources } = loadScenario(scenario, files, {
            set: setting === undefined ? [] : [setting],
          });
          expect(diagnostics.length > 0 || base.manifests.length > 0).toBe(true);
          for (const diagnostic of diagnostics) {
            expect(diagnostic.message).not.toMatch(/undefined|\[object|NaN/);
            renderDiagnostic(diagnostic, sources.get(diagnostic.file));
          }
          for (const each of [base, ...variants])
            expect(each.load.every((load) => load.name !== '')).toBe(true);
        },
      ),
      { numRuns: 150, seed: 20 },
    );
  });
});
