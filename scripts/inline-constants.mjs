// esbuild makes `const ROW = 8` at the top of a module a `var`, which V8 then loads and checks each time it is used (bench/README.md has
// the count). So numbers in capitals are put where they are used, in the engine and the models, before esbuild bundles. Exported ones move
// to a module of their own, where nothing stands before them: only from there does esbuild (minifySyntax) put them into other modules.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { transform } from 'esbuild';

const CONSTANT = /^(export )?const ([A-Z][A-Z0-9_]*) = ([-+*/<>|&() \w.]+);$/gm;
const IMPORT = /^import \{([^}]*)\} from '(\.[^']*)';$/gm;
/** Of an expression: no part of a number has a word's begin before a letter. */
const NAMES = /\b[A-Za-z_]\w*/g;

export const inlineConstants = {
  name: 'inline-constants',
  setup(pluginBuild) {
    const ofModules = new Map();
    const filter = /[\\/]src[\\/](engine|models)[\\/].*\.ts$/;
    pluginBuild.onLoad({ filter, namespace: 'file' }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const { code, define, exported } = withoutConstants(text, await importedConstants(path, text));
      ofModules.set(path, exported);
      const { code: rest } = await transform(code, { loader: 'ts', define, sourcefile: path });
      const names = Object.keys(exported).join(', ');
      const contents = names === '' ? rest : `export { ${names} } from 'constants-of:${path}';\n${rest}`;
      return { contents, loader: 'js' };
    });
    pluginBuild.onResolve({ filter: /^constants-of:/ }, ({ path }) => ({
      path: path.slice('constants-of:'.length),
      namespace: 'constants-of',
      sideEffects: false,
    }));
    pluginBuild.onLoad({ filter: /.*/, namespace: 'constants-of' }, ({ path }) => ({
      contents: Object.entries(ofModules.get(path))
        .map(([name, value]) => `export const ${name} = ${value};\n`)
        .join(''),
    }));
  },
};

/** Constants that a module gets from others, under the names that it gives them. */
async function importedConstants(path, text) {
  const known = {};
  for (const [, names, from] of text.matchAll(IMPORT)) {
    if (!/\b[A-Z][A-Z0-9_]*\b/.test(names)) continue;
    const file = resolve(dirname(path), from);
    const theirs = await readFile(file, 'utf8');
    const { exported } = withoutConstants(theirs, await importedConstants(file, theirs));
    for (const name of names.split(',')) {
      const [given, own = given] = name.trim().split(' as ');
      if (Object.hasOwn(exported, given)) known[own] = exported[given];
    }
  }
  return known;
}

/**
 * The text of a module without the constants that are plain numbers, and their values: of all, and of those that it exports.
 * @param known values of what it imports
 */
export function withoutConstants(text, known = {}) {
  const define = {};
  const exported = {};
  const code = text.replace(CONSTANT, (line, isExported, name, expression) => {
    const value = valueOf(expression, { ...known, ...define });
    if (value === undefined) return line;
    define[name] = JSON.stringify(value);
    if (isExported) exported[name] = define[name];
    return '';
  });
  return { code, define, exported };
}

/** undefined = it is no number, or made of what nobody knows here. */
function valueOf(expression, known) {
  const names = expression.match(NAMES) ?? [];
  if (!names.every((name) => Object.hasOwn(known, name))) return undefined;
  const value = Function(...Object.keys(known), `return ${expression}`)(...Object.values(known).map(Number));
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
