// Keeps a few requests of each load with every hop, for explanations: the first ones, or some of the whole run, evenly spread.
// Off in long runs: then nothing is asked.
import type { HopSample, RequestSample } from '../world.ts';
import type { ClusterState } from './cluster-state.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { flagNames } from './outcomes.ts';
import type { RunContext } from './run-context.ts';

const OUTCOME_NAMES = [
  '',
  'refused',
  'connect timeout',
  'reset',
  'try timeout',
  'overflow',
  'no answer',
  'request overflow',
];

export class Sampler {
  readonly #perLoad: number;
  /** No request is kept. */
  readonly isOff: boolean;
  readonly #fromIndex: number;
  readonly #fromNs: number;
  readonly #taken: number[] = [];
  readonly #isSpread: boolean;
  /** By load: every so many requests one is kept. */
  readonly #stride: number[] = [];
  readonly #dropped = new Set<number>();
  /** Samples by row of the calls' `sample`; hops by call. */
  readonly #hops = new Map<number, HopSample>();
  readonly #depths = new Map<number, number>();
  /** By row of the attempt under way. */
  readonly #tries = new Map<number, HopSample['attempts'][number]>();

  constructor(
    readonly run: RunContext,
    sampleRequests: number,
    loads: number,
  ) {
    this.#perLoad = loads > 0 ? Math.ceil(sampleRequests / loads) : 0;
    this.isOff = this.#perLoad === 0;
    this.#fromIndex = run.spec.sampleFrom?.index ?? 0;
    this.#fromNs = run.spec.sampleFrom?.ns ?? 0;
    this.#isSpread = run.spec.isSampleSpread === true;
  }

  /** @returns the row of a new sample, -1 = this request is not kept */
  begin(load: number, index: number, turn: number): number {
    if (this.isOff || index < this.#fromIndex) return -1;
    if (this.run.simulation.nowNs < this.#fromNs) return -1;
    if (this.#isSpread && index % (this.#stride[load] ?? 1) !== 0) return -1;
    if ((this.#taken[load] ?? 0) >= this.#perLoad) {
      if (!this.#isSpread) return -1;
      this.#thin(load);
      if (index % this.#stride[load]! !== 0) return -1;
    }
    this.#taken[load] = (this.#taken[load] ?? 0) + 1;
    const sample: RequestSample = {
      load: this.run.spec.loads[load]!.name,
      index,
      turn,
      startNs: this.run.simulation.nowNs,
      endNs: 0,
      status: 0,
      flags: [],
      hops: [],
    };
    return this.run.recorder.samples.push(sample) - 1;
  }

  /** There is no more room: every second one goes, and from now on only every second one comes. */
  #thin(load: number): void {
    const stride = (this.#stride[load] ?? 1) * 2;
    this.#stride[load] = stride;
    const { name } = this.run.spec.loads[load]!;
    for (const [row, sample] of this.run.recorder.samples.entries()) {
      if (sample.load !== name || sample.index % stride === 0 || this.#dropped.has(row)) continue;
      this.#dropped.add(row);
      this.#taken[load]!--;
      // Its calls may still be under way and tell their hops; nobody will read them.
      sample.hops = [];
    }
  }

  kept(): RequestSample[] {
    return this.run.recorder.samples.filter((_, row) => !this.#dropped.has(row));
  }

  isSampled(call: number): boolean {
    return !this.isOff && this.run.calls.sample[call]! >= 0;
  }

  #hop(call: number): HopSample {
    let hop = this.#hops.get(call);
    if (hop === undefined) {
      const { calls, jobs, proxies, texts } = this.run;
      const job = calls.job[call]!;
      const parent = job >= 0 ? (this.run.attempts.call[jobs.attempt[job]!] ?? -1) : -1;
      const depth = parent >= 0 ? (this.#depths.get(parent) ?? 0) + 1 : 0;
      const proxy = calls.proxy[call]! >= 0 ? proxies[calls.proxy[call]!]! : null;
      const text = texts.texts[calls.request[call]!]!;
      hop = {
        depth,
        caller:
          job >= 0
            ? this.run.servers.all[jobs.server[job]!]!.spec.name
            : this.run.spec.loads[calls.load[call]!]!.name,
        proxy: proxy?.spec.name ?? null,
        worker: calls.worker[call]!,
        host: text.host,
        path: text.path,
        route: null,
        cluster: null,
        attempts: [],
        status: 0,
        flags: [],
      };
      this.#hops.set(call, hop);
      this.#depths.set(call, depth);
      this.run.recorder.samples[calls.sample[call]!]!.hops.push(hop);
    }
    return hop;
  }

  routed(call: number, route: CompiledRoute, cluster: ClusterState): void {
    const hop = this.#hop(call);
    hop.route = route.name || 'default';
    hop.cluster = cluster.config.name;
  }

  tried(call: number, attempt: number, cluster: ClusterState, host: number, priority: number): void {
    this.run.attempts.sample[attempt] = this.run.calls.sample[call]!;
    const entry: HopSample['attempts'][number] = {
      atNs: this.run.simulation.nowNs,
      endNs: 0,
      priority,
      locality: cluster.hosts.locality[host]!,
      endpoint: cluster.hosts.address[host]!,
      server: cluster.hostServer[host]!,
      outcome: '',
    };
    this.#hop(call).attempts.push(entry);
    this.#tries.set(attempt, entry);
  }

  /** It has its connection. */
  sent(attempt: number): void {
    const entry = this.#tries.get(attempt);
    if (entry) entry.isSent = true;
  }

  /** The connection was reset before its request could be read. */
  unread(attempt: number): void {
    const entry = this.#tries.get(attempt);
    if (entry) entry.isSent = false;
  }

  attemptEnded(attempt: number, outcome: number): void {
    const entry = this.#tries.get(attempt);
    this.#tries.delete(attempt);
    if (!entry) return;
    entry.endNs = this.run.simulation.nowNs;
    entry.outcome = outcome > 0 ? String(outcome) : (OUTCOME_NAMES[-outcome] ?? '');
  }

  redirected(call: number, location: string): void {
    this.#hop(call).location = location;
  }

  callDone(call: number, status: number): void {
    const { calls, simulation, recorder } = this.run;
    const hop = this.#hop(call);
    hop.status = status;
    hop.flags = flagNames(calls.flags[call]!);
    this.#hops.delete(call);
    this.#depths.delete(call);
    if (calls.job[call]! >= 0) return;
    const sample = recorder.samples[calls.sample[call]!]!;
    sample.endNs = simulation.nowNs;
    sample.status = status;
    sample.flags = hop.flags;
  }
}
