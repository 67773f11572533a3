// One line of a working example is changed: dropped, misspelt, or another number. Either that changes nothing, or the verdict and what is
// told (a finding or a diagnostic) change together; and nothing crashes. A change that spoils the outcome in silence is a missing rule.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { memoryFiles } from '../../src/scenarios/files-memory.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { runScenario, ScenarioError } from '../../src/scenarios/run.ts';

const COUNT = 200;

interface Example {
  scenario: string;
  files: Record<string, string>;
}

function example(folder: string, scenario: string): Example {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.yaml'),
  );
  return {
    scenario,
    files: Object.fromEntries(names.map((name) => [name, readFileSync(`${folder}/${name}`, 'utf8')])),
  };
}

const EXAMPLES = [
  example('examples/two-regions', 'distribute.yaml'),
  example('examples/two-regions', 'failover.yaml'),
  example('examples/one-vpc', 'only-v3.yaml'),
];

interface Answer {
  /** What is told, without places: lines move. */
  told: string;
  verdict: string;
}

function ask({ scenario, files }: Example): Answer {
  const loaded = loadScenario(scenario, memoryFiles(files));
  const told = loaded.diagnostics.map(({ code, message }) => `${code} ${message}`);
  if (loaded.diagnostics.some(({ severity }) => severity === 'error'))
    return { told: told.join('\n'), verdict: 'refused' };
  try {
    const result = runScenario(loaded.base);
    return {
      told: [
        ...told,
        ...result.findings.map(({ rule, severity, message }) => `${rule} ${severity} ${message}`),
      ].join('\n'),
      verdict: result.expectations.map(({ ok }) => (ok ? 'ok' : 'missed')).join(' '),
    };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return {
      told: [...told, ...error.diagnostics.map(({ message }) => message)].join('\n'),
      verdict: 'refused',
    };
  }
}

const KINDS: Record<string, (line: string) => string | null> = {
  dropped: () => null,
  misspelt: (line) => line.replace(/([a-z])([a-z])([a-z]*)(\W*)$/i, '$2$1$3$4'),
  number: (line) => line.replace(/\b(\d+)\b(?!.*\b\d)/, (digits) => String(Number(digits) + 1)),
};

/** Policy, workloads and the mesh; what is asked of them (loads, faults, expectations) stays as it is. */
const MUTABLE: Record<string, RegExp> = {
  'distribute.yaml': /^(k8s\/(hangzhou|shanghai)|mesh\/gateway)/,
  'failover.yaml': /^(k8s\/(hangzhou|shanghai)\/|mesh\/(gateway|reviews-failover\.yaml))/,
  'only-v3.yaml': /^(k8s|mesh)\//,
};

interface Mutation {
  example: Example;
  name: string;
  files: Record<string, string>;
}

function mutations(): Mutation[] {
  const all: Mutation[] = [];
  for (const one of EXAMPLES)
    for (const [file, text] of Object.entries(one.files).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!MUTABLE[one.scenario]!.test(file)) continue;
      const lines = text.split('\n');
      for (const [i, line] of lines.entries()) {
        if (line.trim() === '' || line.trim() === '---') continue;
        for (const [kind, change] of Object.entries(KINDS)) {
          const changed = change(line);
          if (changed === line) continue;
          const mutated = [
            ...lines.slice(0, i),
            ...(changed === null ? [] : [changed]),
            ...lines.slice(i + 1),
          ].join('\n');
          all.push({
            example: one,
            name: `${one.scenario} ${file}:${i + 1} ${kind}: ${line.trim()}`,
            files: { ...one.files, [file]: mutated },
          });
        }
      }
    }
  // Spread evenly over all of them.
  const step = all.length / COUNT;
  return Array.from({ length: COUNT }, (_, i) => all[Math.floor(i * step)]!);
}

it('a one-line change of a working example never spoils its outcome in silence', { timeout: 120_000 }, () => {
  const before = new Map(EXAMPLES.map((one) => [one, ask(one)]));
  for (const [one, { verdict }] of before) expect(verdict, one.scenario).not.toContain('missed');
  const silent: string[] = [];
  const kinds = { same: 0, told: 0, refused: 0 };
  for (const { example: one, name, files } of mutations()) {
    const answer = ask({ ...one, files });
    const base = before.get(one)!;
    if (answer.verdict === 'refused') kinds.refused++;
    else if (answer.verdict === base.verdict) kinds.same++;
    else kinds.told++;
    if (answer.verdict === base.verdict || answer.told !== base.told) continue;
    silent.push(`${name}: ${answer.verdict}`);
  }
  expect(silent).toEqual([]);
  expect(kinds.told + kinds.refused).toBeGreaterThan(COUNT / 4);
});
