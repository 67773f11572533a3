// The servers: what reaches them waits for a place, is worked on, runs its script of further calls, and is answered.
import type { ServerBehaviour, ServerSpec } from '../world.ts';
import { ATTEMPT_ARRIVES, OUTCOME_ARRIVES, SERVICE_DONE, SLEEP_DONE } from './events.ts';
import { CONNECTION_TERMINATED, NEVER } from './outcomes.ts';
import type { ProxyState } from './proxy-state.ts';
import type { RunContext } from './run-context.ts';
import { ServerState } from './server-state.ts';

export class Upstream {
  /** Requests under way at all servers, now and at most. */
  active = 0;
  maxActive = 0;

  constructor(readonly run: RunContext) {}

  /** Puts the request of an attached attempt on its way. */
  send(attempt: number): void {
    const { attempts, network, servers, simulation } = this.run;
    const server = servers.all[attempts.server[attempt]!]!;
    if (network.isCut(attempts.from[attempt]!, server.place)) return this.#never(attempt);
    const { bytes } = this.run.texts.texts[attempts.request[attempt]!]!;
    const delay = network.delay(attempts.from[attempt]!, server.place, bytes);
    if (delay === 0) this.arrive(attempt);
    else simulation.post(delay, ATTEMPT_ARRIVES, attempt);
  }

  #never(attempt: number): void {
    const { attempts, calls, router } = this.run;
    const call = attempts.call[attempt]!;
    attempts.outcome[attempt] = NEVER;
    if (call === -1) attempts.give(attempt);
    else if (calls.proxy[call]! >= 0) router.neverAnswered(call);
  }

  arrive(attempt: number): void {
    const { attempts, jobs, servers } = this.run;
    const index = attempts.server[attempt]!;
    const server = servers.all[index]!;
    if (attempts.isMirror[attempt] === 1) server.mirrored++;
    if (server.mode && server.mode.mode !== 'ok' && server.isHit(server.mode)) {
      if (server.mode.mode === 'hang' || server.mode.mode === 'blackhole') return this.#never(attempt);
      if (server.mode.mode === 'resetOnAccept') this.run.sampler.unread(attempt);
      attempts.outcome[attempt] = CONNECTION_TERMINATED;
      this.sendBack(attempt);
      return;
    }
    const job = jobs.take();
    jobs.attempt[job] = attempt;
    jobs.server[job] = index;
    jobs.load[job] = attempts.load[attempt]!;
    jobs.segment[job] = attempts.segment[attempt]!;
    jobs.request[job] = attempts.request[attempt]!;
    jobs.step[job] = 0;
    jobs.open[job] = 0;
    jobs.failed[job] = 0;
    jobs.lines[job] = 0;
    jobs.tries[job] = 0;
    jobs.next[job] = -1;
    jobs.sample[job] = attempts.sample[attempt]!;
    jobs.status[job] = this.enter(server);
    if (server.busy < server.places) this.#work(server, job);
    else this.wait(server, job);
  }

  /** A request has reached the server. @returns the status that its place in a pattern gives it, 0 = none */
  enter(server: ServerState): number {
    if (++server.active > server.maxActive) server.maxActive = server.active;
    if (++this.active > this.maxActive) this.maxActive = this.active;
    const turn = server.served++;
    return server.hasTurns ? this.#statusOfTurn(server.behaviour, turn) : 0;
  }

  #statusOfTurn({ pattern, errorEvery, errorStatus }: ServerBehaviour, turn: number): number {
    if (pattern !== undefined && pattern.length > 0) return pattern[turn % pattern.length]!;
    return errorEvery !== undefined && turn % errorEvery === errorEvery - 1 ? (errorStatus ?? 500) : 0;
  }

  /** All places of the server are taken: behind the others. @param entry a job, or an express row r as -2 - r */
  wait(server: ServerState, entry: number): void {
    this.#setNext(entry, -1);
    if (server.queueTail === -1) server.queueHead = entry;
    else this.#setNext(server.queueTail, entry);
    server.queueTail = entry;
  }

  /** A request leaves the server, and the first one that waits takes its place. */
  leave(server: ServerState): void {
    this.active--;
    server.active--;
    server.busy--;
    const next = server.queueHead;
    if (next === -1) return;
    server.queueHead = next >= 0 ? this.run.jobs.next[next]! : this.run.express!.nextOf(-2 - next);
    if (server.queueHead === -1) server.queueTail = -1;
    if (next >= 0) this.#work(server, next);
    else this.run.express!.work(server, -2 - next);
  }

  /** A job takes the place in the queue that an express row has. */
  replaceInQueue(server: ServerState, row: number, job: number): void {
    const { jobs, express } = this.run;
    const entry = -2 - row;
    jobs.next[job] = express!.nextOf(row);
    if (server.queueTail === entry) server.queueTail = job;
    if (server.queueHead === entry) {
      server.queueHead = job;
      return;
    }
    let before = server.queueHead;
    for (;;) {
      const next = before >= 0 ? jobs.next[before]! : express!.nextOf(-2 - before);
      if (next === entry) break;
      before = next;
    }
    this.#setNext(before, job);
  }

  #setNext(entry: number, next: number): void {
    if (entry >= 0) this.run.jobs.next[entry] = next;
    else this.run.express!.setNext(-2 - entry, next);
  }

  #work(server: ServerState, job: number): void {
    this.run.simulation.post(this.serviceNs(server), SERVICE_DONE, job);
  }

  /** A request takes a place of the server. @returns how long its own work lasts [ns] */
  serviceNs(server: ServerState): number {
    server.busy++;
    const ns = server.latency(server.draw);
    return server.slow && server.isHit(server.slow) ? ns + server.slow.byNs : ns;
  }

  serviceDone(job: number): void {
    const { jobs, servers } = this.run;
    if (jobs.attempt[job]! < 0) return jobs.give(job);
    const server = servers.all[jobs.server[job]!]!;
    if (server.respond && server.isHit(server.respond)) return this.#answer(job, server.respond.status);
    if (jobs.status[job]! >= 400) return this.#answer(job, jobs.status[job]!);
    if (server.failsByChance()) return this.#answer(job, server.behaviour.errorStatus ?? 500);
    this.proceed(job);
  }

  /** Runs the script from its next step on. */
  proceed(job: number): void {
    const { jobs, servers, simulation } = this.run;
    if (jobs.attempt[job]! < 0) return jobs.give(job);
    const server = servers.all[jobs.server[job]!]!;
    if (jobs.failed[job] !== 0) return this.#answer(job, jobs.failed[job]!);
    const step = server.script[jobs.step[job]!];
    if (step === undefined) {
      jobs.lines[job]! += server.lines[jobs.load[job]!]!;
      return this.#answer(job, jobs.status[job]! || server.okStatus);
    }
    jobs.step[job]!++;
    if ('sleepNs' in step) {
      simulation.post(step.sleepNs, SLEEP_DONE, job);
      return;
    }
    jobs.open[job] = step.calls.length;
    const stepIndex = jobs.step[job]! - 1;
    for (let i = 0; i < step.calls.length; i++)
      this.#call(job, server, stepIndex * 256 + i, step.calls[i]!.request);
  }

  #call(job: number, server: ServerState, step: number, request: number): void {
    const { calls, express, jobs } = this.run;
    const isExpress =
      express !== null &&
      jobs.sample[job]! < 0 &&
      express.callOf(server, request, jobs.load[job]!, jobs.segment[job]!, -2 - job, step);
    if (isExpress) return;
    const call = this.run.newCall();
    calls.load[call] = jobs.load[job]!;
    calls.segment[call] = jobs.segment[job]!;
    calls.job[call] = job;
    calls.step[call] = step;
    calls.request[call] = request;
    calls.caller[call] = server.caller;
    calls.sample[call] = jobs.sample[job]!;
    this.startCallOf(server, call);
  }

  /** The sidecar that a server's call of a text goes out through; null = none, or none that works. */
  sidecarOf(server: ServerState, text: number): ProxyState | null {
    const { proxies, texts } = this.run;
    const { sidecar } = server.spec;
    if (sidecar === undefined || texts.texts[text]!.isUnresolved) return null;
    const proxy = proxies[sidecar]!;
    return proxy.isUnconfigured ? null : proxy;
  }

  /** Sends a call out through the server's own sidecar, or straight to what kube-proxy picks. */
  startCallOf(server: ServerState, call: number): void {
    const { calls, proxies, texts } = this.run;
    if (server.spec.sidecar === undefined || texts.texts[calls.request[call]!]!.isUnresolved) {
      calls.proxy[call] = -1;
      this.run.direct.begin(call, server.place);
      return;
    }
    const proxy = proxies[server.spec.sidecar]!;
    // Its traffic is redirected to a proxy that listens nowhere yet.
    if (proxy.isUnconfigured) return this.run.direct.refuse(call);
    calls.proxy[call] = server.spec.sidecar;
    calls.worker[call] = this.workerOf(server, proxy);
    calls.connection[call] = server.nextConnection;
    this.run.router.start(call);
  }

  /** An application keeps its connections to its sidecar; each stays with the worker that accepted it. */
  workerOf(server: ServerState, proxy: ProxyState): number {
    const kept = server.behaviour.connections ?? 1;
    if (kept === 'new') {
      server.nextConnection++;
      return proxy.newConnection();
    }
    const slot = server.nextConnection % kept;
    server.nextConnection = slot + 1;
    server.connections[slot] ??= proxy.newConnection();
    return server.connections[slot]!;
  }

  /** What a call's answer means for the server's own. */
  callReturned(job: number, step: number, status: number, tries: number, lines: number): void {
    const { jobs, servers } = this.run;
    jobs.tries[job]! += tries;
    if (status < 500 && status !== 0) jobs.lines[job]! += lines;
    else {
      const failed = this.statusOfFailure(servers.all[jobs.server[job]!]!, step, status);
      if (failed !== 0) jobs.failed[job] = failed;
    }
  }

  /** What a server answers when a call of its script fails; 0 = it goes on. @param step number * 256 + which of its calls */
  statusOfFailure(server: ServerState, step: number, status: number): number {
    const { behaviour } = server;
    const entry = server.script[step >> 8];
    const own = entry && 'calls' in entry ? entry.calls[step & 255]?.isIgnored : null;
    if (own ?? behaviour.onCallFailure === 'ignore') return 0;
    return behaviour.onCallFailure === 'propagate' ? status || 503 : (behaviour.failStatus ?? 500);
  }

  /** One call of the step less is out. */
  proceedAfterCall(job: number): void {
    const { jobs } = this.run;
    jobs.open[job]!--;
    if (jobs.open[job] === 0) this.proceed(job);
  }

  #answer(job: number, status: number): void {
    const { attempts, jobs, servers } = this.run;
    const server = servers.all[jobs.server[job]!]!;
    const attempt = jobs.attempt[job]!;
    attempts.outcome[attempt] = status;
    attempts.lines[attempt] = status < 400 ? jobs.lines[job]! : 0;
    attempts.tries[attempt] = jobs.tries[job]!;
    jobs.give(job);
    this.leave(server);
    this.sendBack(attempt);
  }

  /** The server's process is gone: its connections are closed, its work is lost. */
  serverLost(index: number): void {
    const { attempts, jobs, pools, servers } = this.run;
    const server = servers.all[index]!;
    this.run.express?.handOverAll();
    pools.serverLost(index);
    const lost = jobs.takenRows().filter((job) => jobs.server[job] === index && jobs.attempt[job]! >= 0);
    for (const job of lost.sort((a, b) => attempts.bySequence(jobs.attempt[a]!, jobs.attempt[b]!))) {
      const attempt = jobs.attempt[job]!;
      jobs.attempt[job] = -1;
      if (attempts.cluster[attempt]! < 0) {
        attempts.outcome[attempt] = CONNECTION_TERMINATED;
        this.sendBack(attempt);
      } else {
        attempts.outcome[attempt] = NEVER;
        if (attempts.call[attempt] === -1) attempts.give(attempt);
      }
    }
    for (let job = server.queueHead; job >= 0; ) {
      const next = jobs.next[job]!;
      jobs.give(job);
      job = next;
    }
    server.queueHead = -1;
    server.queueTail = -1;
    server.busy = 0;
    this.active -= server.active;
    server.active = 0;
  }

  /** Puts the outcome of an attempt on its way. */
  sendBack(attempt: number): void {
    const { attempts, network, servers, simulation } = this.run;
    const { place, responseBytes } = servers.all[attempts.server[attempt]!]!;
    if (network.isCut(place, attempts.from[attempt]!)) return this.#never(attempt);
    const delay = network.delay(place, attempts.from[attempt]!, responseBytes);
    simulation.post(delay, OUTCOME_ARRIVES, attempt);
  }
}

export class Servers {
  readonly all: ServerState[];

  constructor(
    readonly run: RunContext,
    specs: ServerSpec[],
  ) {
    this.all = specs.map((spec, index) => new ServerState(run, spec, index));
  }

  placeOf(server: number): number {
    return this.all[server]!.place;
  }

  /** What a new connection meets. */
  connectMode(server: number, from: number, address?: string): 'ok' | 'refuse' | 'blackhole' {
    if (this.run.network.isBlocked(from, this.all[server]!.place, address)) return 'blackhole';
    const mode = this.all[server]!.mode;
    if (!mode || (mode.mode !== 'refuse' && mode.mode !== 'blackhole')) return 'ok';
    return this.all[server]!.isHit(mode) ? mode.mode : 'ok';
  }
}
