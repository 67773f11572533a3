// esbuild makes `const ROW = 8` at the top of a module a `var`, which V8 then loads and checks each time it is used (bench/README.md has
// the count). So numbers in capitals are put where they are used, in the engine and the models, before esbuild bundles; those that are exported
// it puts into other modules itself, as a part of minifySyntax.
import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';

const CONSTANT = /^(export )?const ([A-Z][A-Z0-9_]*) = ([-+*/<>() \w.]+);$/gm;
/** Of an expression: no part of a number has a word's begin before a letter. */
const NAMES = /\b[A-Za-z_]\w*/g;

export const inlineConstants = {
  name: 'inline-constants',
  setup(pluginBuild) {
    pluginBuild.onLoad({ filter: /[\\/]src[\\/](engine|models)[\\/].*\.ts$/ }, async ({ path }) => {
      const { code, define } = withoutConstants(await readFile(path, 'utf8'));
      const { code: contents } = await transform(code, { loader: 'ts', define, sourcefile: path });
      return { contents, loader: 'js' };
    });
  },
};

/** The text of a module without the constants that are plain numbers, and their values. Exported ones remain, under another name inside. */
export function withoutConstants(text) {
  const define = {};
  const exported = [];
  const code = text.replace(CONSTANT, (line, isExported, name, expression) => {
    const value = valueOf(expression, define);
    if (value === undefined) return line;
    define[name] = JSON.stringify(value);
    if (isExported) exported.push(name);
    return '';
  });
  const again = exported.map((name) => `const ${name}_ = ${define[name]};\nexport { ${name}_ as ${name} };\n`);
  return { code: code + again.join(''), define };
}

/** undefined = it is no number, or made of what another module has. */
function valueOf(expression, define) {
  const names = expression.match(NAMES) ?? [];
  if (!names.every((name) => Object.hasOwn(define, name))) return undefined;
  const value = Function(...Object.keys(define), `return ${expression}`)(...Object.values(define).map(Number));
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
