// The program as one script, with the bytecode of its functions beside it: the build runs an example and keeps what V8 compiled meanwhile.
// A small run takes less time than compiling what it needs. V8 refuses bytecode of another V8 or other flags; then, or where the build left
// none for this Node, the script is compiled as any other.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import vm from 'node:vm';
import { inlineMore } from './tiering.ts';

export type Program = typeof import('./program.ts');

/** Ends in the versions that must agree: V8 checks its own, not the processor's. */
export const bytecodeFile = (script: string) =>
  `${script}.${process.version}-${process.platform}-${process.arch}.bytecode`;

/** @param script path of a CommonJS file that the build wrote */
export function compiledProgram(script: string): Program {
  const bytecode = readIfThere(bytecodeFile(script));
  const require = createRequire(script);
  if (bytecode === undefined) return require(script);
  return evaluated(compiled(script, bytecode), script);
}

export function compiled(script: string, bytecode?: Buffer): vm.Script {
  inlineMore();
  // One byte a character: esbuild escapes all others.
  const source = readFileSync(script, 'latin1');
  return new vm.Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: script,
    cachedData: bytecode,
  });
}

/** As Node would load it, but for require.main, which nobody asks for. */
export function evaluated(code: vm.Script, script: string): Program {
  const module = { exports: {} };
  code.runInThisContext()(module.exports, createRequire(script), module, script, dirname(script));
  return module.exports as Program;
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
