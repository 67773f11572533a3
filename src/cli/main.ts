#!/usr/bin/env node
// The executable: hands the process's arguments and streams to the program and its answer to the shell.
import { readFileSync } from 'node:fs';
import { processIo } from './io.ts';
import { runProgram } from './program.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
// Not process.exit(): what was written to a pipe must still arrive.
process.exitCode = await runProgram(process.argv.slice(2), processIo(), version);
