// Two scenarios, run with the same seed, become one Difference.

import type { Diagnostic } from '../diagnostics.ts';
import type { Finding } from '../result.ts';
import { type RunRecord, recordScenario } from '../run.ts';
import type { LoadedScenario, Scenario } from '../scenario.ts';
import { VERSION } from '../version.ts';
import { configChanges } from './diff-config.ts';
import {
  ejectionChange,
  expectationChanges,
  findingChanges,
  loadChanges,
  serviceChanges,
} from './diff-results.ts';
import type { Difference, Side } from './difference.ts';
import { worstCaseAttempts } from './worst-case.ts';

export interface DiffOptions {
  runs?: number;
  seed?: string | number;
  onProgress?(done: number, total: number): void;
}

export interface DiffSide {
  label: string;
  loaded: LoadedScenario;
  /** null = the base, and the variants that both sides have; else that variant alone. */
  variant: string | null;
}

/** @throws ScenarioError when a side cannot run */
export function diff(old: DiffSide, now: DiffSide, options: DiffOptions = {}): Difference {
  const scenarioOf = ({ loaded, variant }: DiffSide) =>
    loaded.variants.find((scenario) => scenario.variant === variant && variant !== null) ?? loaded.base;
  const pairs: [Scenario, Scenario][] = [[scenarioOf(old), scenarioOf(now)]];
  if (old.variant === null && now.variant === null)
    for (const left of old.loaded.variants) {
      const right = now.loaded.variants.find(({ variant }) => variant === left.variant);
      if (right) pairs.push([left, right]);
    }
  const total = pairs.reduce(
    (sum, pair) => sum + pair.reduce((runs, { runs: own }) => runs + (options.runs ?? own), 0),
    0,
  );
  let done = 0;
  const record = (scenario: Scenario): RunRecord =>
    recordScenario(scenario, {
      ...(options.runs !== undefined && { runs: options.runs }),
      ...(options.seed !== undefined && { seed: options.seed }),
      onProgress: () => options.onProgress?.(++done, total),
    });
  const differences = pairs.map(([left, right]) =>
    differenceOf(
      { label: old.label, record: record(left), diagnostics: old.loaded.diagnostics },
      { label: now.label, record: record(right), diagnostics: now.loaded.diagnostics },
    ),
  );
  const [base, ...variants] = differences;
  const changed = variants.map((variant) => withoutBase(variant, base!)).filter(({ isChanged }) => isChanged);
  const names = (loaded: LoadedScenario) => loaded.variants.map(({ variant }) => variant ?? '');
  const onlyOne = [
    ...names(now.loaded)
      .filter((name) => !names(old.loaded).includes(name))
      .map((name) => `variant ${name} is new`),
    ...names(old.loaded)
      .filter((name) => !names(now.loaded).includes(name))
      .map((name) => `variant ${name} is gone`),
  ];
  return {
    ...base!,
    isChanged:
      base!.isChanged ||
      changed.length > 0 ||
      (onlyOne.length > 0 && pairs.length > 0 && old.variant === null && now.variant === null),
    variants: changed,
    notes: [...base!.notes, ...(old.variant === null && now.variant === null ? onlyOne : [])],
  };
}

const hasChanges = ({ services, loads, ejections, expectations, findings, config }: Difference): boolean =>
  [services, loads, expectations, findings, config].some(({ length }) => length > 0) || ejections !== null;

/** What a variant's configuration and findings share with the base's change is told there. */
function withoutBase(variant: Difference, base: Difference): Difference {
  const findingKey = ({ change, finding }: Difference['findings'][number]) =>
    `${change} ${finding.rule} ${finding.message}`;
  const configKey = ({ change, kind, details }: Difference['config'][number]) =>
    JSON.stringify([change, kind, details]);
  const known = new Set([...base.findings.map(findingKey), ...base.config.map(configKey)]);
  const rest: Difference = {
    ...variant,
    findings: variant.findings.filter((entry) => !known.has(findingKey(entry))),
    config: variant.config.filter((entry) => !known.has(configKey(entry))),
    notes: [],
  };
  return { ...rest, isChanged: hasChanges(rest) };
}

interface Measured {
  label: string;
  record: RunRecord;
  diagnostics: readonly Diagnostic[];
}

function differenceOf(old: Measured, now: Measured): Difference {
  const [before, after] = [old.record.result, now.record.result];
  const difference: Difference = {
    foresail: VERSION,
    old: sideOf(old),
    new: sideOf(now),
    isChanged: false,
    services: serviceChanges(before, after),
    loads: loadChanges(before, after, {
      old: worstCaseAttempts(old.record.plan),
      new: worstCaseAttempts(now.record.plan),
    }),
    ejections: ejectionChange(before, after),
    expectations: expectationChanges(before, after),
    findings: findingChanges(findingsOf(old), findingsOf(now)),
    config: configChanges(old.record.plan, now.record.plan),
    variants: [],
    notes: [],
  };
  const { services, loads } = difference;
  difference.isChanged = hasChanges(difference);
  if (before.scenario.runs === 1 && (services.length > 0 || loads.length > 0))
    difference.notes.push('one run a side: --runs 100 tells what moved from what is chance');
  return difference;
}

/** Findings of the lint, and the warnings that reading gave. */
function findingsOf({ record, diagnostics }: Measured): Finding[] {
  return [
    ...record.result.findings,
    ...diagnostics
      .filter(({ severity }) => severity === 'warning')
      .map(
        ({ code, severity, message, hint, file, line, col }): Finding => ({
          rule: code,
          severity,
          message,
          ...(hint !== undefined && { hint }),
          file,
          line,
          col,
        }),
      ),
  ];
}

function sideOf({ label, record }: Measured): Side {
  const { name, file, variant, istioVersion, seed, runs } = record.result.scenario;
  return { label, name, file, variant, istioVersion, seed, runs };
}
