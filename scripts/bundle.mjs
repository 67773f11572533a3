// The executable as a few files: reading 200 small ones and all of zod takes longer than a small simulation. What is imported lazily stays
// in files of its own; heavy packages stay packages.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { D3, reportClient } from './report-client.mjs';

const BUNDLED = ['commander', 'seedrandom', 'yaml', 'zod'];
const root = fileURLToPath(new URL('..', import.meta.url));

/** Writes cli/main.js, cli/work-thread.js, cli/replication-thread.js and their parts below `outdir`; returns esbuild's account of what went where. */
export async function bundle(outdir) {
  const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/main.ts', 'src/cli/work-thread.ts', 'src/cli/replication-thread.ts'],
    outbase: 'src',
    outdir,
    chunkNames: 'cli/part-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    external: Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
    // commander, yaml and seedrandom are CommonJS and require Node's own modules.
    banner: {
      js: "import { createRequire as __nodeRequire } from 'node:module'; const require = __nodeRequire(import.meta.url);",
    },
    plugins: [{ name: 'one-locale', setup: oneLocale }],
    metafile: true,
    logLevel: 'warning',
  });
  const { script, style } = await reportClient();
  writeFileSync(`${outdir}/cli/report-client.js`, script);
  writeFileSync(`${outdir}/cli/report-client.css`, style);
  writeFileSync(`${outdir}/cli/LICENSES.txt`, [...BUNDLED, ...D3].map(licenseOf).join('\n\n'));
  return metafile;
}

/** zod brings its messages in fifty languages; foresail writes its own. */
function oneLocale(pluginBuild) {
  pluginBuild.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.(cjs|js)$/ }, () => ({
    contents: "export { default as en } from './en.js';",
    loader: 'js',
  }));
}

function licenseOf(name) {
  const folder = `${root}/node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, 'utf8') : ''}`;
}
