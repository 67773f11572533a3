// Plays a measured case in the simulator: `npm run --silent conformance -- --sim-only --case FILE.json [--runs K] --json` prints
// {"case","runs":[...]} in the form of the recorded runs. Exit 0 done, 2 the case cannot be read.
import { readFileSync } from 'node:fs';
import { simulateCase } from './oracle/simulate-case.ts';

function optionOf(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

const path = optionOf('--case');
const runs = Number(optionOf('--runs') ?? 20);
if (path === undefined || !Number.isInteger(runs) || runs < 1) {
  process.stderr.write(
    'usage: npm run --silent conformance -- --sim-only --case FILE.json [--runs K] [--json]\n',
  );
  process.exitCode = 2;
} else {
  try {
    const simulated = simulateCase(JSON.parse(readFileSync(path, 'utf8')), runs);
    process.stdout.write(`${JSON.stringify(simulated)}\n`);
  } catch (error) {
    process.stderr.write(`${path}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
}
