import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../../src/scenarios/files-memory.ts';
import { lintLoaded } from '../../src/scenarios/lint/lint-loaded.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { runLoaded } from '../../src/scenarios/run.ts';
import { SHOP_FILES } from './refused-shop.ts';

const load = (text: string, options = {}) =>
  loadScenario('s.yaml', memoryFiles({ ...SHOP_FILES, 's.yaml': text }), options);

const SCENARIO = `version: 1
name: shop
manifests:
  - { cluster: a, paths: [k8s.yaml] }
  - { mesh: true, paths: [both.yaml] }
load: [{ name: calls, from: { workload: client }, request: GET http://svc:8080/, executor: iterations, iterations: 5 }]
`;

describe('a scenario that expects its files to be refused', () => {
  it('meets that, runs nothing, and has no other mistake', () => {
    const loaded = load(`${SCENARIO}expect: [{ refused: FS2020, findings: [DI007] }]\n`);
    expect(loaded.diagnostics).toEqual([]);
    const result = runLoaded(loaded);
    expect([result.ok, result.exitCode, result.loads]).toEqual([true, 0, []]);
    expect(result.expectations[0]).toMatchObject({
      ok: true,
      expected: 'refused with FS2020, findings DI007',
      got: expect.stringMatching(
        /^FS2020 DestinationRule svc: distribute and failover exclude each other \(both\.yaml:\d+\)$/,
      ),
    });
    expect(result.refused).toEqual([expect.objectContaining({ code: 'FS2020', file: 'both.yaml' })]);
    // Again on other threads: the same bytes.
    expect(runLoaded(load(`${SCENARIO}expect: [{ refused: FS2020, findings: [DI007] }]\n`))).toEqual(result);
  });

  it('fails when nothing refuses them', () => {
    const result = runLoaded(
      load(`${SCENARIO.replace('both.yaml', 'fine.yaml')}expect: [{ refused: FS2020 }]\n`),
    );
    expect(result.expectations[0]).toMatchObject({ ok: false, got: 'nothing refuses it' });
    expect(result.loads[0]!.requests).toBe(5);
  });

  it('cannot run when something else is wrong, too or instead', () => {
    const other = load(`${SCENARIO}behavior: { nobody: { latency: 1ms } }\nexpect: [{ refused: FS2021 }]\n`);
    expect(other.diagnostics.map(({ code }) => code)).toContain('FS2020');
    const too = load(`${SCENARIO.replace('request:', 'requests:')}expect: [{ refused: FS2020 }]\n`);
    expect(new Set(too.diagnostics.map(({ code }) => code))).toEqual(new Set(['FS2020', 'FS2002', 'FS2004']));
    const missing = load(`${SCENARIO}expect: [{ refused: [FS2020, FS3005] }]\n`);
    expect(missing.diagnostics.map(({ code }) => code)).toEqual(['FS2020']);
  });

  it('may be a variant: the base runs, and what only the variant reads is refused there alone', () => {
    const loaded = load(`${SCENARIO.replace('both.yaml', 'fine.yaml')}expect: [{ errorRate: 0 }]
variants:
  - name: both
    set: { manifests: [{ cluster: a, paths: [k8s.yaml] }, { mesh: true, paths: [both.yaml] }] }
    expect: [{ refused: FS2020 }]
  - name: nobody
    set: { load: [{ from: { workload: clint }, request: GET http://svc:8080/, executor: iterations, iterations: 5 }] }
    expect: [{ refused: FS3003 }]
`);
    expect(loaded.diagnostics).toEqual([]);
    const { loads, variants, ok } = runLoaded(loaded);
    expect([ok, loads[0]!.requests]).toEqual([true, 5]);
    expect(variants.map(({ loads: none, refused }) => [none, refused?.[0]?.code])).toEqual([
      [[], 'FS2020'],
      [[], 'FS3003'],
    ]);
  });

  it('stays a mistake for a variant that does not expect it', () => {
    const loaded = load(`${SCENARIO}expect: [{ refused: FS2020 }]
variants: [{ name: other, expect: [{ errorRate: 0 }] }]
`);
    expect(loaded.diagnostics.map(({ code }) => code)).toEqual(['FS2020']);
  });

  it('is linted with the refusal told', () => {
    const loaded = load(`${SCENARIO}expect: [{ refused: FS2020 }]\n`, { tellsRefusals: true });
    expect(loaded.diagnostics.map(({ code }) => code)).toEqual(['FS2020']);
    expect(lintLoaded(loaded).map(({ rule }) => rule)).toContain('DI007');
  });

  it('takes codes that exist, and no questions about traffic', () => {
    const codes = (expectation: string) =>
      load(`${SCENARIO.replace('both.yaml', 'fine.yaml')}expect: [${expectation}]\n`).diagnostics.map(
        ({ code, hint }) => `${code} ${hint}`,
      );
    expect(codes('{ refused: FS2O20 }')[0]).toMatch(/^FS2003 did you mean "FS2020"\?/);
    expect(codes('{ refused: FS2020, errorRate: 0 }')).toEqual(['FS2007 undefined']);
  });
});
