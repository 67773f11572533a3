// Everything that belongs to one run, and how its parts find each other. Handlers are named by event kind in bind().
import { Streams } from '../../engine/random.ts';
import { Simulation } from '../../engine/simulation.ts';
import type { WorldSpec } from '../world.ts';
import { Actions } from './actions.ts';
import type { ClusterState } from './cluster-state.ts';
import type { CompiledRoute } from './compiled-route.ts';
import { Direct } from './direct.ts';
import * as kind from './events.ts';
import { Express } from './express/express.ts';
import { Forwarding } from './forwarding.ts';
import { CHECKED_HOSTS } from './health-checks.ts';
import { Loads, USERS } from './loads.ts';
import { Network } from './network.ts';
import { Pools } from './pools.ts';
import { PRIORITIES } from './priority-updates.ts';
import { ProxyState } from './proxy-state.ts';
import { Recorder } from './recorder.ts';
import { type RequestText, RequestTexts } from './request-texts.ts';
import { Router } from './router.ts';
import { Sampler } from './sampler.ts';
import { Series } from './series.ts';
import { Straight } from './straight/straight.ts';
import { AttemptTable, CallTable, JobTable } from './tables.ts';
import { Servers, Upstream } from './upstream.ts';

export class RunContext {
  readonly simulation: Simulation;
  readonly streams: Streams;
  readonly calls = new CallTable(32);
  readonly attempts = new AttemptTable(32);
  readonly jobs = new JobTable(32);
  readonly texts = new RequestTexts();
  readonly routes: CompiledRoute[] = [];
  readonly clusters: ClusterState[] = [];
  /** Compiled `grep` of each load, null = none. */
  readonly greps: (RegExp | null)[];
  readonly network: Network;
  readonly recorder: Recorder;
  readonly sampler: Sampler;
  readonly router: Router;
  readonly direct: Direct;
  readonly forwarding: Forwarding;
  readonly pools: Pools;
  readonly upstream: Upstream;
  readonly servers: Servers;
  readonly proxies: ProxyState[];
  readonly loads: Loads;
  readonly actions: Actions;
  /** Walks requests through without the queue; null = events. */
  straight: Straight | null = null;
  /** Carries ordinary requests; null = none are, because every step of theirs is asked for. */
  readonly express: Express | null;
  /** What became of it, for reports. */
  path = 'events';

  mirrorsOpen = 0;
  #sent = 0;
  readonly #byAddress = new Map<string, number>();
  #segment = 0;
  readonly #lastSegment: number;

  /** @param options.straight walk requests through as long as that is the same  @param options.express false = without Express */
  constructor(
    readonly spec: WorldSpec,
    options: { straight?: boolean; express?: boolean } = {},
  ) {
    this.simulation = new Simulation();
    this.#lastSegment = spec.breakpointsNs.length;
    this.streams = new Streams(spec.seed, spec.replication);
    this.greps = spec.loads.map((load) => (load.grep ? new RegExp(load.grep) : null));
    this.network = new Network(spec.oneWayDelayNs, this.streams.stream('network'), this.simulation);
    this.recorder = new Recorder(
      spec.loads.map((load) => load.name),
      spec.breakpointsNs.length + 1,
      spec.servers.length,
      spec.series
        ? new Series(
            spec.loads.length,
            spec.series.bins,
            this.simulation,
            spec.series.groupOf ?? ((name) => name),
          )
        : null,
    );
    for (const [index, server] of spec.servers.entries())
      for (const { address, port } of server.addresses) this.#byAddress.set(`${address}:${port}`, index);
    this.sampler = new Sampler(this, spec.sampleRequests ?? 0, spec.loads.length);
    this.router = new Router(this);
    this.direct = new Direct(this);
    this.forwarding = new Forwarding(this);
    this.pools = new Pools(this);
    this.upstream = new Upstream(this);
    this.servers = new Servers(this, spec.servers);
    this.proxies = spec.proxies.map((proxy, index) => new ProxyState(this, proxy, index));
    this.loads = new Loads(this, spec.loads);
    this.actions = new Actions(this, spec.actions);
    this.network.seal();
    this.express = options.express === false || spec.series !== undefined ? null : new Express(this);
    this.#bind();
    this.express?.bind();
    if (options.straight) {
      this.straight = new Straight(this);
      this.path = 'straight';
    }
    for (const proxy of this.proxies) proxy.createEarly();
  }

  /** From now on with events; while no request is under way. */
  endStraight(): void {
    this.straight = null;
    this.path =
      this.simulation.nowNs > 0 ? `straight until ${this.simulation.nowNs / 1e9} s, then events` : 'events';
  }

  /** Index into servers of what listens at "address:port", -1 = nothing. */
  serverAt(address: string): number {
    return this.#byAddress.get(address) ?? -1;
  }

  /** Name of a call's service when no cluster is involved. */
  hostOfKubeProxy(text: RequestText): string {
    const name = text.kubeProxy;
    return name === '' ? text.host.replace(/:\d+$/, '') : name.slice(name.indexOf('/') + 1);
  }

  /** Segment of the present moment. */
  segmentNow(): number {
    if (this.#segment < this.#lastSegment) this.#advance();
    return this.#segment;
  }

  #advance(): void {
    const { breakpointsNs } = this.spec;
    while (this.#segment < this.#lastSegment && this.simulation.nowNs >= breakpointsNs[this.#segment]!)
      this.#segment++;
  }

  /**
   * A call with nothing done yet. Not written: what the router sets when it finds the route, and timers and the retry's slot, which
   * are at rest in a free row, because the end of every call puts them there.
   */
  newCall(): number {
    const { calls } = this;
    const call = calls.take();
    calls.startNs[call] = this.simulation.nowNs;
    calls.tally[call] = -1;
    calls.route[call] = -1;
    calls.cluster[call] = -1;
    calls.attempts[call] = 0;
    calls.attempt[call] = -1;
    calls.flags[call] = 0;
    calls.server[call] = -1;
    calls.lines[call] = 0;
    calls.tries[call] = 0;
    calls.setsCookie[call] = 0;
    calls.connection[call] = 0;
    calls.isFaulted[call] = 0;
    calls.triedCount[call] = 0;
    calls.sample[call] = -1;
    calls.hasHash[call] = 0;
    calls.isMirror[call] = 0;
    return call;
  }

  /** A call has its answer: counted, and told to whoever made it. */
  callDone(call: number, status: number): void {
    const { calls, recorder } = this;
    if (calls.isMirror[call] === 1) {
      this.mirrorsOpen--;
      calls.give(call);
      return;
    }
    const latencyNs = this.simulation.nowNs - calls.startNs[call]!;
    recorder.callDone(
      calls.tally[call]!,
      calls.server[call]!,
      status,
      calls.flags[call]!,
      calls.attempts[call]!,
      latencyNs,
    );
    if (this.sampler.isSampled(call)) this.sampler.callDone(call, status);
    const job = calls.job[call]!;
    if (job >= 0)
      this.upstream.callReturned(job, calls.step[call]!, status, calls.tries[call]!, calls.lines[call]!);
    else {
      recorder.requestDone(
        calls.load[call]!,
        calls.segment[call]!,
        status,
        calls.flags[call]!,
        latencyNs,
        calls.tries[call]!,
        status > 0 && status < 400 ? calls.lines[call]! : 0,
      );
      this.loads.requestDone(call);
    }
    // Before the next call takes a row: calls one inside the other keep to the same few rows.
    calls.give(call);
    if (job >= 0) this.upstream.proceedAfterCall(job);
  }

  /** At the end: requests that were never answered count as answered by nobody, with status 0. */
  answerNobody(): void {
    const { calls, recorder } = this;
    this.express?.handOverAll();
    if (calls.size === 0) return;
    for (const call of this.#underWay()) {
      const latencyNs = this.simulation.nowNs - calls.startNs[call]!;
      if (calls.tally[call]! >= 0)
        recorder.callDone(calls.tally[call]!, -1, 0, calls.flags[call]!, calls.attempts[call]!, latencyNs);
      if (calls.job[call] === -1)
        recorder.requestDone(
          calls.load[call]!,
          calls.segment[call]!,
          0,
          calls.flags[call]!,
          latencyNs,
          calls.tries[call]!,
          0,
        );
    }
  }

  /** The number of the attempt that is sent now. */
  nextSequence(): number {
    this.#sent = (this.#sent + 1) | 0;
    return this.#sent;
  }

  /** What became of an attempt reaches its caller. */
  outcomeArrived(attempt: number): void {
    const { attempts, sampler } = this;
    const call = attempts.call[attempt]!;
    if (call >= 0 && sampler.isSampled(call)) sampler.attemptEnded(attempt, attempts.outcome[attempt]!);
    if (attempts.cluster[attempt]! >= 0) this.router.outcomeArrived(attempt);
    else this.direct.outcomeArrived(attempt);
  }

  *#underWay(): Generator<number> {
    for (const call of this.calls.takenRows()) if (this.calls.isMirror[call] === 0) yield call;
  }

  #bind(): void {
    const { simulation, router, pools, upstream, loads, clusters, attempts, calls, jobs } = this;
    const onAttempt = (what: number, handle: (attempt: number) => void) =>
      simulation.on(what, (attempt) => {
        simulation.note(what, attempts.server[attempt]!);
        handle(attempt);
      });
    const onCall = (what: number, handle: (call: number) => void) =>
      simulation.on(what, (call) => {
        simulation.note(what, calls.load[call]!);
        handle(call);
      });
    const onJob = (what: number, handle: (job: number) => void) =>
      simulation.on(what, (job) => {
        simulation.note(what, jobs.server[job]!);
        handle(job);
      });
    simulation.on(kind.LOAD_ARRIVAL, (load) => loads.arrival(load));
    onAttempt(kind.ATTEMPT_ARRIVES, (attempt) => upstream.arrive(attempt));
    onJob(kind.SERVICE_DONE, (job) => upstream.serviceDone(job));
    onAttempt(kind.OUTCOME_ARRIVES, (attempt) => this.outcomeArrived(attempt));
    onCall(kind.BACKOFF_DONE, (call) => router.backoffDone(call));
    const onTimeout = (what: number, handle: (call: number) => void) =>
      simulation.on(what, (arg) => {
        const call = arg >= 0 ? arg : this.express!.timedOut(-1 - arg);
        simulation.note(what, calls.load[call]!);
        handle(call);
      });
    onTimeout(kind.ROUTE_TIMEOUT, (call) => router.routeTimedOut(call));
    onTimeout(kind.STREAM_IDLE, (call) => router.streamIdle(call));
    simulation.on(kind.TRY_TIMEOUT, (arg) => {
      const attempt = arg >= 0 ? arg : this.express!.tryTimedOut(-1 - arg);
      simulation.note(kind.TRY_TIMEOUT, attempts.server[attempt]!);
      router.tryTimedOut(attempt);
    });
    simulation.on(kind.CONNECT_TIMEOUT, (connection) => pools.connectTimedOut(connection));
    simulation.on(kind.CONNECTED, (connection) => pools.connected(connection));
    simulation.on(kind.IDLE_TIMEOUT, (pool) => pools.idleExpired(pool));
    simulation.on(kind.CONNECTION_AGED, (connection) => pools.aged(connection));
    simulation.on(kind.CONNECTION_LOST, (connection) => pools.connectionLost(connection));
    simulation.on(kind.HEALTH_CHECK, (arg) =>
      clusters[Math.floor(arg / CHECKED_HOSTS)]!.checker!.check(arg % CHECKED_HOSTS),
    );
    simulation.on(kind.HEALTH_CHECKED, (arg) =>
      clusters[Math.floor(arg / CHECKED_HOSTS)]!.checker!.checked(arg % CHECKED_HOSTS),
    );
    simulation.on(kind.OUTLIER_TICK, (cluster) => clusters[cluster]!.tick());
    simulation.on(kind.MERGE_FLUSH, (arg) =>
      clusters[Math.floor(arg / PRIORITIES)]!.mergeFlush(arg % PRIORITIES),
    );
    simulation.on(kind.ACTION, (action) => this.actions.run(action));
    onCall(kind.FAULT_DELAY_DONE, (call) => router.faultDelayDone(call));
    onJob(kind.SLEEP_DONE, (job) => upstream.proceed(job));
    simulation.on(kind.USER_THOUGHT, (arg) => loads.userThought(Math.floor(arg / USERS), arg % USERS));
    simulation.on(kind.LOAD_ENDS, (load) => loads.lingered(load));
  }
}
