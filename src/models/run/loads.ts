// Where requests come from: iterations one after the other, open loops at a rate, closed loops of users; each with its connections.
import type { RandomStream } from '../../engine/random.ts';
import type { LoadSpec } from '../world.ts';
import { LOAD_ARRIVAL, USER_THOUGHT } from './events.ts';
import { type Sampler, samplerOf } from './latency.ts';
import type { RunContext } from './run-context.ts';

class LoadState {
  readonly requests: number[];
  readonly draw: RandomStream;
  readonly think: Sampler;
  /** Worker of each kept connection, -1 = not open yet. */
  readonly workers: number[] = [];
  startNs = 0;
  sent = 0;
  open = 0;
  lastStartNs = 0;
  isExhausted = false;
  isDone = false;

  constructor(
    readonly run: RunContext,
    readonly spec: LoadSpec,
  ) {
    this.draw = run.streams.stream(`arrivals/${spec.name}`);
    this.think = samplerOf(spec.arrivals.kind === 'closed' ? spec.arrivals.think : { dist: 'fixed', ns: 0 });
    const base = spec.request;
    this.requests = (spec.rotate ?? [{}]).map((turn) =>
      run.texts.indexOf({
        ...base,
        headers: { ...base.headers, ...turn.headers },
        sourceAddress: turn.sourceAddress,
      }),
    );
  }
}

export class Loads {
  readonly all: LoadState[];
  #open: number;

  constructor(
    readonly run: RunContext,
    specs: LoadSpec[],
  ) {
    this.all = specs.map((spec) => new LoadState(run, spec));
    this.#open = specs.length;
  }

  /** Schedules the first request of every load that waits for no other. */
  begin(): void {
    for (const [index, load] of this.all.entries())
      if (!load.spec.after) this.#beginAt(index, load.spec.startNs);
    if (this.all.length === 0) this.run.simulation.stop();
  }

  #beginAt(index: number, startNs: number): void {
    const load = this.all[index]!;
    load.startNs = startNs;
    const arrivals = load.spec.arrivals;
    if (arrivals.kind === 'closed') {
      for (let user = 0; user < arrivals.users; user++)
        this.run.simulation.scheduleAt(startNs, USER_THOUGHT, index * 65536 + user);
    } else if (arrivals.kind === 'open') this.#scheduleOpen(index, startNs);
    else this.run.simulation.scheduleAt(startNs, LOAD_ARRIVAL, index);
  }

  arrival(index: number): void {
    const load = this.all[index]!;
    const arrivals = load.spec.arrivals;
    const nowNs = this.run.simulation.nowNs;
    if (arrivals.kind === 'open') {
      this.#send(index, load.sent);
      if (arrivals.count !== undefined && load.sent >= arrivals.count) return this.#exhausted(index);
      return this.#scheduleOpen(index, nowNs);
    }
    if (arrivals.kind === 'iterations') {
      load.lastStartNs = nowNs;
      this.#send(index, load.sent);
    }
  }

  userThought(index: number, user: number): void {
    const load = this.all[index]!;
    const arrivals = load.spec.arrivals;
    if (arrivals.kind !== 'closed') return;
    const isOver =
      (arrivals.count !== undefined && load.sent >= arrivals.count) ||
      (arrivals.durationNs !== undefined && this.run.simulation.nowNs - load.startNs >= arrivals.durationNs);
    if (isOver) return this.#exhausted(index);
    this.#send(index, user);
  }

  /** Next arrival of an open loop: integrates the rate over the stages until one request (or one exponential) has gathered. */
  #scheduleOpen(index: number, fromNs: number): void {
    const load = this.all[index]!;
    const arrivals = load.spec.arrivals;
    if (arrivals.kind !== 'open') return;
    let wanted = arrivals.poisson ? -Math.log(1 - load.draw.unit()) : load.sent === 0 ? 0 : 1;
    let stageStartNs = load.startNs;
    for (const stage of arrivals.stages) {
      const endNs = stageStartNs + stage.durationNs;
      const beginNs = Math.max(fromNs, stageStartNs);
      if (beginNs < endNs) {
        const slope = (stage.toPerSecond - stage.fromPerSecond) / (stage.durationNs / 1e9);
        const rate = stage.fromPerSecond + slope * ((beginNs - stageStartNs) / 1e9);
        const left = (endNs - beginNs) / 1e9;
        const whole = rate * left + (slope * left * left) / 2;
        if (wanted < whole) {
          const seconds =
            Math.abs(slope) < 1e-12
              ? wanted / rate
              : (-rate + Math.sqrt(rate * rate + 2 * slope * wanted)) / slope;
          this.run.simulation.scheduleAt(beginNs + Math.round(seconds * 1e9), LOAD_ARRIVAL, index);
          return;
        }
        wanted -= whole;
      }
      stageStartNs = endNs;
    }
    this.#exhausted(index);
  }

  #send(index: number, user: number): void {
    const { run } = this;
    const load = this.all[index]!;
    const { calls } = run;
    const call = run.newCall();
    const turn = load.sent % load.requests.length;
    calls.load[call] = index;
    calls.segment[call] = run.segmentNow();
    calls.job[call] = -1;
    calls.user[call] = user;
    calls.request[call] = load.requests[turn]!;
    calls.sample[call] = run.sampler.begin(index, load.sent);
    const from = load.spec.from;
    const sequence = load.sent;
    load.sent++;
    load.open++;
    if ('proxy' in from) {
      const kept = load.spec.connections;
      const slot = kept === 'new' ? sequence : load.spec.arrivals.kind === 'closed' ? user : sequence % kept;
      const index = from.proxies ? from.proxies[slot % from.proxies.length]! : from.proxy;
      const proxy = run.proxies[index]!;
      calls.proxy[call] = index;
      calls.caller[call] = proxy.caller;
      if (kept === 'new') calls.worker[call] = proxy.newConnection();
      else {
        load.workers[slot] ??= proxy.newConnection();
        calls.worker[call] = load.workers[slot]!;
      }
      run.router.start(call);
      return;
    }
    const server = run.servers.all[from.servers[sequence % from.servers.length]!]!;
    calls.caller[call] = server.caller;
    run.upstream.startCallOf(server, call);
  }

  /** The answer of a user's request is there. */
  requestDone(call: number): void {
    const { calls, simulation } = this.run;
    const index = calls.load[call]!;
    const load = this.all[index]!;
    const arrivals = load.spec.arrivals;
    load.open--;
    if (arrivals.kind === 'iterations') {
      const nextNs = Math.max(load.lastStartNs + arrivals.paceNs, simulation.nowNs + (arrivals.gapNs ?? 0));
      const isOver =
        load.sent >= arrivals.count ||
        (arrivals.durationNs !== undefined && nextNs - load.startNs >= arrivals.durationNs);
      if (isOver) this.#exhausted(index);
      else simulation.scheduleAt(nextNs, LOAD_ARRIVAL, index);
    } else if (arrivals.kind === 'closed') {
      simulation.schedule(load.think(load.draw), USER_THOUGHT, index * 65536 + calls.user[call]!);
    }
    this.#checkDone(index);
  }

  #exhausted(index: number): void {
    this.all[index]!.isExhausted = true;
    this.#checkDone(index);
  }

  #checkDone(index: number): void {
    const load = this.all[index]!;
    if (!load.isExhausted || load.open > 0 || load.isDone) return;
    load.isDone = true;
    this.#open--;
    for (const [other, waiting] of this.all.entries())
      if (waiting.spec.after === load.spec.name)
        this.#beginAt(other, this.run.simulation.nowNs + waiting.spec.startNs);
    if (this.#open === 0 && this.run.spec.untilNs === undefined) this.run.simulation.stop();
  }
}
