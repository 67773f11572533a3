// Whoever runs the replications, in whatever pieces and order: the result has the bytes of one thread.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findScenarios } from '../../../src/cli/find-scenarios.ts';
import { matterReader, matterWriter } from '../../../src/cli/matter.ts';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { planScenario } from '../../../src/scenarios/plan/plan-scenario.ts';
import { packed, replicate, unpacked } from '../../../src/scenarios/replication.ts';
import { runLoaded, ScenarioError } from '../../../src/scenarios/run.ts';
import type { Scenario } from '../../../src/scenarios/scenario.ts';
import { unitSize } from '../../../src/scenarios/work/amount.ts';
import { recordingFiles } from '../../../src/scenarios/work/file-texts.ts';
import { runShared } from '../../../src/scenarios/work/replications.ts';
import { replicationsRunner } from '../../../src/scenarios/work/run-replications.ts';
import { loadOptionsOf, scenarioReader } from '../../../src/scenarios/work/source.ts';
import type { ReplicationRunner, ReplicationUnit, ScenarioSource } from '../../../src/scenarios/work/unit.ts';

function recorded(file: string, set: string[] = []) {
  const recording = recordingFiles(nodeFiles());
  const source: ScenarioSource = { files: recording.texts, file, set };
  return { source, loaded: loadScenario(file, recording.files, loadOptionsOf(source)) };
}

const distribute = recorded('examples/two-regions/distribute.yaml', ['load[0].iterations=7']);

/** Does units here, after as many turns of the event loop as it likes, of units as large as it likes. */
function whimsical(
  whims: { jobs: number; turns: (call: number) => number; size: (left: number) => number },
  do_: (unit: ReplicationUnit, scenario: Scenario) => ReturnType<ReplicationRunner['replicate']>,
): ReplicationRunner & { units: ReplicationUnit[] } {
  const units: ReplicationUnit[] = [];
  return {
    units,
    jobs: whims.jobs,
    sizeOf: (_, left) => Math.max(1, Math.min(left, whims.size(left))),
    async replicate(unit, scenario) {
      const call = units.push(unit);
      for (let turn = whims.turns(call); turn > 0; turn--)
        await new Promise((resolve) => setImmediate(resolve));
      return do_(unit, scenario);
    },
  };
}

const here = () => {
  const run = replicationsRunner();
  return async (unit: ReplicationUnit, scenario: Scenario) => run(scenario, unit);
};

describe('shared replications', () => {
  it('give the bytes of one thread, for any number of hands, order and size of units', async () => {
    const alone = JSON.stringify(runLoaded(distribute.loaded, { runs: 9, perRun: true }));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat({ max: 6 }), { minLength: 40, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 8, maxLength: 8 }),
        async (jobs, turns, sizes) => {
          const runner = whimsical(
            { jobs, turns: (call) => turns[call % 40]!, size: (left) => sizes[left % 8]! },
            here(),
          );
          const { source, loaded } = distribute;
          const shared = await runShared(loaded, source, runner, { runs: 9, perRun: true });
          expect(JSON.stringify(shared)).toBe(alone);
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);

  it('give the same recording, made of the first replication alone', async () => {
    const { source, loaded } = distribute;
    const options = { runs: 4, record: true };
    const runner = whimsical({ jobs: 2, turns: () => 1, size: () => 3 }, here());
    const shared = await runShared(loaded, source, runner, options);
    expect(JSON.stringify(shared)).toBe(JSON.stringify(runLoaded(loaded, options)));
    expect(shared.record?.version).toBe(1);
    expect(
      runner.units.filter(({ record }) => record !== undefined).map(({ from, to }) => [from, to]),
    ).toEqual([
      [0, 1],
      [0, 1],
      [0, 1],
    ]);
  });

  it('give one variant alone when it is asked for', async () => {
    const { source, loaded } = distribute;
    const options = { runs: 3, variant: 'two-workers' };
    const runner = whimsical({ jobs: 2, turns: () => 1, size: () => 1 }, here());
    const shared = await runShared(loaded, { ...source }, runner, options);
    expect(shared.scenario.variant).toBe('two-workers');
    expect(JSON.stringify(shared)).toBe(JSON.stringify(runLoaded(loaded, options)));
  });

  it('that were stopped cover what is finished without a gap, and one replication of what was not begun', async () => {
    const { source, loaded } = distribute;
    const signal = { aborted: false };
    const run = here();
    const runner = whimsical(
      { jobs: 3, turns: (call) => (call === 3 ? 3 : 1), size: () => 2 },
      async (unit, scenario) => {
        // The third unit is cut off in the middle; the fourth, which is finished by then, lies behind the gap.
        if (unit.from === 4 && scenario === loaded.base) {
          signal.aborted = true;
          return run({ ...unit, to: 5 }, scenario);
        }
        return run(unit, scenario);
      },
    );
    const shared = await runShared(loaded, source, runner, { runs: 20, signal });
    expect(shared.scenario.runs).toBe(5);
    expect(shared.variants.map(({ scenario }) => scenario.runs)).toEqual([1, 1]);
    const five = runLoaded({ ...loaded, variants: [] }, { runs: 5 });
    expect(shared.services).toEqual(five.services);
    expect(shared.rerun).toContain('--runs 5');
  });

  it('end with the first error, and ask for nothing more', async () => {
    const { source, loaded } = distribute;
    const runner = whimsical({ jobs: 2, turns: () => 1, size: () => 1 }, async () => {
      throw new Error('a thread has died');
    });
    await expect(runShared(loaded, source, runner, { runs: 50 })).rejects.toThrow('a thread has died');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(runner.units.length).toBeLessThanOrEqual(2);
  });

  it('refuse what only planning finds, as one thread does', async () => {
    const { source, loaded } = recorded('examples/two-regions/distribute.yaml', [
      'variants=[]',
      'load[0].from.gateway=x',
    ]);
    expect(loaded.diagnostics.length).toBeGreaterThan(0);
    const broken = { ...loaded, diagnostics: [] };
    const problem = (error: unknown) => (error instanceof ScenarioError ? error.diagnostics : error);
    const alone = (() => {
      try {
        return runLoaded(broken);
      } catch (error) {
        return problem(error);
      }
    })();
    const runner = whimsical({ jobs: 2, turns: () => 0, size: () => 1 }, here());
    const shared = await runShared(broken, source, runner).catch(problem);
    expect(JSON.stringify(shared)).toBe(JSON.stringify(alone));
  });
});

describe('a scenario on its way to a thread or to another machine', () => {
  const files = findScenarios(['examples']).files;
  it.each(files)('%s runs the same there', (file) => {
    const { source, loaded } = recorded(file);
    if (loaded.diagnostics.some(({ severity }) => severity === 'error')) return;
    const read = scenarioReader();
    const travelled = JSON.parse(JSON.stringify(source)) as ScenarioSource;
    const toThread = matterWriter();
    const inThread = matterReader();
    for (const [index, scenario] of [loaded.base, ...loaded.variants].entries()) {
      const plan = planScenario(scenario);
      if (plan.diagnostics.some(({ severity }) => severity === 'error')) continue;
      const small = {
        ...scenario,
        load: scenario.load.map((load) => ({ ...load, iterations: Math.min(load.iterations ?? 20, 20) })),
      };
      const runOf = (one: Scenario) =>
        packed([replicate(one, planScenario(one), { seed: 1, replication: 1 }).run]);
      const expected = runOf(small);
      expect(runOf(inThread(toThread(small)) as Scenario)).toBe(expected);
      const there = read(travelled, index);
      expect(runOf({ ...there, load: small.load })).toBe(expected);
    }
  });
});

describe('a packed replication', () => {
  it('gives back every number', () => {
    const [scenario] = [distribute.loaded.base];
    const { run } = replicate(scenario, planScenario(scenario), { seed: 1, replication: 0 });
    expect(unpacked(packed([run]))).toEqual([run]);
    // What JSON cannot say would come back as another value.
    const others: unknown[] = [];
    JSON.stringify(run, (_, value) => {
      if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) others.push(value);
      return value;
    });
    expect(others).toEqual([]);
  });

  it('is there once as far as it is like others', () => {
    const [scenario] = [distribute.loaded.base];
    const plan = planScenario(scenario);
    const runs = Array.from({ length: 20 }, (_, replication) =>
      replicate(scenario, plan, { seed: 1, replication }),
    ).map(({ run }) => run);
    const text = packed(runs);
    expect(text.length).toBeLessThan(JSON.stringify(runs).length / 4);
    const back = unpacked(text);
    expect(back).toEqual(runs);
    expect(new Set(back.map(({ loads }) => loads[0])).size).toBeLessThan(5);
  });

  it('keeps counters only where an expectation asks for them', () => {
    const { base } = distribute.loaded;
    const plan = planScenario(base);
    expect(replicate(base, plan, { seed: 1, replication: 0 }).run.stats).toBeUndefined();
    const asking = { ...base, expect: [{ ...base.expect[0]!, stats: {} }] };
    expect(Object.keys(replicate(asking, plan, { seed: 1, replication: 0 }).run.stats ?? {})).not.toEqual([]);
  });
});

describe('the size of a unit between machines', () => {
  it('is what is worth a message, and one replication at least', () => {
    expect(unitSize({ requests: 1_000, replications: 500 }, 500)).toBe(100);
    expect(unitSize({ requests: 1_000, replications: 500 }, 20)).toBe(20);
    expect(unitSize({ requests: 10_000_000, replications: 5 }, 5)).toBe(1);
    expect(unitSize({ requests: Number.POSITIVE_INFINITY, replications: 5 }, 5)).toBe(1);
  });
});
