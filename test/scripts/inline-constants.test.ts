import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const { withoutConstants } = await import(join(import.meta.dirname, '../../scripts/inline-constants.mjs'));

describe('constants put where they are used', () => {
  test('plain numbers and what is made of them leave the module', () => {
    const { code, define } = withoutConstants(
      ['const ROW = 16;', 'const HALF = ROW / 2;', 'const LARGE = 0x10 << (HALF - 1);', 'use(ROW);'].join(
        '\n',
      ),
    );
    expect(define).toEqual({ ROW: '16', HALF: '8', LARGE: '2048' });
    expect(code.trim()).toBe('use(ROW);');
  });

  test('an exported one stays for other modules', () => {
    const { code, define } = withoutConstants('export const DEAD = -1;\nuse(DEAD);\n');
    expect(define).toEqual({ DEAD: '-1' });
    expect(code).toContain('const DEAD_ = -1;\nexport { DEAD_ as DEAD };');
  });

  test('whatever is no finite number of its own is left alone', () => {
    const lines = [
      'const KIND = FIRST_KIND + 1;',
      'const BIG = 32n;',
      'const EVER = Number.POSITIVE_INFINITY;',
      'const NEVER = 1 / 0;',
      'const NAMES = all();',
      '  const LOCAL = 3;',
      'const lower = 4;',
    ].join('\n');
    expect(withoutConstants(lines)).toEqual({ code: lines, define: {} });
  });
});
