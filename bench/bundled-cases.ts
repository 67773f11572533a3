// The cases as they are shipped: one script with constants in their places. From the sources the constants of other modules are loaded and
// checked at every use.
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { BenchCase } from './cases.ts';

const root = resolve(import.meta.dirname, '..');

export async function bundledCases(): Promise<readonly BenchCase[]> {
  const { inlineConstants } = await import(join(root, 'scripts/inline-constants.mjs'));
  const folder = mkdtempSync(join(root, 'node_modules/.foresail-bench-'));
  try {
    const outfile = join(folder, 'cases.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'cases.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      packages: 'external',
      minifySyntax: true,
      plugins: [inlineConstants],
    });
    const { cases } = await import(outfile);
    return cases;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
