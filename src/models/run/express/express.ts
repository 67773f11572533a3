// The express way: what nearly every request is - a pick, a ready connection, a server, an answer that ends it - carried in one short row
// per request, with the same draws, counters, pools and balancers as the general way (router.ts, upstream.ts), and the same result. A
// request that leaves the ordinary is handed over to the general way where it stands, with all requests that it is part of.
//
// One request: request() or callOf() -> #depart(): pick, connection, way there -> #arrive(): a place at the server -> #done(): error or
// answer, or calls of the script, each again callOf() -> #answer(): way back -> #answered(): counted, and told to whoever asked.

import type { Simulation } from '../../../engine/simulation.ts';
import { NO_HOST } from '../../envoy/host-set.ts';
import type { PickContext } from '../../envoy/lb/balancer.ts';
import { retriesOnStatus } from '../../envoy/retry.ts';
import { RQ_COMPLETED } from '../cluster-stats.ts';
import type { ConnectionPools } from '../connection-pool.ts';
import * as c from '../connection-row.ts';
import {
  ATTEMPT_ARRIVES,
  EXPRESS_ANSWERED,
  EXPRESS_ARRIVES,
  EXPRESS_DONE,
  EXPRESS_SLEPT,
  OUTCOME_ARRIVES,
  SERVICE_DONE,
  SLEEP_DONE,
} from '../events.ts';
import { CUT, type Network } from '../network.ts';
import type { ProxyState } from '../proxy-state.ts';
import type { Tally } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';
import type { ServerState } from '../server-state.ts';
import { small } from '../small.ts';
import type { Upstream } from '../upstream.ts';
import { HandOver } from './hand-over.ts';
import * as f from './rows.ts';
import { ordinarySite, type Site, type Target } from './site.ts';

export class Express {
  readonly rows = new f.ExpressRows();
  readonly targets: Target[] = [];
  /** Sites by proxy and text for the loads' requests, by server and text for those of scripts; null = not ordinary. */
  #entries: (Site | null | undefined)[][] = [];
  #steps: (Site | null | undefined)[][] = [];
  readonly #handOver: HandOver;
  readonly #clock: Float64Array;
  readonly #loads: number;
  readonly #simulation: Simulation;
  readonly #network: Network;
  readonly #upstream: Upstream;
  readonly #servers: readonly ServerState[];
  readonly #core: ConnectionPools;
  readonly #context: PickContext = {
    hasHash: false,
    hashHi: 0,
    hashLo: 0,
    metadataMatch: undefined,
    retryLoads: null,
    nowNs: 0,
  };

  constructor(readonly run: RunContext) {
    this.#handOver = new HandOver(this);
    this.#simulation = run.simulation;
    this.#network = run.network;
    this.#upstream = run.upstream;
    this.#servers = run.servers.all;
    this.#core = run.pools.core;
    this.#clock = run.simulation.clock;
    this.#loads = run.spec.loads.length;
  }

  bind(): void {
    const { simulation } = this.run;
    simulation.on(EXPRESS_ARRIVES, (row) => {
      simulation.note(ATTEMPT_ARRIVES, this.rows.cells[row * f.ROW + f.SERVER]!);
      this.#arrive(row);
    });
    simulation.on(EXPRESS_DONE, this.#done);
    simulation.on(EXPRESS_SLEPT, this.#slept);
    simulation.on(EXPRESS_ANSWERED, this.#answered);
  }

  /** What was looked up may hold no longer. */
  forgetSites(): void {
    this.#entries = [];
    this.#steps = [];
  }

  /** From now on all requests under way go the general way. */
  handOverAll(): void {
    this.#handOver.all();
  }

  // ------------------------------------------------------------------------------------------------------------------- begin
  /** A user's request. @returns false when it is not ordinary, and nothing has happened */
  request(
    proxy: ProxyState,
    worker: number,
    text: number,
    load: number,
    segment: number,
    user: number,
  ): boolean {
    this.#entries[proxy.index] ??= [];
    const sites = this.#entries[proxy.index]!;
    let site = sites[text];
    if (site === undefined) {
      site = ordinarySite(this.run, proxy, proxy.caller, text);
      sites[text] = site;
    }
    if (site === null) return false;
    this.#depart(site, worker, load, segment, f.NOBODY, user);
    return true;
  }

  /**
   * A request of a server, out through its sidecar.
   * @param parent the express row whose script makes it, or -2 - its job, or NOBODY = a load does  @param tag its step of the script, or the load's user
   * @returns false when it is not ordinary, and nothing has happened
   */
  callOf(
    server: ServerState,
    text: number,
    load: number,
    segment: number,
    parent: number,
    tag: number,
  ): boolean {
    this.#steps[server.index] ??= [];
    const sites = this.#steps[server.index]!;
    let site = sites[text];
    if (site === undefined) {
      const proxy = this.run.upstream.sidecarOf(server, text);
      site = proxy === null ? null : ordinarySite(this.run, proxy, server.caller, text);
      sites[text] = site;
    }
    if (site === null) return false;
    this.#depart(site, this.run.upstream.workerOf(server, site.proxy), load, segment, parent, tag);
    return true;
  }

  #depart(site: Site, worker: number, load: number, segment: number, parent: number, tag: number): void {
    const { run } = this;
    const target = site.targets.length === 1 ? site.targets[0]! : this.#drawTarget(site);
    const { cluster } = target;
    const context = cluster.picksByContext ? this.#contextOf(target) : null;
    const host = cluster.balancers[worker]!.chooseHost(null, context);
    const core = this.#core;
    const pool = host === NO_HOST ? -1 : cluster.poolOf(worker, host);
    const connection = pool < 0 ? -1 : core.readyConnection(pool, target.breaker, target.pools);
    if (connection < 0) return this.#handOver.picked(target, worker, host, load, segment, parent, tag);
    const index = core.connections.cells[connection * c.ROW + c.SERVER]!;
    const server = this.#servers[index]!;
    const wayNs = this.#network.delayOrCut(target.place, server.place, site.bytes);
    if (wayNs === CUT) return this.#handOver.picked(target, worker, host, load, segment, parent, tag);

    core.beginStream(connection, target.breaker, target.pools);
    target.activeRequests[host]!++;
    if (target.detector !== null) target.detector.onLocalOriginConnectSuccess(host);
    this.#tallyOf(target, load, segment);
    if (target.index < 0) target.index = this.targets.push(target) - 1;
    const { rows } = this;
    const row = rows.take();
    const { cells } = rows;
    const at = row * f.ROW;
    cells[at + f.PHASE] = f.ON_ITS_WAY;
    cells[at + f.TARGET] = target.index;
    cells[at + f.HOST] = host;
    cells[at + f.SERVER] = index;
    cells[at + f.CONNECTION] = connection;
    cells[at + f.LOAD] = load;
    cells[at + f.SEGMENT] = segment;
    cells[at + f.PARENT] = parent;
    cells[at + f.TAG] = tag;
    cells[at + f.SEQUENCE] = run.nextSequence();
    rows.startNs[row * f.START_STRIDE + f.START] = this.#clock[0]!;
    if (parent >= 0) cells[parent * f.ROW + f.NEXT] = row;
    cells[at + f.TIMER] = target.hasTwoTimers
      ? this.#simulation.armTwo(target.timeoutLane, target.tryTimeoutLane, -1 - row)
      : this.#armOne(row, target);
    if (wayNs === 0) this.#arrive(row);
    else this.#simulation.post(wayNs, EXPRESS_ARRIVES, row);
  }

  #contextOf({ metadataMatch }: Target): PickContext {
    const context = this.#context;
    context.metadataMatch = metadataMatch;
    context.nowNs = this.#clock[0]!;
    return context;
  }

  /** Timers are for rows r as -1 - r, and for calls and attempts from 0 on. */
  #armOne(row: number, { timeoutLane, tryTimeoutLane }: Target): number {
    const lane = timeoutLane >= 0 ? timeoutLane : tryTimeoutLane;
    return lane < 0 ? 0 : this.#simulation.arm(lane, -1 - row);
  }

  // ------------------------------------------------------------------------------------------------------------- at the server
  readonly #arrive = (row: number): void => {
    const { cells } = this.rows;
    const at = row * f.ROW;
    const upstream = this.#upstream;
    if (cells[at + f.PHASE] === f.HANDED_OVER) return upstream.arrive(this.#attemptOf(row));
    const server = this.#servers[cells[at + f.SERVER]!]!;
    if (server.mode !== null && server.mode.mode !== 'ok') return upstream.arrive(this.#leave(row));
    cells[at + f.STATUS] = upstream.enter(server);
    if (server.busy < server.places) this.work(server, row);
    else {
      cells[at + f.PHASE] = f.WAITS;
      upstream.wait(server, -2 - row);
    }
  };

  /** The request has a place at the server. */
  work(server: ServerState, row: number): void {
    this.rows.cells[row * f.ROW + f.PHASE] = f.IS_SERVED;
    this.#simulation.post(this.#upstream.serviceNs(server), EXPRESS_DONE, row);
  }

  readonly #done = (row: number): void => {
    const { cells } = this.rows;
    const at = row * f.ROW;
    const index = cells[at + f.SERVER]!;
    this.#simulation.note(SERVICE_DONE, index);
    if (cells[at + f.PHASE] === f.HANDED_OVER) return this.#upstream.serviceDone(this.#jobOf(row));
    const server = this.#servers[index]!;
    const { respond } = server;
    cells[at + f.LINES] = 0;
    if (respond !== null && server.isHit(respond)) return this.#answer(row, server, respond.status);
    const planned = cells[at + f.STATUS]!;
    if (planned >= 400) return this.#answer(row, server, planned);
    if (server.failsByChance()) return this.#answer(row, server, server.behaviour.errorStatus ?? 500);
    if (server.script.length === 0) {
      cells[at + f.LINES] = server.lines[cells[at + f.LOAD]!]!;
      return this.#answer(row, server, planned || server.okStatus);
    }
    this.rows.more[row * f.MORE + f.TRIES] = 0;
    this.rows.more[row * f.MORE + f.STEP] = 0;
    this.#proceed(row, server);
  };

  readonly #slept = (row: number): void => {
    const { cells } = this.rows;
    const at = row * f.ROW;
    const index = cells[at + f.SERVER]!;
    this.run.simulation.note(SLEEP_DONE, index);
    if (cells[at + f.PHASE] === f.HANDED_OVER) return this.run.upstream.proceed(this.#jobOf(row));
    this.#proceed(row, this.run.servers.all[index]!);
  };

  /** Runs the script from its next step on. */
  #proceed(row: number, server: ServerState): void {
    const { cells, more } = this.rows;
    const at = row * f.ROW;
    const index = more[row * f.MORE + f.STEP]!;
    const step = server.script[index];
    cells[at + f.PHASE] = f.IN_SCRIPT;
    cells[at + f.NEXT] = -1;
    if (step === undefined) {
      cells[at + f.LINES]! += server.lines[cells[at + f.LOAD]!]!;
      return this.#answer(row, server, cells[at + f.STATUS]! || server.okStatus, true);
    }
    if ('sleepNs' in step) {
      more[row * f.MORE + f.STEP] = index + 1;
      cells[at + f.PHASE] = f.SLEEPS;
      this.run.simulation.post(step.sleepNs, EXPRESS_SLEPT, row);
      return;
    }
    if (step.calls.length === 1) {
      more[row * f.MORE + f.STEP] = index + 1;
      const { request } = step.calls[0]!;
      const load = cells[at + f.LOAD]!;
      if (this.callOf(server, request, load, cells[at + f.SEGMENT]!, row, index * 256)) return;
      more[row * f.MORE + f.STEP] = index;
    }
    this.#handOver.of(row);
    this.run.upstream.proceed(this.#handOver.job);
  }

  /** The call that the row's script has out is answered. */
  #callReturned(row: number, status: number, tries: number, lines: number): void {
    const { cells, more } = this.rows;
    const { servers, upstream } = this.run;
    const server = servers.all[cells[row * f.ROW + f.SERVER]!]!;
    more[row * f.MORE + f.TRIES]! += tries;
    if (status < 500 && status !== 0) cells[row * f.ROW + f.LINES]! += lines;
    else {
      const step = (more[row * f.MORE + f.STEP]! - 1) * 256;
      const failed = upstream.statusOfFailure(server, step, status);
      if (failed !== 0) return this.#answer(row, server, failed, true);
    }
    this.#proceed(row, server);
  }

  #answer(row: number, server: ServerState, status: number, isOfScript = false): void {
    const { cells } = this.rows;
    const at = row * f.ROW;
    const { place } = this.targets[cells[at + f.TARGET]!]!;
    cells[at + f.STATUS] = status;
    cells[at + f.PHASE] = isOfScript ? f.RETURNS_FROM_SCRIPT : f.RETURNS;
    if (status >= 400) cells[at + f.LINES] = 0;
    this.#upstream.leave(server);
    const wayNs = this.#network.delayOrCut(server.place, place, server.responseBytes);
    if (wayNs === CUT) return this.#upstream.sendBack(this.#leave(row));
    this.#simulation.post(wayNs, EXPRESS_ANSWERED, row);
  }

  // -------------------------------------------------------------------------------------------------------- back at the proxy
  readonly #answered = (row: number): void => {
    const { run, rows } = this;
    const { cells } = rows;
    const at = row * f.ROW;
    const index = cells[at + f.SERVER]!;
    this.#simulation.note(OUTCOME_ARRIVES, index);
    if (cells[at + f.PHASE] === f.HANDED_OVER) return run.outcomeArrived(this.#attemptOf(row));
    const target = this.targets[cells[at + f.TARGET]!]!;
    const server = this.#servers[index]!;
    const status = cells[at + f.STATUS]!;
    if (target.retry !== null && retriesOnStatus(target.retry, status, server.headers))
      return run.outcomeArrived(this.#leave(row));
    const timer = cells[at + f.TIMER]!;
    if (target.hasTwoTimers) this.#simulation.disarmTwo(timer);
    else if (timer !== 0) this.#simulation.disarm(timer);
    const host = cells[at + f.HOST]!;
    target.activeRequests[host]!--;
    if (target.detector !== null) {
      const code = target.cluster.countedAs(server.outlierCode(status));
      if (code < 500) target.detector.onGoodCode(host);
      else target.detector.onHttpCode(host, code, this.#clock[0]!);
    }
    this.#core.endStream(cells[at + f.CONNECTION]!, target.breaker, target.pools, false);
    target.pools.counters[RQ_COMPLETED]!++;
    const load = cells[at + f.LOAD]!;
    const segment = cells[at + f.SEGMENT]!;
    const latencyNs = small(this.#clock[0]! - rows.startNs[row * f.START_STRIDE + f.START]!);
    const tally = this.#tallyOf(target, load, segment);
    const parent = cells[at + f.PARENT]!;
    const tag = cells[at + f.TAG]!;
    const lines = cells[at + f.LINES]!;
    const tries = cells[at + f.PHASE] === f.RETURNS_FROM_SCRIPT ? 1 + rows.more[row * f.MORE + f.TRIES]! : 1;
    rows.give(row);
    if (parent === f.NOBODY) {
      tally.requestDone(index, status, latencyNs, tries, status < 400 ? lines : 0);
      run.loads.ended(load, tag, 0);
      return;
    }
    tally.answered(index, status, latencyNs);
    if (parent >= 0) this.#callReturned(parent, status, tries, lines);
    else {
      run.upstream.callReturned(-2 - parent, tag, status, tries, lines);
      run.upstream.proceedAfterCall(-2 - parent);
    }
  };

  /** The route's timer of a row is up. @returns the call that the row is now */
  timedOut(row: number): number {
    const attempt = this.#handOver.of(row, this.rows.cells[row * f.ROW + f.TIMER]!);
    return this.run.attempts.call[attempt]!;
  }

  /** The try's timer of a row is up. @returns the attempt that the row is now */
  tryTimedOut(row: number): number {
    const timer = this.rows.cells[row * f.ROW + f.TIMER]!;
    const { hasTwoTimers } = this.targets[this.rows.cells[row * f.ROW + f.TARGET]!]!;
    return this.#handOver.of(row, hasTwoTimers ? this.#simulation.second(timer) : timer);
  }

  // ---------------------------------------------------------------------------------------------------------------- look-ups
  #drawTarget(site: Site): Target {
    const { cumulativeWeights } = site.route;
    const last = cumulativeWeights.length - 1;
    const value = site.proxy.draw.uint32() % Math.max(1, cumulativeWeights[last]!);
    let choice = 0;
    while (choice < last && value >= cumulativeWeights[choice]!) choice++;
    return site.targets[choice]!;
  }

  #tallyOf(target: Target, load: number, segment: number): Tally {
    const key = segment * this.#loads + load;
    if (target.tallyKey !== key || target.tally === null) {
      const { recorder } = this.run;
      target.tally = recorder.rowOf(recorder.tally(segment, load, target.site.caller, target.service));
      target.tallyKey = key;
    }
    return target.tally;
  }

  /** Hands over a row that has no event pending. @returns its attempt */
  #leave(row: number): number {
    this.#handOver.of(row);
    return this.#attemptOf(row);
  }

  /** Of a row that has been handed over: its attempt, or its job. The row is free after this. */
  #attemptOf(row: number): number {
    const attempt = this.rows.cells[row * f.ROW + f.ATTEMPT]!;
    this.rows.give(row);
    return attempt;
  }

  #jobOf(row: number): number {
    const job = this.rows.cells[row * f.ROW + f.JOB]!;
    this.rows.give(row);
    return job;
  }

  /** Queues of servers are linked through waiting rows. */
  nextOf(row: number): number {
    return this.rows.cells[row * f.ROW + f.NEXT]!;
  }

  setNext(row: number, next: number): void {
    this.rows.cells[row * f.ROW + f.NEXT] = next;
  }
}
