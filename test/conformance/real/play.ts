// `npm run conformance`: cases and scenarios in real Envoys and in the simulator, side by side. Exit 0 when all agree, 1 when some differ,
// 2 when there is no Envoy or a case cannot be read.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getEnvoy, NoEnvoyError } from '../../../src/cli/envoy/binary.ts';
import { verificationText } from '../../../src/cli/envoy/verification-text.ts';
import { type CaseResult, caseInEnvoy } from './case-in-envoy.ts';
import { type ScenarioResult, scenarioInEnvoy } from './scenario-in-envoy.ts';
import { DEFAULT_CASES, DEFAULT_SCENARIOS, OF_THE_MACHINE } from './selection.ts';
import { caseText } from './table.ts';

export interface PlayOptions {
  /** Files, or names of recorded cases; none = the selection. */
  cases: string[];
  /** Every recorded case. */
  isAll: boolean;
  runs: number;
  /** Writes results to test/recordings/real, with this date. */
  recordedOn?: string;
  isJson: boolean;
}

const RECORDINGS = fileURLToPath(new URL('../../recordings/', import.meta.url));
/** One case in one run. */
const LIMIT_SECONDS = 120;

export async function play(options: PlayOptions): Promise<number> {
  const tell = (text: string) => process.stderr.write(`${text}\n`);
  let envoy: Awaited<ReturnType<typeof getEnvoy>>;
  try {
    envoy = await getEnvoy(process.env, (text) => tell(`conformance: ${text}`));
  } catch (error) {
    if (!(error instanceof NoEnvoyError)) throw error;
    tell(`\nCONFORMANCE DID NOT RUN: ${error.message}\n`);
    return 2;
  }
  const results: CaseResult[] = [];
  const scenarios: ScenarioResult[] = [];
  for (const path of pathsOf(options)) {
    if (/\.ya?ml$/.test(path)) {
      const played = await scenarioInEnvoy(path, envoy.path, options.runs);
      if (played === null) return 2;
      for (const each of played) {
        scenarios.push(each);
        if (!options.isJson)
          process.stdout.write(verificationText(each.title, envoy.version, each.verification, false));
        if (options.recordedOn !== undefined) recordScenario(each, envoy.version, options.recordedOn);
      }
      continue;
    }
    let given: ReturnType<typeof caseAt>;
    try {
      given = caseAt(path);
    } catch (error) {
      tell(`${path}: ${error instanceof Error ? error.message : String(error)}`);
      return 2;
    }
    const result = await caseInEnvoy(given, {
      binary: envoy.path,
      runs: options.runs,
      limitSeconds: LIMIT_SECONDS,
    });
    const reason = OF_THE_MACHINE[result.case];
    if (reason !== undefined && !result.isMet) result.reason = reason;
    results.push(result);
    if (!options.isJson) process.stdout.write(caseText(result));
    if (options.recordedOn !== undefined && (result.isMet || !result.isLate))
      record(result, envoy.version, options.recordedOn);
  }
  const different =
    results.filter((result) => !result.isMet && !result.isLate && result.reason === undefined).length +
    scenarios.filter(({ verification }) => !verification.agrees).length;
  const all = results.length + scenarios.length;
  const late = results.filter((result) => !result.isMet && result.isLate).length;
  const lateText = late > 0 ? `; ${late} tell nothing, because this machine was too busy` : '';
  if (options.isJson)
    process.stdout.write(`${JSON.stringify({ envoy: envoy.version, results, scenarios }, null, 1)}\n`);
  else
    process.stdout.write(
      `${all - different - late} of ${all} cases agree with Envoy ${envoy.version}${lateText}\n`,
    );
  return different === 0 ? 0 : 1;
}

function pathsOf({ cases, isAll }: PlayOptions): string[] {
  const recorded = (name: string) => `${RECORDINGS}oracle/${name}.json`;
  if (isAll)
    return readdirSync(`${RECORDINGS}oracle`)
      .sort()
      .map((file) => recorded(basename(file, '.json')));
  if (cases.length === 0) return [...DEFAULT_CASES.map(recorded), ...DEFAULT_SCENARIOS];
  return cases.map((name) => (existsSync(name) ? name : recorded(name)));
}

/** A case file, or a recording with its case. */
function caseAt(path: string) {
  const read = JSON.parse(readFileSync(path, 'utf8'));
  return read.case && typeof read.case === 'object' ? read.case : read;
}

function record(result: CaseResult, envoyVersion: string, date: string): void {
  mkdirSync(`${RECORDINGS}real`, { recursive: true });
  const { seconds: _, isLate: __, ...kept } = result;
  writeFileSync(
    `${RECORDINGS}real/${result.case}.json`,
    `${JSON.stringify({ envoyVersion, date, ...kept }, null, 1)}\n`,
  );
}

function recordScenario(result: ScenarioResult, envoyVersion: string, date: string): void {
  mkdirSync(`${RECORDINGS}real`, { recursive: true });
  const { seconds: _, ...verification } = result.verification;
  const name = result.title.replace(/[^\w-]+/g, '_');
  writeFileSync(
    `${RECORDINGS}real/scenario-${name}.json`,
    `${JSON.stringify({ envoyVersion, date, ...result, verification }, null, 1)}\n`,
  );
}
