import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../src/scenarios/diagnostics.ts';
import { parseYamlDocuments } from '../../src/scenarios/yaml-documents.ts';

const twoDocuments = `apiVersion: v1
kind: Service
metadata:
  name: reviews
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
spec:
  trafficPolicy:
    outlierDetection:
      intervall: 1s
`;

describe('documents', () => {
  it('are all read, and know line and column of every key and value', () => {
    const { documents, diagnostics } = parseYamlDocuments('dr.yaml', twoDocuments);
    expect(diagnostics).toEqual([]);
    expect(documents).toHaveLength(2);
    expect(documents[0]!.originOf(['metadata', 'name'])).toMatchObject({ file: 'dr.yaml', line: 4, col: 9 });
    const path = ['spec', 'trafficPolicy', 'outlierDetection', 'intervall'];
    expect(documents[1]!.keyOriginOf(path)).toMatchObject({ line: 11, col: 7 });
    expect(documents[1]!.originOf([...path.slice(0, 3), 'interval'])).toMatchObject({ line: 11, col: 7 });
  });

  it('follow anchors and merge keys', () => {
    const { documents } = parseYamlDocuments('a.yaml', 'base: &b { x: 1, y: 2 }\nmore:\n  <<: *b\n  y: 3\n');
    expect(JSON.parse(JSON.stringify(documents[0]!.value))).toEqual({
      base: { x: 1, y: 2 },
      more: { x: 1, y: 3 },
    });
  });

  it('keep __proto__ and constructor as plain keys', () => {
    const { documents } = parseYamlDocuments('a.yaml', '__proto__: { polluted: true }\nconstructor: 1\n');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.keys(documents[0]!.value as object)).toEqual(['__proto__', 'constructor']);
  });
});

describe('broken input gives one error with a place', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\n${[...'bcdefghi'].map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`).join('\n')}\n`;
  it.each([
    ['wrong indentation', 'spec:\n  host: reviews\n trafficPolicy: {}\n', 'FS1001', 3],
    ['a tab', 'spec:\n\thost: reviews\n', 'FS1001', 2],
    ['an open bracket', 'hosts: [a, b\nx: 1\n', 'FS1001', 2],
    ['a key twice', 'spec:\n  host: a\n  host: b\n', 'FS1002', 3],
    ['nothing', '', 'FS1006', 0],
    ['comments only', '# nothing here\n---\n', 'FS1006', 0],
    ['an alias bomb', bomb, 'FS1004', 1],
    ['an anchor inside itself', 'a: &a [1, *a]\n', 'FS1004', 1],
    ['an unknown alias', 'a: *missing\n', 'FS1001', 1],
    ['deep flow nesting', `a: ${'['.repeat(5000)}`, 'FS1005', 1],
    ['a mapping as key', 'name: {{ .Values.name }}\n', 'FS1001', 1],
    ['explicit keys without end', '? '.repeat(20_000), 'FS1005', 1],
    ['block nesting', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'), 'FS1005', 1],
    ['a huge file', 'x'.repeat(10_000_001), 'FS1003', 0],
  ])('%s', (_, text, code, line) => {
    const { diagnostics, documents } = parseYamlDocuments('broken.yaml', text);
    expect(documents).toEqual([]);
    expect(diagnostics.map((diagnostic) => [diagnostic.code, diagnostic.line])).toEqual([[code, line]]);
    expect(renderDiagnostic(diagnostics[0]!, text)).toMatch(/^broken\.yaml(:\d+:\d+)? error FS\d{4} /);
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({
            unit: fc.constantFrom(
              'a',
              ':',
              ' ',
              '\n',
              '-',
              '[',
              ']',
              '{',
              '}',
              '&',
              '*',
              '"',
              "'",
              '\t',
              '|',
              '>',
              '!',
              '%',
              '<',
            ),
          }),
        ),
        (text) => {
          const { documents, diagnostics } = parseYamlDocuments('f.yaml', text);
          expect(documents.length + diagnostics.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
