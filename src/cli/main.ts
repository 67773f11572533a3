#!/usr/bin/env node
// The executable: chooses how the program is loaded, hands it the process's arguments and streams, and its answer to the shell.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../scenarios/version.ts';
import { isHelp, splitCommand } from './command-line.ts';
import { DEFAULT_COMMAND } from './commands/registry.ts';
import { compiledProgram, type Program } from './compiled-program.ts';
import { processIo } from './io.ts';
import { inlineMore, optimizeLater } from './tiering.ts';

/** Commands in the script that the build compiles ahead; from sources there is none. */
declare const COMPILED_COMMANDS: readonly string[];

const argv = process.argv.slice(2);
const { runProgram } = await loadProgram();
// Not process.exit(): what was written to a pipe must still arrive.
process.exitCode = await runProgram(argv, processIo(), VERSION);

async function loadProgram(): Promise<Program> {
  // From Node 22.8 on, what is loaded later is compiled only once.
  if ('enableCompileCache' in module) (module.enableCompileCache as () => void)();
  if (!isCompiled()) {
    inlineMore();
    return await import('./program.ts');
  }
  const program = compiledProgram(fileURLToPath(new URL('./program.cjs', import.meta.url)));
  optimizeLater();
  return program;
}

function isCompiled(): boolean {
  if (typeof COMPILED_COMMANDS === 'undefined') return false;
  try {
    const { name = DEFAULT_COMMAND, rest } = splitCommand(argv);
    return (
      COMPILED_COMMANDS.includes(name) && !isHelp(rest) && !rest.includes('--version') && !rest.includes('-V')
    );
  } catch {
    // The program says what is wrong with them.
    return false;
  }
}
