import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  DIAGNOSTIC_CODES,
  type Diagnostic,
  inert,
  nearestName,
  renderDiagnostic,
} from '../../src/scenarios/diagnostics.ts';
import { nodeFiles } from '../../src/scenarios/files.ts';
import { loadScenario } from '../../src/scenarios/load.ts';

const folder = 'test/fixtures/diagnostics';
const fixtures = readdirSync(folder).filter((file) => file.endsWith('.yaml'));

/** Broken inputs that are made while testing: load.test.ts and files.test.ts hold them. */
const MADE_ELSEWHERE = ['FS1003', 'FS1008', 'FS2021', 'FS2030', 'FS3015', 'FS3020'];
/** Said while the run is planned: test/scenarios/plan holds them. */
const IN_PLANNING = ['FS2023', 'FS2024', 'FS3017'];
/** For the command line, when an exception of ours reaches it. */
const OURS = ['FS9001'];

const placeOf = ({ code, severity, file, line, col }: Diagnostic) =>
  `${code} ${severity} ${file.replace(`${folder}/`, '')}:${line}:${col}`;

describe('each broken file yields what its first line says, and nothing else', () => {
  it.each(fixtures)('%s', (file) => {
    const path = join(folder, file);
    const { diagnostics, sources } = loadScenario(path, nodeFiles());
    const expected = /^# yields (.*)$/.exec(readFileSync(path, 'utf8').split('\n')[0]!)?.[1];
    expect(diagnostics.map(placeOf).join('; ')).toBe(expected);
    for (const diagnostic of diagnostics) {
      const source = sources.get(diagnostic.file);
      const [head, line, carets] = renderDiagnostic(diagnostic, source).split('\n');
      expect(head).toContain(`${diagnostic.severity} ${diagnostic.code} ${diagnostic.message}`);
      if (diagnostic.line > 0) expect(carets!.indexOf('^')).toBeLessThan(line!.length);
    }
  });
});

describe('the table of codes', () => {
  it('describes every code in a sentence', () => {
    for (const [code, text] of Object.entries(DIAGNOSTIC_CODES)) {
      expect(code).toMatch(/^FS[12359]\d{3}$/);
      expect(text).toMatch(/^[A-Z`].*\.$/);
    }
  });

  it('says something different about each', () => {
    const texts = Object.values(DIAGNOSTIC_CODES);
    expect(new Set(texts).size).toBe(texts.length);
  });

  it('has a broken file for each code', () => {
    const shown = new Set(fixtures.flatMap((file) => /^FS\d{4}/.exec(file)?.[0] ?? []));
    const missing = Object.keys(DIAGNOSTIC_CODES).filter(
      (code) => !shown.has(code) && ![...MADE_ELSEWHERE, ...IN_PLANNING, ...OURS].includes(code),
    );
    expect(missing).toEqual([]);
    expect(fixtures.length).toBeGreaterThanOrEqual(60);
  });
});

describe('a frame for a terminal', () => {
  const line = `load: [{ name: x, from: { gateway: g }, request: GET http://x/, iteratons: 10, pace: 1s, start: 0s, cookies: true }]`;
  const frame = (col: number, columns: number) =>
    renderDiagnostic(
      { code: 'FS2004', severity: 'error', message: 'no', file: 'a.yaml', line: 1, col },
      line,
      columns,
    ).split('\n');

  it.each([40, 60, 80, 200])('of %d columns neither wraps nor loses its mark', (columns) => {
    for (let col = 1; col <= line.length; col++) {
      const [, shown, carets] = frame(col, columns);
      expect(shown!.length).toBeLessThanOrEqual(columns);
      expect(carets!.length).toBeLessThanOrEqual(columns);
      expect(shown![carets!.indexOf('^')]).toBe(line[col - 1]);
    }
  });
});

describe('a printed diagnostic', () => {
  const at = (source: string, line: number, col: number, hint?: string) =>
    renderDiagnostic(
      { code: 'FS2004', severity: 'error', message: 'no', file: 'a.yaml', line, col, hint },
      source,
    );

  it('points along the whole token and gives the hint', () => {
    expect(at('spec:\n  intervall: 1s\n', 2, 3, 'did you mean "interval"?')).toBe(
      'a.yaml:2:3 error FS2004 no\n  2 |   intervall: 1s\n    |   ^^^^^^^^^\n  hint: did you mean "interval"?',
    );
  });

  it.each([
    ['a quoted text with its quotes', 'a: "x: y", b', 4, 6],
    ['a URL up to the bracket', 'a: [http://x:80/, b]', 5, 12],
    ['a bracket alone', 'a: [b, c]', 4, 1],
    ['the end of the line', 'a:', 3, 1],
  ])('underlines %s', (_, line, col, width) => {
    const carets = at(line, 1, col).split('\n')[2]!;
    expect(carets.match(/\^+/)![0]).toHaveLength(width);
    expect(carets.indexOf('^') - '  1 | '.length).toBe(col - 1);
  });

  it('shows a long line from a little before the place', () => {
    const [, line, carets] = at(`${'x'.repeat(500)} wrong`, 1, 502).split('\n');
    expect(line!.length).toBeLessThan(230);
    expect(line!.slice(carets!.indexOf('^'))).toBe('wrong');
  });

  it('makes terminal escapes of strangers visible and keeps the carets under the token', () => {
    const text = at('a: \u001b[31mred', 1, 4);
    expect(text).not.toContain('\u001b');
    expect(text).toContain('\\u001b');
    expect(inert('a\u001b[31mred\u202e')).toBe('a\\u001b[31mred\\u202e');
  });
});

describe('the nearest name', () => {
  it('is the one that was meant, and none when nothing is near', () => {
    expect(nearestName('intervall', ['interval', 'baseEjectionTime'])).toBe('interval');
    expect(nearestName('cn-hangzuo', ['cn-hangzhou', 'cn-shanghai'])).toBe('cn-hangzhou');
    expect(nearestName('xyz', ['interval', 'host'])).toBeUndefined();
  });
});
