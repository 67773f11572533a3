// Straight running: while one request is under way at a time, the next event is always known, so a request is walked through from its
// arrival to its answer without the queue. It is the same simulation: the same draws in the same order, the same counters, pools and
// balancers, the same events in the digest; what else is due meanwhile (timers, updates) comes out of the queue at its time. Where a
// request would leave the ordinary way (an error, a refusal, a timeout, another request meanwhile) a Surprise ends the attempt and the
// run is begun anew with events. An action that makes the extraordinary likely switches to events before it can happen. Once all is in use
// and nothing but answers can come, requests are decided without being walked through like this: see routing/routing.ts.
//
// One request: request() -> #call() at its proxy: pick, connection, way there -> #serve(): service time, calls of the script, each again
// a #call() -> way back, counted.

import { NO_HOST } from '../../envoy/host-set.ts';
import type { PickContext } from '../../envoy/lb/balancer.ts';
import type { ActionSpec } from '../../world.ts';
import type { ClusterState } from '../cluster-state.ts';
import { RQ_COMPLETED } from '../cluster-stats.ts';
import { CX_TOTAL, RQ_TOTAL } from '../connection-pool.ts';
import * as c from '../connection-row.ts';
import { ATTEMPT_ARRIVES, OUTCOME_ARRIVES, SERVICE_DONE, SLEEP_DONE } from '../events.ts';
import * as p from '../pool-row.ts';
import type { ProxyState } from '../proxy-state.ts';
import type { Tally } from '../recorder.ts';
import type { Routing } from '../routing/routing.ts';
import type { RunContext } from '../run-context.ts';
import { small } from '../small.ts';
import {
  type CallSite,
  callSite,
  checkAnswer,
  type ServerPlan,
  Surprise,
  serverPlan,
  type Target,
} from './call-site.ts';

export class Straight {
  /** Calls under way, one inside the other. */
  #depth = 0;
  /** By proxy: 1 = one of its calls is under way. */
  readonly #isBusy: Uint8Array;
  readonly #plans: (ServerPlan | undefined)[] = [];
  /** Where the loads' requests enter, by text; several where several proxies or applications send it. */
  readonly #entries: CallSite[][] = [];
  /** Of the answer that came last. */
  #lines = 0;
  #status = 0;
  /** Attempt that waits for its connection, -1 = none. */
  #awaited = -1;
  readonly #context: PickContext = {
    hasHash: false,
    hashHi: 0,
    hashLo: 0,
    metadataMatch: undefined,
    retryLoads: null,
    nowNs: 0,
  };

  readonly #clock: Float64Array;
  /** Decides requests without walking them through where it can; null = it shall not. */
  routing: Routing | null = null;

  constructor(readonly run: RunContext) {
    this.#clock = run.simulation.clock;
    this.#isBusy = new Uint8Array(run.proxies.length);
  }

  /** A user's request from its arrival to its answer. Afterwards the clock stands at the answer. @throws Surprise */
  request(
    load: number,
    segment: number,
    proxy: ProxyState,
    caller: number,
    worker: number,
    text: number,
  ): void {
    this.expectIdle();
    const { recorder } = this.run;
    const clock = this.#clock;
    const startNs = clock[0]!;
    const tries = this.#call(this.#entry(proxy, caller, text), worker, load, segment);
    const latencyNs = small(clock[0]! - startNs);
    recorder.requestDone(load, segment, this.#status, 0, latencyNs, tries, this.#lines);
  }

  /** An arrival or an action must not come while a request is under way. @throws Surprise */
  expectIdle(): void {
    if (this.#depth > 0) throw new Surprise('two things at once');
  }

  /** What was looked up may hold no longer. @returns false when it is time for events */
  actionTaken(spec: ActionSpec): boolean {
    this.#plans.length = 0;
    this.#entries.length = 0;
    switch (spec.kind) {
      case 'serverMode':
        return spec.mode === 'ok';
      case 'serverRespond':
        return spec.status === null;
      case 'serverSlow':
        return spec.byNs === 0;
      case 'partition':
        return !spec.isOn;
      case 'serverLost':
      case 'restartProxy':
        return false;
      default:
        return true;
    }
  }

  /** The attempt has its connection. */
  attached(attempt: number): void {
    if (attempt === this.#awaited) this.#awaited = -1;
  }

  /** One call at its proxy. @returns the tries of the whole tree below it */
  #call(site: CallSite, worker: number, load: number, segment: number): number {
    const { run } = this;
    const { simulation, network } = run;
    const clock = this.#clock;
    const { proxy } = site;
    const startNs = clock[0]!;
    this.#depth++;
    if (this.#isBusy[proxy.index] === 1) throw new Surprise('a proxy calls while it calls');
    this.#isBusy[proxy.index] = 1;
    const target = site.targets.length === 1 ? site.targets[0]! : this.#draw(site);
    const { cluster } = target;
    const row = this.#rowOf(target, site.caller, load, segment);
    const context = this.#context;
    context.metadataMatch = target.metadataMatch;
    context.nowNs = startNs;
    const host = cluster.balancers[worker]!.chooseHost(null, context);
    const index = host === NO_HOST ? -1 : cluster.hostServer[host]!;
    if (index < 0) throw new Surprise('nobody to send to');
    const plan = this.#plans[index] ?? this.#planOf(index);
    if (target.fits[index] === 0) {
      checkAnswer(site.route, plan);
      target.fits[index] = 1;
    }

    const connection = this.#readyConnection(cluster, worker, host);
    let attempt = -1;
    if (connection < 0) attempt = this.#connect(site, cluster, worker, host, index, row);
    else {
      cluster.poolSettings.counters[RQ_TOTAL]!++;
      const { connections } = run.pools.core;
      connections.cells[connection * c.ROW + c.LEFT]!--;
      connections.cells[connection * c.ROW + c.ACTIVE]!++;
    }
    const sentNs = clock[0]!;
    const { detector } = cluster;
    if (detector !== null) detector.onLocalOriginConnectSuccess(host);
    const { place } = plan.server;
    if (network.isCut(proxy.place, place)) throw new Surprise('a cut');
    const wayNs = network.delay(proxy.place, place, site.bytes);
    if (wayNs !== 0) simulation.pass(wayNs, ATTEMPT_ARRIVES, index);

    const tries = 1 + this.#serve(plan, load, segment);
    simulation.pass(network.delay(place, proxy.place, plan.responseBytes), OUTCOME_ARRIVES, index);

    const nowNs = clock[0]!;
    if (nowNs - startNs >= site.timeoutNs || nowNs - sentNs >= site.tryTimeoutNs)
      throw new Surprise('a timeout');
    if (detector !== null)
      detector.onHttpCode(host, cluster.countedAs(plan.server.outlierCode(plan.status)), nowNs);
    if (attempt < 0) this.#rest(connection);
    else {
      run.pools.streamEnded(attempt, false);
      run.attempts.give(attempt);
    }
    cluster.poolSettings.counters[RQ_COMPLETED]!++;
    row.answered(index, plan.status, small(nowNs - startNs));
    this.#isBusy[proxy.index] = 0;
    this.#depth--;
    return tries;
  }

  /** The server's work and the calls of its script, one after the other. @returns the tries of its calls */
  #serve(plan: ServerPlan, load: number, segment: number): number {
    const { simulation, upstream } = this.run;
    const { server, steps } = plan;
    if (++server.active > 1) throw new Surprise('a server calls itself');
    if (server.maxActive === 0) server.maxActive = 1;
    if (++upstream.active > upstream.maxActive) upstream.maxActive = upstream.active;
    server.served++;
    simulation.pass(plan.fixedNs < 0 ? server.latency(server.draw) : plan.fixedNs, SERVICE_DONE, plan.index);
    let tries = 0;
    let lines = server.lines[load]!;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i]!;
      if (step.request < 0) simulation.pass(step.sleepNs, SLEEP_DONE, plan.index);
      else {
        const site = step.site ?? this.#siteOfStep(plan, i);
        tries += this.#call(site, this.run.upstream.workerOf(server, site.proxy), load, segment);
        lines += this.#lines;
      }
    }
    server.active--;
    upstream.active--;
    this.#lines = lines;
    this.#status = plan.status;
    return tries;
  }

  // ------------------------------------------------------------------------------------------------------------- connections
  /** A ready connection that one stream more or less does not change; -1 = there is none. */
  #readyConnection(cluster: ClusterState, worker: number, host: number): number {
    const pool = cluster.poolOf(worker, host);
    if (pool < 0) return -1;
    const { pools, connections } = this.run.pools.core;
    const ready = pools.cells[pool * p.ROW + p.READY_HEAD]!;
    return ready >= 0 &&
      connections.cells[ready * c.ROW + c.LEFT]! > connections.cells[ready * c.ROW + c.LIMIT]! &&
      pools.cells[pool * p.ROW + p.IS_DRAINING] === 0
      ? ready
      : -1;
  }

  #rest(connection: number): void {
    const { core } = this.run.pools;
    const { connections, pools } = core;
    connections.cells[connection * c.ROW + c.ACTIVE]!--;
    connections.doubles[connection * c.DOUBLES + c.IDLE_SINCE] = this.#clock[0]!;
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    if (pools.cells[pool * p.ROW + p.WATCHES_IDLE] === 0) this.run.pools.idle(connection, pool);
  }

  /** The long way: through the pool, which may open a connection; events go on until it is there. @returns the attempt */
  #connect(
    site: CallSite,
    cluster: ClusterState,
    worker: number,
    host: number,
    server: number,
    row: Tally,
  ): number {
    const { attempts, pools, simulation } = this.run;
    const attempt = attempts.take();
    attempts.call[attempt] = -1;
    attempts.cluster[attempt] = cluster.index;
    attempts.worker[attempt] = worker;
    attempts.host[attempt] = host;
    attempts.server[attempt] = server;
    attempts.from[attempt] = site.proxy.place;
    attempts.outcome[attempt] = 0;
    attempts.connection[attempt] = -1;
    attempts.pool[attempt] = -1;
    attempts.breaker[attempt] = site.route.breaker;
    attempts.isRequestOverflow[attempt] = 0;
    const { counters } = cluster.poolSettings;
    const before = counters[CX_TOTAL]!;
    this.#awaited = attempt;
    pools.newStream(attempt);
    row.connections += counters[CX_TOTAL]! - before;
    while (this.#awaited >= 0) if (!simulation.runOne()) throw new Surprise('no connection');
    return attempt;
  }

  // ----------------------------------------------------------------------------------------------------------------- look-ups
  #draw(site: CallSite): Target {
    const { cumulativeWeights } = site.route;
    const last = cumulativeWeights.length - 1;
    const value = site.proxy.draw.uint32() % Math.max(1, cumulativeWeights[last]!);
    let choice = 0;
    while (choice < last && value >= cumulativeWeights[choice]!) choice++;
    return site.targets[choice]!;
  }

  #rowOf(target: Target, caller: number, load: number, segment: number): Tally {
    const { recorder, spec } = this.run;
    const key = segment * spec.loads.length + load;
    if (target.rowKey !== key || target.row === null) {
      target.row = recorder.rowOf(recorder.tally(segment, load, caller, target.service));
      target.rowKey = key;
    }
    return target.row;
  }

  /** What has been looked up of a server, and of a place where requests enter. */
  knownPlan(index: number): ServerPlan | undefined {
    return this.#plans[index];
  }

  knownEntry(proxy: ProxyState, caller: number, text: number): CallSite | undefined {
    return this.#entries[text]?.find((site) => site.caller === caller && site.proxy === proxy);
  }

  #planOf(index: number): ServerPlan {
    const plan = serverPlan(this.run.servers.all[index]!, index);
    this.#plans[index] = plan;
    return plan;
  }

  #entry(proxy: ProxyState, caller: number, text: number): CallSite {
    this.#entries[text] ??= [];
    const known = this.#entries[text];
    for (let i = 0; i < known.length; i++) {
      const site = known[i]!;
      if (site.caller === caller && site.proxy === proxy) return site;
    }
    const site = callSite(this.run, proxy, caller, text);
    known.push(site);
    return site;
  }

  #siteOfStep(plan: ServerPlan, i: number): CallSite {
    const { server, steps } = plan;
    const { proxies, texts } = this.run;
    const step = steps[i]!;
    const proxy = server.spec.sidecar === undefined ? undefined : proxies[server.spec.sidecar];
    if (proxy === undefined || proxy.isUnconfigured || texts.texts[step.request]!.isUnresolved)
      throw new Surprise('a call without a proxy');
    step.site = callSite(this.run, proxy, server.caller, step.request);
    return step.site;
  }
}
