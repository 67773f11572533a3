// Where requests come from: iterations one after the other, open loops at a rate, closed loops of users; each with its connections.
import type { LoadSpec } from '../world.ts';
import { LOAD_ARRIVAL, LOAD_ENDS, USER_THOUGHT } from './events.ts';
import { LoadState, listOf, proxyOf } from './load-state.ts';
import { poissonGapNs, startOfPoisson, startOfSteady } from './open-starts.ts';
import { NOT_ROUTED } from './routing/detour.ts';
import type { RunContext } from './run-context.ts';
import { small } from './small.ts';
import { Surprise } from './straight/call-site.ts';

/** Users that an event's argument can name. */
export const USERS = 65536;
/** Least time between two attempts to reach what cannot be reached [ns]: an assumption of foresail's. */
const REFUSED_AT_ONCE_NS = 1e6;

type Iterations = Extract<LoadSpec['arrivals'], { kind: 'iterations' }>;

export class Loads {
  readonly all: LoadState[];
  #open: number;
  /** Cookies by their keeper: "name=value". */
  readonly #jars = new Map<string, string>();
  /** Times of all ejections and returns so far [ns]. */
  readonly #ejections: number[] = [];
  readonly #returns: number[] = [];
  readonly #indexByName = new Map<string, number>();

  constructor(
    readonly run: RunContext,
    specs: LoadSpec[],
  ) {
    this.all = specs.map((spec) => new LoadState(run, spec));
    this.#open = specs.length;
    for (const [index, spec] of specs.entries()) this.#indexByName.set(spec.name, index);
  }

  /** Schedules the first request of every load that waits for no other. */
  begin(): void {
    for (const [index, load] of this.all.entries())
      if (load.after.length === 0) this.#beginAt(index, load.spec.startNs);
    if (this.all.length === 0) this.run.simulation.stop();
  }

  #beginAt(index: number, atNs: number): void {
    const load = this.all[index]!;
    const startNs = Math.max(atNs, load.spec.notBeforeNs ?? 0);
    load.startNs = startNs;
    const arrivals = load.spec.arrivals;
    if (arrivals.kind === 'closed') {
      load.usersLeft = arrivals.users;
      for (let user = 0; user < arrivals.users; user++)
        this.run.simulation.postAt(startNs, USER_THOUGHT, index * USERS + user);
    } else if (arrivals.kind === 'open') this.#scheduleOpen(index, startNs);
    else this.run.simulation.postAt(startNs, LOAD_ARRIVAL, index);
  }

  arrival(index: number): void {
    if (this.run.straight !== null) return this.#arriveStraight(index);
    const load = this.all[index]!;
    if (load.isOpen) {
      this.#send(index, load, load.sent);
      return this.#scheduleNext(index, load);
    }
    const { arrivals } = load.spec;
    const nowNs = this.run.simulation.nowNs;
    if (arrivals.kind === 'iterations') {
      if (load.sent >= arrivals.count || this.#isReached(load)) return this.#exhausted(index);
      if (load.sent === 0) load.lastStartNs = nowNs;
      this.#send(index, load, load.sent);
    }
  }

  // ------------------------------------------------------------------------------------------------------------- straight runs
  /** An arrival where requests do not meet: walked through to its answer and, if nothing else is due, on to the next arrival. */
  #arriveStraight(index: number): void {
    const { simulation } = this.run;
    const load = this.all[index]!;
    const arrivals = load.spec.arrivals;
    if (arrivals.kind === 'open') {
      const startNs = simulation.nowNs;
      const sequence = load.sent++;
      load.open++;
      const routedNs = this.#route(index);
      if (routedNs === -1) this.#exhausted(index);
      else if (routedNs !== NOT_ROUTED) simulation.postAt(routedNs, LOAD_ARRIVAL, index);
      else {
        const nextNs = this.nextStart(index, startNs);
        if (nextNs < 0) this.#exhausted(index);
        else simulation.postAt(nextNs, LOAD_ARRIVAL, index);
        this.#walk(index, sequence, sequence);
      }
      load.open--;
      this.#checkDone(index);
    } else if (arrivals.kind === 'iterations') {
      for (;;) {
        if (load.sent >= arrivals.count) return this.#exhausted(index);
        if (load.sent === 0) load.lastStartNs = simulation.nowNs;
        const sequence = load.sent++;
        let nextNs = this.#route(index);
        if (nextNs === NOT_ROUTED) {
          this.#walk(index, sequence, sequence);
          nextNs = this.#nextIteration(load, arrivals, 0);
        }
        if (nextNs < 0) return this.#iterationsOver(index);
        if (simulation.passIfNext(small(nextNs - simulation.nowNs), LOAD_ARRIVAL, index)) continue;
        simulation.postAt(nextNs, LOAD_ARRIVAL, index);
        return;
      }
    }
  }

  /** The request that starts now and further ones, where routing is all that happens to them. @returns as Routing.stretch() */
  #route(index: number): number {
    const { routing } = this.run.straight!;
    return routing === null ? NOT_ROUTED : routing.stretch(index);
  }

  /** One request, straight; the clock stands at its answer afterwards. */
  #walk(index: number, sequence: number, user: number): void {
    const { run } = this;
    const load = this.all[index]!;
    const { from } = load.spec;
    const segment = run.segmentNow();
    const text = load.requests[sequence % load.requests.length]!;
    if ('proxy' in from) {
      const slot = load.slotOf(sequence, user);
      const proxy = run.proxies[proxyOf(from, slot)]!;
      if (proxy.isUnconfigured) throw new Surprise('a proxy without configuration');
      run.straight!.request(index, segment, proxy, proxy.caller, load.workerOf(proxy, slot), text);
    } else {
      const server = run.servers.all[from.servers[sequence % from.servers.length]!]!;
      const proxy = server.spec.sidecar === undefined ? undefined : run.proxies[server.spec.sidecar];
      if (proxy === undefined || proxy.isUnconfigured || run.texts.texts[text]!.isUnresolved)
        throw new Surprise('a call without a proxy');
      const worker = run.upstream.workerOf(server, proxy);
      run.straight!.request(index, segment, proxy, server.caller, worker, text);
    }
  }

  userThought(index: number, user: number): void {
    const load = this.all[index]!;
    const arrivals = load.spec.arrivals;
    if (arrivals.kind !== 'closed') return;
    if (this.isOver(index, this.run.simulation.nowNs)) {
      load.usersLeft--;
      if (load.usersLeft === 0) this.#exhausted(index);
      return;
    }
    if (this.run.straight === null) return this.#send(index, load, user);
    const sequence = load.sent++;
    let nextNs = this.#route(index);
    if (nextNs === NOT_ROUTED) {
      this.#walk(index, sequence, user);
      nextNs = this.nextStart(index, 0);
    }
    this.run.simulation.postAt(nextNs, USER_THOUGHT, index * USERS + user);
  }

  // ---------------------------------------------------------------------------------------------- when requests of a load start
  /** Requests that are not sent yet, at most. */
  left(index: number): number {
    const { spec, sent } = this.all[index]!;
    return (spec.arrivals.count ?? Number.MAX_SAFE_INTEGER) - sent;
  }

  /** Does the run end with the load's last answer? */
  isLast(index: number): boolean {
    return this.#open === 1 && !this.all[index]!.spec.lingers && this.run.spec.untilNs === undefined;
  }

  /** From this time on none starts [ns]. */
  endOf(index: number): number {
    const { spec, startNs } = this.all[index]!;
    const { arrivals } = spec;
    const durationNs = arrivals.kind === 'open' ? undefined : arrivals.durationNs;
    return durationNs === undefined ? Number.POSITIVE_INFINITY : startNs + durationNs;
  }

  /** A user of a closed loop ends at that time. */
  isOver(index: number, nowNs: number): boolean {
    const load = this.all[index]!;
    const { arrivals } = load.spec;
    if (arrivals.kind !== 'closed') return false;
    return (
      (arrivals.count !== undefined && load.sent >= arrivals.count) ||
      (arrivals.durationNs !== undefined && nowNs - load.startNs >= arrivals.durationNs)
    );
  }

  /** When the request after one that began at `startNs` and has its answer now begins, where they do not meet; -1 = there is none. */
  nextStart(index: number, startNs: number): number {
    const load = this.all[index]!;
    const { arrivals } = load.spec;
    switch (arrivals.kind) {
      case 'iterations':
        return this.#nextIteration(load, arrivals, 0);
      case 'closed':
        return this.run.simulation.nowNs + load.think(load.draw);
      case 'open': {
        if (arrivals.count !== undefined && load.sent >= arrivals.count) return -1;
        const nextNs = arrivals.poisson ? startOfPoisson(load, startNs) : startOfSteady(load, load.sent);
        return nextNs === Number.POSITIVE_INFINITY ? -1 : nextNs;
      }
    }
  }

  /** An `until` load looks before each request. */
  #isReached(load: LoadState): boolean {
    const until = load.spec.until;
    if (!until) return false;
    const times = until.event === 'ejection' ? this.#ejections : this.#returns;
    const atNs = times[until.count - 1];
    return atNs !== undefined && atNs + (until.seenAfterNs ?? 0) <= this.run.simulation.nowNs;
  }

  ejectionSeen(isEjection: boolean): void {
    (isEjection ? this.#ejections : this.#returns).push(this.run.simulation.nowNs);
  }

  #scheduleOpen(index: number, fromNs: number): void {
    const nextNs = this.nextStart(index, fromNs);
    if (nextNs < 0) this.#exhausted(index);
    else this.run.simulation.postAt(nextNs, LOAD_ARRIVAL, index);
  }

  /** The same after a request that starts now. */
  #scheduleNext(index: number, load: LoadState): void {
    const { simulation } = this.run;
    if (!load.isPoisson) return this.#scheduleOpen(index, simulation.nowNs);
    const gapNs = load.sent < load.most ? poissonGapNs(load, simulation.clock) : -1;
    if (gapNs < 0) this.#exhausted(index);
    else simulation.post(gapNs, LOAD_ARRIVAL, index);
  }

  #send(index: number, load: LoadState, user: number): void {
    const { run } = this;
    const { express, sampler } = run;
    const sequence = load.sent;
    const segment = run.segmentNow();
    const sample = sampler.isOff ? -1 : sampler.begin(index, sequence, sequence % load.requests.length);
    load.sent = sequence + 1;
    load.open++;
    if (load.onlyText >= 0 && sample < 0 && express !== null) {
      // What nearly all do: one request out of one proxy, on a connection that is there.
      const proxy = run.proxies[load.onlyProxy]!;
      const slot = load.slotOf(sequence, user);
      const worker = load.workers[slot];
      const isKept = worker !== undefined && !proxy.isUnconfigured;
      if (isKept && express.request(proxy, worker, load.onlyText, index, segment, user)) return;
    }
    this.#sendCarefully(index, load, user, sequence, segment, sample);
  }

  #sendCarefully(
    index: number,
    load: LoadState,
    user: number,
    sequence: number,
    segment: number,
    sample: number,
  ): void {
    const { run } = this;
    const { from } = load.spec;
    const turn = sequence % load.requests.length;
    const express = sample < 0 && !load.spec.cookies ? run.express : null;
    if ('proxy' in from) {
      const slot = load.slotOf(sequence, user);
      const proxy = run.proxies[proxyOf(from, slot)]!;
      const isRefused = load.spec.isUnanswered || proxy.isUnconfigured;
      const worker = isRefused ? 0 : load.workerOf(proxy, slot);
      if (!isRefused && express?.request(proxy, worker, load.requests[turn]!, index, segment, user)) return;
      const call = this.#newCall(index, segment, turn, user, sample);
      const { calls } = run;
      calls.proxy[call] = proxy.index;
      calls.caller[call] = proxy.caller;
      if (isRefused) return run.direct.refuse(call);
      calls.connection[call] = slot + 1;
      calls.worker[call] = worker;
      run.router.start(call);
      return;
    }
    const server = run.servers.all[from.servers[sequence % from.servers.length]!]!;
    if (express?.callOf(server, load.requests[turn]!, index, segment, -1, user)) return;
    const call = this.#newCall(index, segment, turn, user, sample);
    run.calls.caller[call] = server.caller;
    run.upstream.startCallOf(server, call);
  }

  #newCall(index: number, segment: number, turn: number, user: number, sample: number): number {
    const { calls } = this.run;
    const load = this.all[index]!;
    const call = this.run.newCall();
    calls.load[call] = index;
    calls.segment[call] = segment;
    calls.job[call] = -1;
    calls.user[call] = user;
    calls.turn[call] = turn;
    calls.request[call] = load.spec.cookies ? this.#withCookie(load, turn, user) : load.requests[turn]!;
    calls.sample[call] = sample;
    return call;
  }

  #withCookie(load: LoadState, turn: number, user: number): number {
    const pair = this.#jars.get(load.jarOf(turn, user));
    const { texts } = this.run;
    const request = load.requests[turn]!;
    if (pair === undefined) return request;
    const text = texts.texts[request]!;
    const cookie = text.headers['cookie'] ? `${text.headers['cookie']}; ${pair}` : pair;
    return texts.indexOf({ ...text, headers: { ...text.headers, cookie } });
  }

  /** The answer of a user's request is there. */
  requestDone(call: number): void {
    const { calls, simulation } = this.run;
    const index = calls.load[call]!;
    const load = this.all[index]!;
    if (calls.setsCookie[call] === 1) {
      this.run.recorder.cookieSet(index, calls.segment[call]!);
      if (load.spec.cookies)
        this.#jars.set(
          load.jarOf(calls.turn[call]!, calls.user[call]!),
          this.run.router.hash.cookiePairs(call),
        );
    }
    // Who is refused in the same instant cannot ask for ever in that instant.
    const isInstant = calls.proxy[call] === -1 && simulation.nowNs === calls.startNs[call];
    this.ended(index, calls.user[call]!, isInstant ? REFUSED_AT_ONCE_NS : 0);
  }

  /** A request is over: what its load does next. @param breathNs at least until the next one */
  ended(index: number, user: number, breathNs: number): void {
    const { simulation } = this.run;
    const load = this.all[index]!;
    load.open--;
    if (load.isOpen) {
      if (load.isExhausted) this.#checkDone(index);
      return;
    }
    const { arrivals } = load.spec;
    if (arrivals.kind === 'iterations') {
      const nextNs = this.#nextIteration(load, arrivals, breathNs);
      if (nextNs >= 0) simulation.postAt(nextNs, LOAD_ARRIVAL, index);
      else this.#iterationsOver(index);
    } else if (arrivals.kind === 'closed') {
      simulation.post(Math.max(breathNs, load.think(load.draw)), USER_THOUGHT, index * USERS + user);
    }
    this.#checkDone(index);
  }

  /** When an `iterations` load that has its answer now starts again; -1 = it is over. */
  #nextIteration(load: LoadState, arrivals: Iterations, breathNs: number): number {
    const nextNs = Math.max(
      load.lastStartNs + arrivals.paceNs,
      this.run.simulation.nowNs + Math.max(breathNs, arrivals.gapNs ?? 0),
    );
    load.lastStartNs = nextNs;
    const lateNs = arrivals.jitterNs ? Math.floor(load.draw.unit() * arrivals.jitterNs) : 0;
    const isOver =
      load.sent >= arrivals.count ||
      (arrivals.durationNs !== undefined && nextNs - load.startNs >= arrivals.durationNs);
    return isOver ? -1 : nextNs + lateNs;
  }

  #iterationsOver(index: number): void {
    const load = this.all[index]!;
    if (load.spec.lingers) this.run.simulation.postAt(load.lastStartNs, LOAD_ENDS, index);
    else this.#exhausted(index);
  }

  /** The last pause of a load that lingers is over. */
  lingered(index: number): void {
    this.#exhausted(index);
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
    this.#release(load.spec.name);
    if (this.#open === 0 && this.run.spec.untilNs === undefined) this.run.simulation.stop();
  }

  /** What waited for the load, and for no other that still goes on. */
  #release(name: string): void {
    for (const [action, spec] of this.run.actions.specs.entries())
      if (this.#isFree(listOf(spec.after), name)) this.run.actions.released(action);
    for (const [other, waiting] of this.all.entries())
      if (this.#isFree(waiting.after, name))
        this.#beginAt(other, this.run.simulation.nowNs + waiting.spec.startNs);
  }

  #isFree(after: readonly string[], done: string): boolean {
    return (
      after.includes(done) &&
      after.every((name) => this.all[this.#indexByName.get(name) ?? -1]?.isDone === true)
    );
  }
}
