#!/usr/bin/env node
// The executable: hands the process's arguments and streams to the program and its answer to the shell.
import module from 'node:module';
import { VERSION } from '../scenarios/version.ts';
import { processIo } from './io.ts';
import { runProgram } from './program.ts';

// From Node 22.8 on, what is loaded later is compiled only once.
if ('enableCompileCache' in module) (module.enableCompileCache as () => void)();
// Not process.exit(): what was written to a pipe must still arrive.
process.exitCode = await runProgram(process.argv.slice(2), processIo(), VERSION);
