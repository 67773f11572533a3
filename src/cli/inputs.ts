// The files that a run read, with their hashes, and the lines that its findings and expectations point at: a report quotes them later,
// when the files are no longer at hand or have changed.
import { createRequire } from 'node:module';
import type { InputReport, ScenarioResult } from '../scenarios/result.ts';

/** Quoted above and below a line. */
const NEIGHBOURS = 2;
const MOST_PLACES = 500;
const MOST_CHARACTERS = 200;

export function inputReports(
  results: readonly ScenarioResult[],
  sources: ReadonlyMap<string, string>,
): InputReport[] {
  const wanted = new Map<string, Set<number>>();
  for (const { file, line } of results
    .flatMap(({ findings, expectations, notSimulated }) => [...findings, ...expectations, ...notSimulated])
    .slice(0, MOST_PLACES)) {
    const lines = wanted.get(file) ?? new Set();
    wanted.set(file, lines);
    for (let near = line - NEIGHBOURS; near <= line + NEIGHBOURS; near++) lines.add(near);
  }
  // Loaded here: most runs are not recorded, and node:crypto takes longer than some of them.
  const { createHash }: typeof import('node:crypto') = createRequire(import.meta.url)('node:crypto');
  return [...sources].map(([file, text]) => {
    const all = wanted.has(file) ? text.split('\n') : [];
    return {
      file,
      bytes: Buffer.byteLength(text),
      sha256: createHash('sha256').update(text).digest('hex'),
      lines: [...(wanted.get(file) ?? [])]
        .filter((line) => line >= 1 && line <= all.length)
        .sort((a, b) => a - b)
        .map((line) => ({ line, text: all[line - 1]!.replace(/\r$/, '').slice(0, MOST_CHARACTERS) })),
    };
  });
}
