// The quick reader against the full one, which is the yaml package: the same documents and places, or none.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullDocuments } from '../../../src/scenarios/yaml/full-documents.ts';
import { quickDocuments } from '../../../src/scenarios/yaml/quick-documents.ts';
import type { Path, YamlDocument } from '../../../src/scenarios/yaml-documents.ts';

const root = resolve(import.meta.dirname, '../../..');

/** Everything that a document tells, as text. */
function told({ file, index, value, originOf, keyOriginOf, sourceOf }: YamlDocument): string {
  const places = pathsOf(value).map((path) => [path, originOf(path), keyOriginOf(path), sourceOf(path)]);
  return JSON.stringify({ file, index, value, places }, null, 1);
}

function pathsOf(value: unknown, path: Path = []): Path[] {
  const below = value !== null && typeof value === 'object' ? Object.entries(value) : [];
  return [path, ...below.flatMap(([key, child]) => pathsOf(child, [...path, key])), [...path, 'not there']];
}

/** Fails where both differ; false = the quick reader gave up. */
function expectSame(file: string, text: string): boolean {
  const quick = quickDocuments(file, text);
  if (!quick) return false;
  const full = fullDocuments(file, text);
  expect(full.diagnostics).toEqual([]);
  expect(quick.map(told)).toEqual(full.documents.map(told));
  return true;
}

const yamlFiles = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ya?ml|json)$/.test(file))
    .map((file) => join(root, folder, file));

describe('the quick reader', () => {
  it('reads nearly all examples as the full one does, and no text that is broken', () => {
    const examples = yamlFiles('examples');
    const read = examples.filter((file) => expectSame(file, readFileSync(file, 'utf8')));
    expect(examples.length).toBeGreaterThan(200);
    expect(read.length / examples.length).toBeGreaterThan(0.95);
    for (const file of yamlFiles('test/fixtures')) expectSame(file, readFileSync(file, 'utf8'));
  });

  it.each([
    [
      'mappings, lists and their places',
      'a:\n  b: 1\n  c:\n    - x\n    -   y: 2\n        z: 3\nd:\n- 1\n-\n  - 2\n- - 3\n  - 4\n',
    ],
    ['nothing as a value', 'a:\nb:   # why\nc:\n  -\n  - # none\n  - ~\nd: null\n'],
    [
      'comments anywhere',
      '# top\na: 1 # one\n  # between, deeper\n\nb: # list below\n  # first\n  - x # y\n#end',
    ],
    [
      'words, numbers and what looks like them',
      'a: 1.30\nb: 0777\nc: yes\nd: True\ne: 1e3\nf: -7\ng: .5\nh: 1_000\ni: 2001-01-01\nj: 1.2.3\nk: +5.\nl: -a\nm: 0.0.0.0/0\n',
    ],
    [
      'keys of all kinds',
      '1.30: a\n"b c": d\n\'e\': f\nregion=cn: 8%\ntrue: x\n__proto__: y\nconstructor: z\nwith space: 1\na.b/c-d: 2\n',
    ],
    ['quoted text', 'a: "x # y"\nb: \'it\'\'s\'\nc: "tab\\t\\u00e9\\"" # z\nd: ""\ne: \'\'\n'],
    [
      'plain text with punctuation',
      'a: http://x:80/#top\nb: GET /a?b=c&d\nc: x{y}[z], w\nd: a #b\ne: "k: v"\nf: a:b\ng: *.x\n'.replace(
        'g: *.x\n',
        '',
      ),
    ],
    [
      'flow collections',
      'a: { b: 1, "c":2, d: [x, y z, {e: f}], g: {}, h: [] } # end\nb: [http://x:1/, -1, "q", 10.0.0.0/8]\n',
    ],
    [
      'flow collections over lines',
      'a: [\n    x, # one\n    # two\n    y\n  ]\nb:\n  - { c: 1,\n      d: 2 }\n  - [ [1, 2],\n      [3] ]\n',
    ],
    [
      'literal blocks',
      'a: |\n  x: [\n\n    # y\n  z\n\nb: |- # comment\n   one\n    two\nc:\n  - |\n    in a list\n  - x: |\n      deep\n',
    ],
    ['a literal block at the end', 'a: |\n  x\n\n\n'],
    ['JSON', '{\n  "a": {"b": [1, 2.5, true, null, "x\\ny"]},\n  "c": []\n}\n'],
    ['several documents, with empty ones', '# head\n---\na: 1\n---\n# empty\n---\n- b\n---\n'],
    ['one document without a marker, and one with', 'a: 1\n--- # second\nb: 2'],
    ['an indented document', '  a: 1\n  b:\n    c: 2\n'],
    ['lists beside their key', 'a:\n- x: 1\n  y:\n  - z\n- w\nb: 1\n'],
  ])('reads %s', (_, text) => {
    expect(expectSame('a.yaml', text)).toBe(true);
  });

  it.each([
    ['an anchor', 'a: &x 1\n'],
    ['an alias', 'a: [1]\nb: *x\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a directive', '%YAML 1.1\n---\na: yes\n'],
    ['an explicit key', '? a\n: b\n'],
    ['text over several lines', 'a: x\n  y\n'],
    ['quoted text over several lines', 'a: "x\n  y"\n'],
    ['text over several lines between brackets', 'a: [x\n    y]\n'],
    ['a folded block', 'a: >\n  x\n'],
    ['a literal block with its own indentation', 'a: |2\n   x\n'],
    ['a tab', 'a:\n\tb: 1\n'],
    ['a carriage return', 'a: 1\r\n'],
    ['a key twice', 'a: 1\nb: 2\na: 3\n'],
    ['a key twice between brackets', 'a: { b: 1, b: 2 }\n'],
    ['the same key as number and as text', '1: a\n"1": b\n'],
    ['a merge key', 'a: { b: 1 }\n<<: { c: 2 }\n'],
    ['odd indentation', 'a:\n    b: 1\n  c: 2\n'],
    ['a deeper line below text', 'a: 1\n  b: 2\n'],
    ['a mapping in a mapping on one line', 'a: b: c\n'],
    ['an open bracket', 'a: [1, 2\nb: 3\n'],
    ['text behind a bracket', 'a: [1] x\n'],
    ['text behind a quote', 'a: "x" y\n'],
    ['a comment without a space', 'a: "x"#y\n'],
    ['bare text', 'hello\n'],
    ['an end marker', 'a: 1\n...\n'],
    ['text behind a marker', '--- a\n'],
    ['a byte order mark', '\ufeffa: 1\n'],
    ['octal and infinity', 'a: 0o17\n'],
    ['no number', 'a: .nan\n'],
    ['a pair in a list', 'a: [b: 1]\n'],
    ['a key alone between brackets', 'a: { b }\n'],
    ['too many levels', `a: ${'['.repeat(90)}${']'.repeat(90)}\n`],
    ['an unknown escape', 'a: "\\x41"\n'],
  ])('leaves %s to the full one', (_, text) => {
    expect(quickDocuments('a.yaml', text)).toBeUndefined();
  });

  it('reads changed texts as the full one does, or leaves them', () => {
    const texts = yamlFiles('examples')
      .slice(0, 400)
      .map((file) => readFileSync(file, 'utf8').slice(0, 900));
    const edit = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      removed: fc.nat({ max: 4 }),
      put: fc.constantFrom(
        '',
        '',
        ' ',
        '  ',
        '\n',
        '\n\n',
        ':',
        ': ',
        '- ',
        '-',
        '#',
        ' #',
        '"',
        "'",
        '{',
        '}',
        '[',
        ']',
        ', ',
        '|',
        '| ',
        '~',
        '---\n',
        '1',
        'a',
        '\\',
        '\t',
        '? ',
        '&a ',
        '0x1',
        '.5',
        '\u00e9',
        '=',
        '%',
        '<<: ',
      ),
    });
    let read = 0;
    fc.assert(
      fc.property(
        fc.nat({ max: texts.length - 1 }),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        (which, edits) => {
          let text = texts[which]!;
          for (const { at, removed, put } of edits) {
            const from = Math.floor(at * text.length);
            text = text.slice(0, from) + put + text.slice(from + removed);
          }
          if (expectSame('a.yaml', text)) read++;
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 400) },
    );
    expect(read).toBeGreaterThan(50);
  });
});
