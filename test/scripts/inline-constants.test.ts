import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const { inlineConstants, withoutConstants } = await import(join(root, 'scripts/inline-constants.mjs'));

describe('constants put where they are used', () => {
  test('plain numbers and what is made of them leave the module', () => {
    const { code, define, exported } = withoutConstants(
      [
        'const ROW = 16;',
        'const HALF = ROW / 2;',
        'const LARGE = 0x10 << (HALF - 1);',
        'const BITS = ROW | 3;',
        'use(ROW);',
      ].join('\n'),
    );
    expect(define).toEqual({ ROW: '16', HALF: '8', LARGE: '2048', BITS: '19' });
    expect(exported).toEqual({});
    expect(code.trim()).toBe('use(ROW);');
  });

  test('exported ones are told apart, for other modules', () => {
    const { code, define, exported } = withoutConstants(
      'export const DEAD = -1;\nconst ALIVE = 1;\nuse(DEAD, ALIVE);\n',
    );
    expect(define).toEqual({ DEAD: '-1', ALIVE: '1' });
    expect(exported).toEqual({ DEAD: '-1' });
    expect(code.trim()).toBe('use(DEAD, ALIVE);');
  });

  test('what is made of numbers of another module is a number too', () => {
    const { exported } = withoutConstants('export const KIND = FIRST + 1;', { FIRST: '32' });
    expect(exported).toEqual({ KIND: '33' });
  });

  test('whatever is no finite number, or made of what nobody knows, is left alone', () => {
    const lines = [
      'const KIND = FIRST_KIND + 1;',
      'const BIG = 32n;',
      'const EVER = Number.POSITIVE_INFINITY;',
      'const NEVER = 1 / 0;',
      'const NAMES = all();',
      '  const LOCAL = 3;',
      'const lower = 4;',
    ].join('\n');
    expect(withoutConstants(lines)).toEqual({ code: lines, define: {}, exported: {} });
  });

  test('a bundle of the whole model holds no numeric constant any more', async () => {
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: ['src/models/run/run-world.ts'],
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      minifySyntax: true,
      plugins: [inlineConstants],
    });
    const { text } = outputFiles[0]!;
    const capitals =
      /^(?:var|let|const) ([A-Z][A-Z0-9_]*) = (?:[-+]?[\d.]+(?:e\d+)?|[A-Z0-9_]+ [-+*/] [\d.]+)[,;]/gm;
    expect([...text.matchAll(capitals)].map(([line]) => line)).toEqual([]);
    // What an express row is made of, used in another module than the one that says so.
    expect(text).toContain('rows.startNs[row * 8 + 7]');
  });
});
