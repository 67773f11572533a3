// The cases as they are shipped: one script, in the form that V8 makes shorter code of (scripts/for-v8.mjs), under the flags of V8 that it runs under.
import { mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { inlineMore } from '../src/cli/tiering.ts';
import type { BenchCase } from './cases.ts';

const root = resolve(import.meta.dirname, '..');

export async function bundledCases(): Promise<readonly BenchCase[]> {
  inlineMore();
  const { forV8 } = await import(join(root, 'scripts/for-v8.mjs'));
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
      plugins: [forV8],
    });
    const { cases } = await import(outfile);
    return cases;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
