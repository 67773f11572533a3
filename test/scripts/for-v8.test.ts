import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const { forV8, withoutConstants, withPlainNames } = await import(join(root, 'scripts/for-v8.mjs'));

const bundled = async (file: string): Promise<string> => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [file],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    minifySyntax: true,
    plugins: [forV8],
  });
  return outputFiles[0]!.text;
};

describe('private names as properties', () => {
  test('where they are declared and where they are used', () => {
    const text = [
      'class Queue {',
      '  readonly #nodes: Int32Array;',
      '  static #made = 0;',
      '  *#all() {}',
      '  get #size() { return this.#nodes.length; }',
      '  #merge(other: Queue) { return other.#nodes ?? this?.#nodes; }',
      "  color = '#fff';",
      '}',
    ];
    expect(withPlainNames(text.join('\n')).split('\n')).toEqual([
      'class Queue {',
      '  readonly _$nodes: Int32Array;',
      '  static _$made = 0;',
      '  *_$all() {}',
      '  get _$size() { return this._$nodes.length; }',
      '  _$merge(other: Queue) { return other._$nodes ?? this?._$nodes; }',
      "  color = '#fff';",
      '}',
    ]);
  });

  test('a bundle of the whole model has none left, and no field that is undefined before it is set', async () => {
    const text = await bundled('src/models/run/run-world.ts');
    expect(text.match(/[.\s]#[a-z]\w*/gi)).toBeNull();
    expect(text.match(/^ {2}\w+;$/gm)).toBeNull();
  });

  test('no class has a name that its base has too', () => {
    const names = new Map<string, Set<string>>();
    const bases: [string, string][] = [];
    for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (!/^(engine|models)[\\/].*\.ts$/.test(file)) continue;
      const classes = readFileSync(join(root, 'src', file), 'utf8').split(
        /^(?:export )?(?:abstract )?class /m,
      );
      for (const text of classes.slice(1)) {
        const [, name, base] = /^(\w+)(?:<[^>]*>)?(?: extends (\w+))?/.exec(text)!;
        const own = text.match(/^\s+(?:(?:static|readonly|async|get|set) )*\*?#\w+/gm) ?? [];
        names.set(
          name!,
          new Set([...(names.get(name!) ?? []), ...own.map((line) => line.replace(/.*#/s, ''))]),
        );
        if (base !== undefined) bases.push([name!, base]);
      }
    }
    expect(bases.length).toBeGreaterThan(5);
    for (const [name, base] of bases)
      for (const own of names.get(name)!)
        expect([name, own, names.get(base)?.has(own) ?? false]).toEqual([name, own, false]);
  });
});

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
    const text = await bundled('src/models/run/run-world.ts');
    const capitals =
      /^(?:var|let|const) ([A-Z][A-Z0-9_]*) = (?:[-+]?[\d.]+(?:e\d+)?|[A-Z0-9_]+ [-+*/] [\d.]+)[,;]/gm;
    expect([...text.matchAll(capitals)].map(([line]) => line)).toEqual([]);
    // What an express row is made of, used in another module than the one that says so.
    expect(text).toContain('rows.startNs[row * 8 + 7]');
  });
});
