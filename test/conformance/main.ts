// Measured cases in the simulator and in a real Envoy.
//   npm run conformance [-- --case FILE|NAME ... --runs K] [--all] [--record --date YYYY-MM-DD] [--json]
// plays cases and scenario files on both sides and prints a table: exit 0 all agree, 1 some differ, 2 no Envoy or a case cannot be read.
//   npm run --silent conformance -- --sim-only --case FILE.json [--runs K] --json
// prints what the simulator does, {"case","runs":[...]} in the form of the recorded runs: exit 0 done, 2 the case cannot be read.
import { readFileSync } from 'node:fs';
import { simulateCase } from './oracle/simulate-case.ts';
import { play } from './real/play.ts';

const USAGE = `usage: npm run conformance [-- --case FILE ...] [--runs K] [--all] [--record --date YYYY-MM-DD] [--json]
       npm run --silent conformance -- --sim-only --case FILE.json [--runs K] [--json]
`;
const FLAGS = new Set(['--case', '--runs', '--date', '--sim-only', '--json', '--all', '--record']);

const words = process.argv.slice(2);

function valuesOf(name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < words.length; i++)
    if (words[i] === name)
      for (let at = i + 1; at < words.length && !words[at]!.startsWith('--'); at++) values.push(words[at]!);
  return values;
}

const has = (name: string) => words.includes(name);
const cases = valuesOf('--case');
const runsText = valuesOf('--runs')[0];
const date = valuesOf('--date')[0];
const isSimulatedOnly = has('--sim-only');
const runs = Number(runsText ?? (isSimulatedOnly ? 20 : 3));

const isMisused =
  words.some((word) => word.startsWith('--') && !FLAGS.has(word)) ||
  !Number.isInteger(runs) ||
  runs < 1 ||
  (isSimulatedOnly && cases.length !== 1) ||
  (has('--record') && !/^\d{4}-\d\d-\d\d$/.test(date ?? ''));

if (isMisused) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else if (isSimulatedOnly) {
  const [path] = cases;
  try {
    const simulated = simulateCase(JSON.parse(readFileSync(path!, 'utf8')), runs);
    process.stdout.write(`${JSON.stringify(simulated)}\n`);
  } catch (error) {
    process.stderr.write(`${path}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
} else {
  process.exitCode = await play({
    cases,
    isAll: has('--all'),
    runs,
    ...(has('--record') && { recordedOn: date! }),
    isJson: has('--json'),
  });
}
