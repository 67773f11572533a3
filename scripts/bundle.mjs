// The executable as a few files: reading 200 small ones and all of zod takes longer than a small simulation. What is imported lazily stays
// in files of its own; heavy packages stay packages. The commands that run most are in one more file, with their bytecode.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import * as yaml from 'yaml';
import { forV8 } from './for-v8.mjs';
import { D3, reportClient } from './report-client.mjs';

const BUNDLED = ['commander', 'seedrandom', 'yaml', 'zod'];
/** In the script that is compiled ahead. They import no package but lazily. */
const COMPILED_COMMANDS = ['run', 'test', 'lint'];
const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Writes cli/main.js and cli/thread.js with the programs that they choose from below `outdir`; returns esbuild's account of what went where.
 */
export async function bundle(outdir) {
  const { dependencies } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
  const shared = {
    absWorkingDir: root,
    outbase: 'src',
    outdir,
    bundle: true,
    platform: 'node',
    target: 'node20',
    minifySyntax: true,
    minifyWhitespace: true,
    external: Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
    metafile: true,
    logLevel: 'warning',
  };
  const built = await Promise.all([
    build({
      ...shared,
      entryPoints: ['src/cli/program.ts'],
      format: 'esm',
      splitting: true,
      chunkNames: 'cli/part-[hash]',
      // commander, yaml and seedrandom are CommonJS and require Node's own modules.
      banner: {
        js: "import { createRequire as __nodeRequire } from 'node:module'; const require = __nodeRequire(import.meta.url);",
      },
      plugins: [forV8, oneLocale],
    }),
    build({
      ...shared,
      entryPoints: ['src/cli/main.ts', 'src/cli/thread.ts', 'src/cli/compiled-program.ts'],
      format: 'esm',
      define: { COMPILED_COMMANDS: JSON.stringify(COMPILED_COMMANDS) },
      plugins: [lazyElsewhere(/(main|thread)\.ts$/, () => true), lazyElsewhere(/registry\.ts$/, () => true)],
    }),
    build({
      ...shared,
      entryPoints: { 'cli/program': 'src/cli/program.ts' },
      outExtension: { '.js': '.cjs' },
      format: 'cjs',
      // A script from bytecode has no loader to ask: import() is refused in it.
      supported: { 'dynamic-import': false },
      banner: { js: "'use strict';const __programUrl=require('node:url').pathToFileURL(__filename).href;" },
      define: { 'import.meta.url': '__programUrl' },
      plugins: [
        forV8,
        oneLocale,
        yamlWhenNeeded,
        nodeWhenNeeded,
        lazyElsewhere(/registry\.ts$/, (name) => !COMPILED_COMMANDS.includes(name)),
      ],
    }),
  ]);
  const { script, style } = await reportClient();
  writeFileSync(`${outdir}/cli/report-client.js`, script);
  writeFileSync(`${outdir}/cli/report-client.css`, style);
  writeFileSync(`${outdir}/cli/LICENSES.txt`, [...BUNDLED, ...D3].map(licenseOf).join('\n\n'));
  keepBytecode(outdir);
  return {
    inputs: Object.assign({}, ...built.map(({ metafile }) => metafile.inputs)),
    outputs: Object.assign({}, ...built.map(({ metafile }) => metafile.outputs)),
  };
}

/** Runs the script in a process of its own: what is compiled is what is called. */
function keepBytecode(outdir) {
  const { status } = spawnSync(process.execPath, [`${root}/scripts/bytecode.mjs`, resolve(root, outdir)], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the bytecode of cli/program.cjs could not be made');
}

/** Lazy imports of a module that stay what they are: the file is there, or never asked for. */
function lazyElsewhere(importer, isElsewhere) {
  return {
    name: 'lazy-elsewhere',
    setup(pluginBuild) {
      pluginBuild.onResolve({ filter: /^\.\/.*\.ts$/ }, ({ path, importer: from, kind }) => {
        if (kind !== 'dynamic-import' || !importer.test(from)) return undefined;
        if (!isElsewhere(path.slice(2, -3))) return undefined;
        return { path: path.replace(/\.ts$/, '.js'), external: true };
      });
    },
  };
}

/** Most files are read without the yaml package: it starts when one is not. Nobody asks whether something is an instance of its classes. */
const yamlWhenNeeded = {
  name: 'yaml-when-needed',
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^yaml$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'yaml', namespace: 'when-needed' } : undefined,
    );
    pluginBuild.onLoad({ filter: /.*/, namespace: 'when-needed' }, () => ({
      resolveDir: root,
      contents: [
        "let loaded; const yaml = () => (loaded ??= require('yaml'));",
        ...Object.keys(yaml.default).map(
          (name) =>
            `export function ${name}(...all) { return new.target ? new (yaml().${name})(...all) : yaml().${name}(...all); }`,
        ),
      ].join('\n'),
    }));
  },
};

/** commander starts programs and seedrandom asks for real randomness only where nobody here lets them. */
const nodeWhenNeeded = {
  name: 'node-when-needed',
  setup(pluginBuild) {
    const filter = /[\\/](commander[\\/]lib[\\/]command|seedrandom[\\/]seedrandom)\.js$/;
    const spawn = "{ get spawn() { return require('node:child_process').spawn; } }";
    pluginBuild.onLoad({ filter }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replace("require('node:child_process')", spawn)
        .replace("require('crypto')", 'undefined'),
      loader: 'js',
    }));
  },
};

/** zod brings its messages in fifty languages; foresail writes its own. */
const oneLocale = {
  name: 'one-locale',
  setup(pluginBuild) {
    pluginBuild.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.(cjs|js)$/ }, () => ({
      contents: "export { default as en } from './en.js';",
      loader: 'js',
    }));
  },
};

function licenseOf(name) {
  const folder = `${root}/node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${file ? readFileSync(`${folder}/${file}`, 'utf8') : ''}`;
}
