// The engine and the models in a form that V8 makes shorter code of, before esbuild bundles them (bench/README.md has the counts).
// Constants: esbuild makes `const ROW = 8` at the top of a module a `var`, which V8 loads and checks each time it is used. So numbers in
// capitals are put where they are used. Exported ones move to a module of their own, where nothing stands before them: only from there
// does esbuild (minifySyntax) put them into other modules.
// Private names: `#name` is undefined before it gets its value, so V8 never knows what it holds, and it takes more bytecode, of which only
// so much is inlined. It becomes a property that the constructor sets; that nobody else asks for it the type checker has seen to.
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { transform } from 'esbuild';

const CONSTANT = /^(export )?const ([A-Z][A-Z0-9_]*) = ([-+*/<>|&() \w.]+);$/gm;
/** What stands before a private name where it is used, and where it is declared. */
const MEMBER = /(\.)#(?=[A-Za-z_])/g;
const DECLARATION = /^(\s+(?:(?:static|readonly|async|get|set) )*\*?)#(?=[A-Za-z_])/gm;
const IMPORT = /^import \{([^}]*)\} from '(\.[^']*)';$/gm;
/** Of an expression: no part of a number has a word's begin before a letter. */
const NAMES = /\b[A-Za-z_]\w*/g;

/** As tsconfig.json has it, which transform() does not read. */
const tsconfigRaw = { compilerOptions: { useDefineForClassFields: false } };

export const forV8 = {
  name: 'for-v8',
  setup(pluginBuild) {
    const ofModules = new Map();
    const filter = /[\\/]src[\\/](engine|models)[\\/].*\.ts$/;
    pluginBuild.onLoad({ filter, namespace: 'file' }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const { code, define, exported } = withoutConstants(text, await importedConstants(path, text));
      ofModules.set(path, exported);
      const { code: rest } = await transform(withPlainNames(code), {
        loader: 'ts',
        define,
        sourcefile: path,
        tsconfigRaw,
      });
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

/** The text of a module with `_$name` instead of `#name`. */
export function withPlainNames(text) {
  return text.replace(MEMBER, '$1_$$').replace(DECLARATION, '$1_$$');
}

/** Constants that a module gets from others, under the names that it gives them. @param within modules that wait for this one */
async function importedConstants(path, text, within = []) {
  const known = {};
  for (const [, names, from] of text.matchAll(IMPORT)) {
    const file = resolve(dirname(path), from);
    if (!/\b[A-Z][A-Z0-9_]*\b/.test(names) || within.includes(file)) continue;
    const theirs = await readFile(file, 'utf8');
    const { exported } = withoutConstants(theirs, await importedConstants(file, theirs, [...within, path]));
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
