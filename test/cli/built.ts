// The executable, bundled for a test file in a folder of its own: tests must not change dist/ under somebody's feet. The folder is inside the
// package, so that packages are found.
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

export const root = resolve(import.meta.dirname, '../..');

export function buildForTests(): { main: string; folder: string; metafile: Metafile } {
  const folder = mkdtempSync(join(root, 'node_modules/.foresail-test-'));
  const built = {
    folder,
    main: join(folder, 'cli/main.js'),
    metafile: { inputs: {}, outputs: {} } as Metafile,
  };
  beforeAll(async () => {
    const { bundle } = await import(join(root, 'scripts/bundle.mjs'));
    built.metafile = await bundle(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return built;
}
