import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { lintLoaded } from '../../../src/scenarios/lint/lint-loaded.ts';
import { RULES } from '../../../src/scenarios/lint/registry.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { runLoaded } from '../../../src/scenarios/run.ts';

const root = 'examples/library';
const names = readdirSync(root).filter((name) => existsSync(`${root}/${name}/scenario.yaml`));
const severe = (result: { findings: { rule: string; severity: string }[] }) =>
  result.findings.map(({ rule }) => rule);

describe.each(names)('%s', (name) => {
  it('does what it says, and the finding names the cause', () => {
    const loaded = loadScenario(`${root}/${name}/scenario.yaml`, nodeFiles());
    expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    const result = runLoaded(loaded);
    const missed = [result, ...result.variants].flatMap((one) =>
      one.expectations
        .filter(({ ok }) => !ok)
        .map(({ name: what, got }) => `${one.scenario.variant ?? 'base'}: ${what}: got ${got}`),
    );
    expect(missed).toEqual([]);
    expect(result.expectations.length).toBeGreaterThan(0);
  });

  it('names the rules that it is the example of', () => {
    const loaded = loadScenario(`${root}/${name}/scenario.yaml`, nodeFiles());
    const refused = existsSync(`${root}/${name}/refused.yaml`)
      ? loadScenario(`${root}/${name}/refused.yaml`, nodeFiles(), { tellsRefusals: true })
      : null;
    const rules = new Set(
      [...lintLoaded(loaded), ...(refused ? lintLoaded(refused) : [])].map(({ rule }) => rule),
    );
    for (const rule of RULES.filter(({ example }) => example === name)) expect(rules).toContain(rule.id);
    if (refused) expect(refused.diagnostics.some(({ code }) => code === 'FS2020')).toBe(true);
  });
});

it('holds an example for every rule that names one', () => {
  expect(names.length).toBeGreaterThanOrEqual(62);
  const unknown = RULES.filter(({ example }) => example !== undefined && !names.includes(example)).map(
    ({ id }) => id,
  );
  expect(unknown).toEqual([]);
});

it('does not find in the mended variant what it finds in the base', () => {
  const kept: string[] = [];
  for (const name of names) {
    const loaded = loadScenario(`${root}/${name}/scenario.yaml`, nodeFiles());
    const mended = loaded.variants.find(({ variant }) => variant === 'fixed');
    if (!mended) continue;
    const base = { ...loaded, variants: [] };
    const own = RULES.filter(({ example }) => example === name).map(({ id }) => id);
    const before = severe({ findings: lintLoaded(base).filter(({ severity }) => severity !== 'info') });
    const after = severe({
      findings: lintLoaded({ ...base, base: mended }).filter(({ severity }) => severity !== 'info'),
    });
    for (const id of own) if (before.includes(id) && after.includes(id)) kept.push(`${name} ${id}`);
  }
  expect(kept).toEqual([]);
});
