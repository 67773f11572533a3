// The script and the style of the HTML report, each as one text that is put into the page.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
export const D3 = [
  'd3-array',
  'd3-brush',
  'd3-color',
  'd3-dispatch',
  'd3-drag',
  'd3-ease',
  'd3-format',
  'd3-interpolate',
  'd3-path',
  'd3-sankey',
  'd3-scale',
  'd3-selection',
  'd3-shape',
  'd3-time',
  'd3-time-format',
  'd3-timer',
  'd3-transition',
  'internmap',
];

export async function reportClient() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { client: 'src/cli/report/client/main.ts', style: 'src/cli/report/client/style.css' },
    outdir: 'unwritten',
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
    legalComments: 'none',
    banner: { js: '/*! with d3 (github.com/d3), Copyright 2010-2023 Mike Bostock, ISC and BSD-3-Clause licenses */' },
    logLevel: 'warning',
  });
  const text = (ending) => outputFiles.find(({ path }) => path.endsWith(ending)).text.trim();
  return { script: text('client.js'), style: text('style.css') };
}
