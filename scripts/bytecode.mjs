// Calls the built program on examples and keeps the bytecode of every function that was called. Source: Node's vm.Script.createCachedData.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [outdir] = process.argv.slice(2);
const { bytecodeFile, compiled, evaluated } = await import(
  pathToFileURL(join(outdir, 'cli/compiled-program.js')).href
);
const script = join(outdir, 'cli/program.cjs');
const code = compiled(script);
const { runProgram } = evaluated(code, script);
const io = {
  out() {},
  err(text) {
    throw new Error(text);
  },
  isOutTty: false,
  isErrTty: false,
  columns: undefined,
  env: {},
  platform: process.platform,
  readStdin: () => '',
};
for (const argv of [['run', 'examples/two-regions/distribute.yaml']])
  await runProgram(argv, io, '');
writeFileSync(bytecodeFile(script), code.createCachedData());
