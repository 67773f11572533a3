// One worker's balancer driven step by step, and the scalars of least request and slow start: cases of the kinds lb_scenario, lr_weight,
// slow_start_factor.
import { Streams } from '../../../src/engine/random.ts';
import type { Cluster } from '../../../src/models/envoy/config.ts';
import { emptyMembers, FAILED_ACTIVE_HC, HostSet, NO_HOST } from '../../../src/models/envoy/host-set.ts';
import { LoadBalancer } from '../../../src/models/envoy/lb/balancer.ts';
import { leastRequestWeight, usableBias } from '../../../src/models/envoy/lb/least-request.ts';
import { slowStartFactor } from '../../../src/models/envoy/lb/slow-start.ts';
import { compareKeys, type Difference, type Family, isWithin, type Json, Unsupported } from './registry.ts';
import { Tape } from './tape.ts';

const KNOWN_INPUT = new Set([
  'policy',
  'hosts',
  'steps',
  'seed',
  'slow_start',
  'active_request_bias',
  'bias_forces_weighted',
  'choice_count',
  'selection_method',
  'fail_traffic_on_panic',
  'panic_threshold',
  'overprovisioning_factor',
  'weighted_priority_health',
  'min_ring_size',
  'max_ring_size',
  'hash_function',
  'table_size',
  'hash_balance_factor',
]);

const seconds = (ms: number) => `${ms / 1000}s`;

function clusterOf(input: Json): Cluster {
  const slowStartConfig = input.slow_start && {
    slowStartWindow: seconds(input.slow_start.window_ms),
    aggression: input.slow_start.aggression,
    minWeightPercent: input.slow_start.min_weight_percent,
  };
  return {
    name: 'c',
    lbPolicy: String(input.policy).toUpperCase() as NonNullable<Cluster['lbPolicy']>,
    roundRobinLbConfig: { slowStartConfig },
    leastRequestLbConfig: {
      choiceCount: input.choice_count,
      activeRequestBias: input.active_request_bias,
      selectionMethod: input.selection_method,
      slowStartConfig,
    },
    ringHashLbConfig: {
      minimumRingSize: input.min_ring_size,
      maximumRingSize: input.max_ring_size,
      hashFunction: input.hash_function,
    },
    maglevLbConfig: { tableSize: input.table_size },
    commonLbConfig: {
      healthyPanicThreshold: input.panic_threshold,
      zoneAwareLbConfig: { failTrafficOnPanic: input.fail_traffic_on_panic },
      consistentHashingLbConfig: { hashBalanceFactor: input.hash_balance_factor },
    },
  };
}

class Scenario {
  readonly names: string[];
  readonly hosts = new HostSet();
  readonly cluster: Cluster;
  readonly tape = new Tape();
  readonly isHashing: boolean;
  nowNs = 0;
  lb: LoadBalancer | null = null;

  constructor(readonly input: Json) {
    this.names = Object.keys(input.hosts);
    this.cluster = clusterOf(input);
    this.isHashing = this.cluster.lbPolicy === 'RING_HASH' || this.cluster.lbPolicy === 'MAGLEV';
    this.hosts.overprovisioningFactor = input.overprovisioning_factor ?? 140;
    this.hosts.weightedPriorityHealth = input.weighted_priority_health ?? false;
    for (const [i, name] of this.names.entries()) {
      this.hosts.address.push(name.includes(':') ? name : `127.0.0.1:${80 + i}`);
      this.hosts.health.push(0);
      this.hosts.activeRequests.push(0);
      this.hosts.weight.push(1);
      this.hosts.lastHcPassNs.push(Number.NaN);
      this.set({ host: name, ...input.hosts[name] });
    }
  }

  index(name: string): number {
    const index = this.names.indexOf(name);
    if (index < 0) throw new Unsupported(`host ${name}`);
    return index;
  }

  name(host: number): string | null {
    return host === NO_HOST ? null : this.names[host]!;
  }

  set(step: Json): void {
    const host = this.index(step.host);
    if (step.weight !== undefined) this.hosts.weight[host] = step.weight;
    if (step.active !== undefined) this.hosts.activeRequests[host] = step.active;
    if (step.fail !== undefined) this.hosts.health[host] = step.fail ? FAILED_ACTIVE_HC : 0;
    if (step.last_hc_ms !== undefined)
      this.hosts.lastHcPassNs[host] = step.last_hc_ms === null ? Number.NaN : step.last_hc_ms * 1e6;
  }

  update(step: Json): void {
    const list = (names: string[] | undefined) => (names ?? []).map((name) => this.index(name));
    const priority = step.priority ?? 0;
    const excluded = list(step.excluded);
    const priorities = [...this.hosts.priorities];
    while (priorities.length <= priority) priorities.push(emptyMembers());
    priorities[priority] = {
      ...emptyMembers(),
      hosts: list(step.all),
      healthy: list(step.healthy),
      degraded: list(step.degraded),
      excluded: excluded.length,
      excludedWeight: excluded.reduce((sum, host) => sum + this.hosts.weight[host]!, 0),
    };
    this.hosts.priorities = priorities;
    this.lb?.update(this.nowNs, priority);
  }

  build(): void {
    if (!this.isHashing && this.cluster.lbPolicy !== 'RANDOM') this.tape.loadSeed(this.input.seed ?? 0);
    this.lb = new LoadBalancer(this.cluster, this.hosts, this.tape, {
      nowNs: this.nowNs,
      biasForcesWeighted: this.input.bias_forces_weighted ?? false,
    });
  }

  config(step: Json): void {
    for (const slow of [
      this.cluster.roundRobinLbConfig?.slowStartConfig,
      this.cluster.leastRequestLbConfig?.slowStartConfig,
    ]) {
      if (slow && step.aggression !== undefined) slow.aggression = step.aggression;
      if (slow && step.min_weight_percent !== undefined) slow.minWeightPercent = step.min_weight_percent;
    }
    if (step.active_request_bias !== undefined)
      this.cluster.leastRequestLbConfig!.activeRequestBias = step.active_request_bias;
    if (step.panic_threshold !== undefined)
      this.cluster.commonLbConfig!.healthyPanicThreshold = step.panic_threshold;
  }

  pick(step: Json): string | null {
    if (step.draws !== undefined) this.tape.load(step.draws, this.isHashing);
    const [hashHi, hashLo] =
      step.hash === undefined
        ? [0, 0]
        : [Number(BigInt(step.hash) >> 32n), Number(BigInt(step.hash) & 0xffffffffn)];
    const context = { hasHash: step.hash !== undefined, hashHi, hashLo, nowNs: this.nowNs };
    const rejected: string[] = step.reject ?? [];
    const reselection =
      step.retry_count === undefined
        ? null
        : {
            maxAttempts: step.retry_count,
            isRejected: (host: number) => rejected.includes(this.names[host]!),
          };
    return this.name(this.lb!.chooseHost(reselection, context));
  }

  /** @returns what was found and expected, when they differ */
  run(step: Json): Difference | null {
    switch (step.op) {
      case 'update':
        this.update(step);
        return null;
      case 'build':
        this.build();
        return null;
      case 'time':
        this.nowNs = step.ms * 1e6;
        return null;
      case 'set':
        this.set(step);
        return null;
      case 'config':
        this.config(step);
        return null;
      case 'pick': {
        const expected: Json[] = step.expect ?? step.expect_in;
        const got = expected.map(() => this.pick(step));
        const agrees = step.expect
          ? isWithin(got, expected)
          : got.every((name, i) => expected[i].includes(name));
        return agrees ? null : { got, expected };
      }
      case 'count':
      case 'shares':
        return this.tally(step);
      case 'expect':
        return this.expect(step);
      default:
        throw new Unsupported(step.op);
    }
  }

  /** Many picks; draws are random ones when none are given. */
  tally(step: Json): Difference | null {
    this.tape.after = step.draws === undefined ? new Streams('cases').stream(step.op) : null;
    const got: Record<string, number> = {};
    for (const name of Object.keys(step.expect)) got[name] = 0;
    for (let i = 0; i < step.picks; i++) {
      const name = this.pick(step) ?? 'null';
      if (name in got) got[name]! += step.op === 'count' ? 1 : 100 / step.picks;
    }
    this.tape.after = null;
    return isWithin(got, step.expect, step.tolerance ?? 1e-6) ? null : { got, expected: step.expect };
  }

  expect({ op: _, ...expected }: Json): Difference | null {
    const { load } = this.lb!;
    const stats: Json = {};
    for (const name of Object.keys(expected.stats ?? {})) {
      if (!(name in this.lb!.stats)) throw new Unsupported(name);
      stats[name] = this.lb!.stats[name as 'lb_healthy_panic'];
    }
    const got: Json = {
      stats,
      healthy_load: load.healthyLoad,
      degraded_load: load.degradedLoad,
      panic: load.panic,
    };
    return compareKeys(got, expected);
  }
}

export const envoyLb: Family = {
  lb_scenario({ input }) {
    for (const key of Object.keys(input)) if (!KNOWN_INPUT.has(key)) throw new Unsupported(key);
    const scenario = new Scenario(input);
    for (const [i, step] of input.steps.entries()) {
      const difference = scenario.run(step);
      if (difference !== null)
        return { got: { step: i, ...wrap(difference.got) }, expected: difference.expected };
    }
    return null;
  },

  lr_weight: ({ input, expect, tolerance }) =>
    compareKeys(
      { weight: leastRequestWeight(input.weight, input.active, usableBias(input.bias ?? undefined)) },
      expect,
      tolerance,
    ),

  slow_start_factor: ({ input, expect, tolerance }) =>
    compareKeys(
      {
        factor: slowStartFactor(
          input.elapsed_ms,
          input.window_ms,
          input.aggression ?? undefined,
          input.min_weight_percent ?? undefined,
        ),
      },
      expect,
      tolerance,
    ),
};

const wrap = (got: Json) => (Array.isArray(got) ? { picks: got } : got);
