// Replays recorded cases: `npm run --silent cases -- FILE.json...` prints one JSON line per file,
// {"file","agree","differ":[{id,got,expected}],"unsupported":[ids]}. Exit 0 all agree, 1 some differ, 2 a file cannot be read.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { type Difference, type Json, parseCases, type RecordedCase, runCase } from './registry.ts';

interface Report {
  file: string;
  agree: number;
  differ: ({ id: string } & Difference)[];
  unsupported: string[];
}

function replay(path: string): Report {
  const file: Json = parseCases(readFileSync(path, 'utf8'));
  if (!Array.isArray(file?.cases)) throw new Error('no list "cases" in it');
  const report: Report = { file: path, agree: 0, differ: [], unsupported: [] };
  for (const entry of file.cases as RecordedCase[]) {
    const found = runCase(file, basename(path), entry);
    if (found === null) report.agree++;
    else if (found === 'unsupported') report.unsupported.push(entry.id);
    else report.differ.push({ id: entry.id, got: found.got ?? null, expected: found.expected ?? null });
  }
  return report;
}

const paths = process.argv.slice(2);
let exitCode = paths.length > 0 ? 0 : 2;
if (paths.length === 0) process.stderr.write('usage: npm run --silent cases -- FILE.json...\n');
for (const path of paths) {
  try {
    const report = replay(path);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    if (report.differ.length > 0) exitCode = Math.max(exitCode, 1);
  } catch (error) {
    process.stderr.write(`${path}: ${error instanceof Error ? error.message : String(error)}\n`);
    exitCode = 2;
  }
}
process.exitCode = exitCode;
