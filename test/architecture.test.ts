import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../src');
const LAYERS = ['engine', 'models', 'scenarios', 'cli'];
const BANNED: [RegExp, string][] = [
  [/\bMath\.random\b/, 'a named stream of engine/random.ts'],
  [/\bDate\.now\b|\bnew Date\b|\bperformance\.now\b/, 'simulated time'],
  [/\bprocess\./, 'an argument'],
  [/from 'node:/, 'an argument (no Node built-ins here)'],
];

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const lines = files.flatMap((file) =>
  readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((text, i) => ({ file, line: i + 1, text })),
);
const layerOf = (file: string) => LAYERS.indexOf(file.split('/')[0]!);

it('imports only run from cli to scenarios to models to engine', () => {
  const turned = lines.flatMap(({ file, line, text }) => {
    const target = /from '(\.[^']+)'/.exec(text)?.[1];
    if (!target) return [];
    const imported = relative(root, resolve(join(root, file), '..', target));
    return layerOf(imported) > layerOf(file)
      ? [`src/${file}:${line}: imports ${imported}, which lies above it`]
      : [];
  });
  expect(turned).toEqual([]);
  expect(files.length).toBeGreaterThan(20);
});

it('engine and models know no clock, process, I/O or unseeded randomness', () => {
  const used = lines
    .filter(({ file, text }) => layerOf(file) <= 1 && !/^\s*(\/\/|\*|\/\*)/.test(text))
    .flatMap(({ file, line, text }) =>
      BANNED.filter(([pattern]) => pattern.test(text)).map(
        ([pattern, instead]) => `src/${file}:${line}: ${pattern.source} is banned here, use ${instead}`,
      ),
    );
  expect(used).toEqual([]);
});
