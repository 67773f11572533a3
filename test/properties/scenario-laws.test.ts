// What must hold for every scenario, whatever the mesh and its faults: nothing is lost or counted twice, names mean nothing, and what is not
// touched does not change.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runWorld } from '../../src/models/run/run-world.ts';
import { planScenario } from '../../src/scenarios/plan/plan-scenario.ts';
import type { ScenarioResult } from '../../src/scenarios/result.ts';
import { type RunOptions, runScenario } from '../../src/scenarios/run.ts';
import { loadShop, type Shop } from '../scenarios/shop.ts';
import { type Mesh, mesh, shopOf } from './shops.ts';

const RUNS = { numRuns: 10, seed: 20240601 };

function scenarioOf(shop: Shop) {
  const { base, diagnostics } = loadShop(shop);
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return base;
}
const run = (shop: Shop, options?: RunOptions) => runScenario(scenarioOf(shop), options);
const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
/** All that a user would notice. */
const noticed = ({ loads, services, ejections }: ScenarioResult) => ({ loads, services, ejections });
const answersOf = (result: ScenarioResult, load = 'calls') =>
  Object.fromEntries(
    Object.entries(result.services.find((row) => row.load === load)?.by.workload ?? {}).map(
      ([name, { mean }]) => [name, mean],
    ),
  );
const requestsOf = (result: ScenarioResult, load = 'calls') =>
  result.loads.find(({ name }) => name === load)!.requests;

describe('whatever the mesh and its faults', () => {
  it('every request gets one answer, and is counted once', () => {
    fc.assert(
      fc.property(mesh({ hasFaults: true }), (one) => {
        const result = run(shopOf(one));
        for (const load of result.loads) {
          expect(load.requests).toBe(load.ok + load.failed);
          expect(sum(Object.values(load.codes))).toBe(load.requests);
        }
        for (const service of result.services) {
          expect(service.attempts).toBeGreaterThanOrEqual(
            service.requests - (service.by.workload['none']?.mean ?? 0),
          );
          for (const counts of Object.values(service.by))
            if (Object.keys(counts).length > 0)
              expect(sum(Object.values(counts).map(({ mean }) => mean))).toBe(service.requests);
        }
        if (one.executor === 'constant-rate') expect(requestsOf(result)).toBe(one.rate * one.seconds);
      }),
      { ...RUNS, numRuns: 25 },
    );
  });

  it('the same seed gives the same bytes, and another seed is another run', () => {
    fc.assert(
      fc.property(mesh({ hasFaults: true }), (one) => {
        const shop = shopOf(one);
        expect(JSON.stringify(run(shop))).toBe(JSON.stringify(run(shop)));
        // The order of objects in memory must not matter: planned once, run twice.
        const world = planScenario(scenarioOf(shop)).world;
        const [first, again, other] = [0, 0, 1].map((replication) =>
          runWorld({ ...world, seed: 1, replication }),
        );
        expect(again).toEqual(first);
        if (one.executor === 'poisson') expect(other!.digest).not.toBe(first!.digest);
      }),
      RUNS,
    );
  });

  it('a replication is the same whatever runs before and after it', () => {
    fc.assert(
      fc.property(mesh({ hasFaults: true }), (one) => {
        const shop = shopOf(one);
        const [few, many] = [run(shop, { runs: 2, perRun: true }), run(shop, { runs: 4, perRun: true })];
        expect(many.loads[0]!.perRun!.ok.slice(0, 2)).toEqual(few.loads[0]!.perRun!.ok);
        const world = planScenario(scenarioOf(shop)).world;
        const [third, second] = [2, 1].map((replication) => runWorld({ ...world, seed: 1, replication }));
        expect(sum(third!.loads.map(({ ok }) => ok))).toBe(many.loads[0]!.perRun!.ok[2]);
        expect(sum(second!.loads.map(({ ok }) => ok))).toBe(many.loads[0]!.perRun!.ok[1]);
      }),
      RUNS,
    );
  });

  it('a cluster that has nothing to do with it changes nothing', () => {
    fc.assert(
      fc.property(mesh({ hasFaults: true }), (one) => {
        const shop = shopOf(one);
        const idle = { idle: { nodes: ['us-1/us-1a'], hasApiService: false } };
        expect(noticed(run(shopOf(one, { extra: idle })))).toEqual(noticed(run(shop)));
      }),
      RUNS,
    );
  });

  it('later faults do not reach back', () => {
    fc.assert(
      fc.property(mesh({ hasFaults: true }), (one) => {
        // `early` has had its last answer long before the first fault.
        const early =
          '  - { name: early, from: { workload: web }, request: "GET http://api:8080/", executor: constant-rate, rate: 10/s, duration: 5s }';
        const late = one.faults.map((fault) => ({ ...fault, at: fault.at + 20 }));
        const calm = { ...one, seconds: 5 };
        const [without, withThem] = [
          run(shopOf({ ...calm, faults: [] }, { load: early })),
          run(shopOf({ ...calm, faults: late }, { load: early })),
        ];
        expect(withThem.loads).toEqual(without.loads);
        expect(withThem.services.map(({ by }) => by)).toEqual(without.services.map(({ by }) => by));
        expect(withThem.ejections.filter(({ at }) => at < 20).length).toBe(
          without.ejections.filter(({ at }) => at < 20).length,
        );
      }),
      RUNS,
    );
  });
});

describe('in a mesh without faults', () => {
  const calm = mesh({ hasFaults: false }).map(
    (one): Mesh => ({ ...one, executor: 'constant-rate', errorRate: 0 }),
  );

  it('nothing fails and nothing is tried twice', () => {
    fc.assert(
      fc.property(calm, (one) => {
        const [load] = run(shopOf(one)).loads;
        expect(load).toMatchObject({ failed: 0, errorRate: 0, attemptsPerRequest: 1 });
      }),
      RUNS,
    );
  });

  it('swapping the names of two equal workloads swaps their answers, up to where the turns begin', () => {
    fc.assert(
      fc.property(calm, (drawn) => {
        const one: Mesh = { ...drawn, canary: drawn.near, lb: 'ROUND_ROBIN' };
        const shop = shopOf(one);
        const swapped: Shop = {
          ...shop,
          clusters: {
            ...shop.clusters,
            near: { ...shop.clusters['near']!, api: { 'api-2': one.near, 'api-1': one.canary } },
          },
        };
        const [plain, other] = [answersOf(run(shop)), answersOf(run(swapped))];
        const hosts = one.near + one.canary + one.far;
        // Each worker goes round once more or less for each host.
        const most = hosts * one.workers;
        expect(Math.abs((plain['api-1'] ?? 0) - (other['api-2'] ?? 0))).toBeLessThanOrEqual(most);
        expect(Math.abs((plain['api-1'] ?? 0) - (plain['api-2'] ?? 0))).toBeLessThanOrEqual(most);
      }),
      RUNS,
    );
  });

  it('multiplying all weights of localities by a factor changes nothing but ties', () => {
    fc.assert(
      fc.property(calm, fc.constantFrom(2, 8, 1024), (drawn, factor) => {
        const world = planScenario(scenarioOf(shopOf({ ...drawn, policy: 'distribute' }))).world;
        const proxies = structuredClone(world.proxies.map(({ config }) => config));
        let scaled = 0;
        for (const config of proxies)
          for (const { endpoints } of config.endpoints)
            for (const locality of endpoints)
              if (locality.loadBalancingWeight !== undefined) {
                locality.loadBalancingWeight *= factor;
                scaled++;
              }
        expect(scaled).toBeGreaterThan(0);
        const other = {
          ...world,
          proxies: world.proxies.map((proxy, i) => ({ ...proxy, config: proxies[i]! })),
        };
        const [plain, more] = [world, other].map((each) => {
          const [row] = runWorld({ ...each, seed: 1, replication: 0 }).tallies;
          return Object.values(row!.by).map(({ requests }) => requests);
        });
        // Envoy raises weights by 1e-13 when it starts a schedule, so ties may fall otherwise: once for each worker and locality.
        for (const [i, count] of plain!.entries())
          expect(Math.abs(count - more![i]!)).toBeLessThanOrEqual(2 * drawn.workers);
      }),
      RUNS,
    );
  });

  it('twice the time keeps the shares', () => {
    fc.assert(
      fc.property(calm, (one) => {
        const [short, long] = [run(shopOf(one)), run(shopOf({ ...one, seconds: one.seconds * 2 }))];
        expect(requestsOf(long)).toBe(2 * requestsOf(short));
        const n = requestsOf(short);
        for (const [name, count] of Object.entries(answersOf(short))) {
          const share = count / n;
          // Turns end anywhere; coins scatter by five standard errors.
          const hosts = (one.near + one.canary + one.far) * one.workers;
          const scatter = 5 * Math.sqrt(0.25 / n) + hosts / n;
          expect(Math.abs(share - (answersOf(long)[name] ?? 0) / (2 * n))).toBeLessThanOrEqual(scatter);
        }
      }),
      RUNS,
    );
  });

  it('one worker that takes turns gives each host the same, but for one', () => {
    fc.assert(
      fc.property(calm, (drawn) => {
        const one: Mesh = { ...drawn, lb: 'ROUND_ROBIN', policy: 'none', workers: 1, far: 1, canary: 0 };
        const hosts = one.near + one.far;
        const answers = answersOf(run(shopOf(one)));
        const each = requestsOf(run(shopOf(one))) / hosts;
        expect(Math.abs((answers['api-far1'] ?? 0) - each)).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });
});
