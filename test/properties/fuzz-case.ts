// One case of the fuzzer, made from a number: an example with a few edits in its files and faults from everywhere. It may be refused, but
// never crash, and twice the same means the same bytes.
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { memoryFiles } from '../../src/scenarios/files-memory.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { overlayOf } from '../../src/scenarios/property/candidate.ts';
import { readProperties } from '../../src/scenarios/property/read.ts';
import { arbitraryOf } from '../../src/scenarios/property/search.ts';
import type { Load } from '../../src/scenarios/scenario.ts';
import { recordingFiles } from '../../src/scenarios/work/file-texts.ts';
import { overlayFile } from '../../src/scenarios/work/overlay.ts';
import { prepare, runUnit } from '../../src/scenarios/work/run-unit.ts';
import type { WorkUnit } from '../../src/scenarios/work/unit.ts';

const ROOT = 'examples';
const names = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.ya?ml$/.test(file) && !file.includes('counterexample'))
  .sort();
const texts = Object.fromEntries(names.map((name) => [name, readFileSync(`${ROOT}/${name}`, 'utf8')]));
const scenarios = names.filter(
  (name) => /^version: 1$/m.test(texts[name]!) && /^(load|extends):/m.test(texts[name]!),
);

/** Everything that can be varied without knowing the scenario. */
const EVERYTHING =
  `{ refuse: any, crash: any, reset: any, hang: any, blackhole: any, slow: any, rollout: any, restartProxy: any,
  respond: { of: any, status: [200, 404, 503], percentage: [100, 30] }, scale: { of: any, replicas: 0..5 }, istiodDown: any, partition: any,
  zoneDown: any, regionDown: any, clusterDown: any, at: 0s..20s, for: [1s, 7s, 60s], faults: 0..6, weights: any, distribute: any,
  securityRule: any, seed: 1..1000 }`.replace(/\s+/g, ' ');

const NUMBERS = [
  '0',
  '1',
  '2',
  '3',
  '7',
  '50',
  '99',
  '100',
  '101',
  '-1',
  '0.5',
  '1000',
  '65535',
  '4294967296',
  '1e9',
];
const TIMES = ['0s', '1ms', '100ms', '1s', '5s', '30s', '1h', '0.3s', '-1s'];
const WORDS = [
  'ROUND_ROBIN',
  'LEAST_REQUEST',
  'RANDOM',
  'PASSTHROUGH',
  'true',
  'false',
  'null',
  '[]',
  '{}',
  '""',
  '"*"',
  '5%',
  '..1%',
  'any',
  'reviews',
  '__proto__',
  'v1',
  'STRICT',
];

const edit = fc.record({
  file: fc.nat(10_000),
  line: fc.nat(10_000),
  kind: fc.constantFrom('number', 'number', 'number', 'time', 'word', 'drop', 'double', 'swap'),
  value: fc.nat(10_000),
});

type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

const plan = fc.record({
  scenario: fc.nat(10_000),
  edits: fc.array(edit, { maxLength: 3 }),
  candidate: fc.nat(1_000_000),
});

function edited(files: Record<string, string>, among: readonly string[], change: Edit): void {
  const file = among[change.file % among.length]!;
  const lines = files[file]!.split('\n');
  const i = change.line % lines.length;
  const from = (list: readonly string[]) => list[change.value % list.length]!;
  if (change.kind === 'drop') lines.splice(i, 1);
  else if (change.kind === 'double') lines.splice(i, 0, lines[i]!);
  else if (change.kind === 'swap') lines.splice(i, 2, lines[i + 1] ?? '', lines[i]!);
  else if (change.kind === 'number') lines[i] = lines[i]!.replace(/\b\d+(?=\s*[,}\]]|\s*$)/, from(NUMBERS));
  else if (change.kind === 'time') lines[i] = lines[i]!.replace(/\b\d+(ms|s|m)\b/, from(TIMES));
  else lines[i] = lines[i]!.replace(/:\s+[^\s{}[\],]+/, `: ${from(WORDS)}`);
  files[file] = lines.join('\n');
}

export interface CaseResult {
  /** ran = twice, with the same bytes; refused = with a diagnostic; big = more requests than a case may have. */
  outcome: 'ran' | 'refused' | 'big';
  /** What is wrong with foresail. */
  problem?: string;
  /** Why it was refused. */
  why?: string;
  /** To repeat it by hand. */
  files: Record<string, string>;
  main: string;
}

const MOST_REQUESTS = 3_000;
const MOST_PODS = 300;

export function runCase(seed: number): CaseResult {
  const [drawn] = fc.sample(plan, { seed, numRuns: 1 });
  const { scenario, edits, candidate } = drawn!;
  const original = scenarios[scenario % scenarios.length]!;
  const files = { ...texts };
  const read = recordingFiles(memoryFiles(files));
  loadScenario(original, read.files);
  const among = Object.keys(read.texts.texts).filter((file) => Object.hasOwn(files, file));
  for (const change of edits) edited(files, among, change);
  const folder = original.includes('/') ? original.slice(0, original.lastIndexOf('/') + 1) : '';
  const main = `${folder}fuzz-case.yaml`;
  const base = original.slice(folder.length);
  files[main] =
    `version: 1\nextends: ${base}\nvariants: []\nproperties:\n  - forall: ${EVERYTHING}\n    then: { errorRate: 0%..100% }\n`;
  const result: CaseResult = { outcome: 'refused', files, main };
  try {
    const open = () => {
      const recording = recordingFiles(memoryFiles(files));
      const unit: WorkUnit = { files: recording.texts, file: main };
      return { unit, prepared: prepare(unit, recording.files) };
    };
    const first = open();
    const { loaded, scenario: read } = first.prepared;
    const wrong = loaded.diagnostics.find(({ severity }) => severity === 'error');
    if (wrong) return { ...result, why: wrong.message };
    if (requestsOf(read.load) > MOST_REQUESTS || read.runs > 20 || podsOf(read.manifests) > MOST_PODS)
      return { ...result, outcome: 'big' };
    const { properties, diagnostics } = readProperties(first.prepared);
    if (properties.length === 0) {
      if (diagnostics.length === 0) result.problem = 'no property and no diagnostic';
      return { ...result, why: diagnostics[0]?.message ?? '' };
    }
    const [chosen] = fc.sample(arbitraryOf(properties[0]!), { seed: candidate, numRuns: 1 });
    const overlay = overlayOf(properties[0]!, chosen!);
    const one = runUnit({ ...first.unit, overlay }, first.prepared);
    const second = open();
    const two = runUnit({ ...second.unit, overlay }, second.prepared);
    if (JSON.stringify(one) !== JSON.stringify(two)) result.problem = 'two runs differ';
    if (!one.result)
      return { ...result, why: one.diagnostics.find(({ severity }) => severity === 'error')?.message ?? '' };
    result.outcome = 'ran';
    const written = `${folder}fuzz-written.yaml`;
    files[written] = overlayFile(overlay, {
      extends: 'fuzz-case.yaml',
      name: 'written',
      comment: [],
      seed: read.seed,
    });
    const third = runUnit({ files: recorded(files, written), file: written });
    if (third.result?.run.digest !== one.result.run.digest)
      result.problem = `the written file runs otherwise: ${third.diagnostics[0]?.message ?? third.result?.run.digest}`;
    for (const load of one.result.loads)
      if (load.requests !== load.ok + load.failed) result.problem = `load ${load.name} lost requests`;
  } catch (error) {
    result.problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  return result;
}

function recorded(files: Record<string, string>, main: string) {
  const recording = recordingFiles(memoryFiles(files));
  prepare({ files: recording.texts, file: main }, recording.files);
  return recording.texts;
}

function requestsOf(loads: readonly Load[]): number {
  return loads.reduce((sum, load) => {
    const seconds = (load.durationNs ?? 0) / 1e9;
    const staged = (load.stages ?? []).reduce(
      (all, stage) => all + (stage.durationNs / 1e9) * stage.targetPerSecond,
      0,
    );
    const users = load.executor === 'closed-loop' ? (load.users ?? 1) * seconds * 100 : 0;
    return sum + (load.iterations ?? 0) + seconds * (load.ratePerSecond ?? 0) + staged + users;
  }, 0);
}

function podsOf(sets: readonly { objects: readonly { spec?: unknown }[] }[]): number {
  const sizes = sets.flatMap(({ objects }) =>
    objects.map(({ spec }) => Number((spec as { replicas?: unknown })?.replicas ?? 1)),
  );
  return sizes.filter(Number.isFinite).reduce((sum, size) => sum + size, 0);
}
