// From the express way to the general one: a request is written down as the call, attempt and job that it would be had it gone that way
// from its start, and goes on there. With it go the requests whose scripts it is part of, and the call that its own script has out. A row
// that has an event pending stays until that comes, and then leads to the attempt or the job.
import * as c from '../connection-row.ts';
import * as p from '../pool-row.ts';
import { SENT } from '../router.ts';
import { TRIED_HOSTS } from '../tables.ts';
import type { Express } from './express.ts';
import * as f from './rows.ts';
import type { Target } from './site.ts';

export class HandOver {
  /** Of the row that was handed over last, -1 = none. */
  job = -1;
  #timerUp = 0;

  constructor(readonly express: Express) {}

  /** All rows. */
  all(): void {
    const { rows } = this.express;
    for (let row = 0; row < rows.used; row++) {
      const phase = rows.cells[row * f.ROW + f.PHASE]!;
      if (phase !== f.FREE && phase !== f.HANDED_OVER) this.of(row);
    }
  }

  /** A row that has an event pending stays, for that. @param timer that is up, 0 = none  @returns its attempt */
  of(row: number, timer = 0): number {
    this.#timerUp = timer;
    const { cells } = this.express.rows;
    let root = row;
    while (cells[root * f.ROW + f.PARENT]! >= 0) root = cells[root * f.ROW + f.PARENT]!;
    const parent = cells[root * f.ROW + f.PARENT]!;
    let job = parent === f.NOBODY ? -1 : -2 - parent;
    let [rowsAttempt, rowsJob] = [-1, -1];
    for (let next = root; next >= 0; ) {
      const at = next;
      const phase = cells[at * f.ROW + f.PHASE]!;
      next = phase === f.IN_SCRIPT ? cells[at * f.ROW + f.NEXT]! : -1;
      const attempt = this.#one(at, job);
      job = cells[at * f.ROW + f.JOB]!;
      if (at === row) [rowsAttempt, rowsJob] = [attempt, job];
      if (phase === f.IN_SCRIPT || phase === f.WAITS) this.express.rows.give(at);
    }
    this.job = rowsJob;
    return rowsAttempt;
  }

  /** A request whose pick has been made but not its row: it needs a connection, or nobody can be picked. */
  picked(
    target: Target,
    worker: number,
    host: number,
    load: number,
    segment: number,
    parent: number,
    tag: number,
  ): void {
    const { run } = this.express;
    let job = -1;
    if (parent >= 0) {
      this.of(parent);
      job = this.job;
      run.jobs.open[job] = 1;
    } else if (parent !== f.NOBODY) job = -2 - parent;
    const call = this.#call(target, worker, load, segment, job, tag);
    run.router.armTimeout(call, target.site.route);
    run.router.picked(call, target.cluster, host);
  }

  /** A call as it is before its first try. */
  #call(
    { site, cluster, choice, service }: Target,
    worker: number,
    load: number,
    segment: number,
    job: number,
    tag: number,
  ): number {
    const { calls, recorder } = this.express.run;
    const call = this.express.run.newCall();
    calls.load[call] = load;
    calls.segment[call] = segment;
    calls.job[call] = job;
    calls.user[call] = tag;
    calls.turn[call] = 0;
    calls.step[call] = tag;
    calls.request[call] = site.text;
    calls.caller[call] = site.caller;
    calls.proxy[call] = site.proxy.index;
    calls.worker[call] = worker;
    calls.route[call] = site.routeIndex;
    calls.cluster[call] = cluster.index;
    calls.choice[call] = choice;
    calls.retriesLeft[call] = site.route.retry === null ? 0 : site.route.retry.numRetries;
    calls.tally[call] = recorder.tally(segment, load, site.caller, service);
    return call;
  }

  /** @param parentJob the job whose script made it, -1 = none  @returns its attempt */
  #one(row: number, parentJob: number): number {
    const { rows, targets, run } = this.express;
    const { calls, attempts } = run;
    const { cells } = rows;
    const at = row * f.ROW;
    const target = targets[cells[at + f.TARGET]!]!;
    const { route } = target.site;
    const load = cells[at + f.LOAD]!;
    const segment = cells[at + f.SEGMENT]!;
    const connection = cells[at + f.CONNECTION]!;
    const { connections, pools } = run.pools.core;
    const pool = connections.cells[connection * c.ROW + c.POOL]!;
    const worker = pools.cells[pool * p.ROW + p.WORKER]!;
    const call = this.#call(target, worker, load, segment, parentJob, cells[at + f.TAG]!);
    const startNs = rows.startNs[row * f.START_STRIDE + f.START]!;
    const host = cells[at + f.HOST]!;
    calls.startNs[call] = startNs;
    calls.attempts[call] = 1;
    calls.tries[call] = 1;
    calls.tried[call * TRIED_HOSTS] = host;
    calls.triedCount[call] = 1;

    const attempt = attempts.take();
    attempts.call[attempt] = call;
    attempts.cluster[attempt] = target.cluster.index;
    attempts.worker[attempt] = worker;
    attempts.host[attempt] = host;
    attempts.server[attempt] = cells[at + f.SERVER]!;
    attempts.from[attempt] = target.site.proxy.place;
    attempts.outcome[attempt] = 0;
    attempts.lines[attempt] = 0;
    attempts.tries[attempt] = 0;
    attempts.state[attempt] = SENT;
    attempts.sequence[attempt] = cells[at + f.SEQUENCE]!;
    attempts.connection[attempt] = connection;
    attempts.pool[attempt] = pool;
    attempts.breaker[attempt] = route.breaker;
    run.recorder.reached(calls.tally[call]!, attempts.server[attempt]!);
    attempts.isRequestOverflow[attempt] = 0;
    attempts.isHedged[attempt] = 0;
    attempts.request[attempt] = target.site.text;
    attempts.load[attempt] = load;
    attempts.segment[attempt] = segment;
    attempts.sample[attempt] = -1;
    attempts.isMirror[attempt] = 0;
    attempts.older[attempt] = -1;
    calls.attempt[call] = attempt;

    const timer = cells[at + f.TIMER]!;
    const isOfTry = route.timeoutLane < 0;
    const tryTimer = route.hasTwoTimers ? run.simulation.second(timer) : isOfTry ? timer : 0;
    calls.routeTimer[call] = this.#retarget(isOfTry ? 0 : timer, call);
    attempts.tryTimer[attempt] = this.#retarget(tryTimer, attempt);

    const phase = cells[at + f.PHASE]!;
    const isOfScript = phase === f.IN_SCRIPT || phase === f.SLEEPS || phase === f.RETURNS_FROM_SCRIPT;
    const lines = isOfScript || phase === f.RETURNS ? cells[at + f.LINES]! : 0;
    const tries = isOfScript ? rows.more[row * f.MORE + f.TRIES]! : 0;
    let job = -1;
    if (phase === f.RETURNS || phase === f.RETURNS_FROM_SCRIPT) {
      attempts.outcome[attempt] = cells[at + f.STATUS]!;
      attempts.lines[attempt] = lines;
      attempts.tries[attempt] = tries;
    } else if (phase !== f.ON_ITS_WAY) {
      const step = isOfScript ? rows.more[row * f.MORE + f.STEP]! : 0;
      job = this.#job(attempt, cells[at + f.STATUS]!, step, lines, tries);
      if (phase === f.IN_SCRIPT && cells[at + f.NEXT]! >= 0) run.jobs.open[job] = 1;
      if (phase === f.WAITS) run.upstream.replaceInQueue(run.servers.all[cells[at + f.SERVER]!]!, row, job);
    }
    cells[at + f.PHASE] = f.HANDED_OVER;
    cells[at + f.ATTEMPT] = attempt;
    cells[at + f.JOB] = job;
    return attempt;
  }

  /** @returns the timer, 0 = there is none, or it is up */
  #retarget(timer: number, arg: number): number {
    if (timer === 0 || timer === this.#timerUp) return 0;
    this.express.run.simulation.retarget(timer, arg);
    return timer;
  }

  #job(attempt: number, status: number, step: number, lines: number, tries: number): number {
    const { attempts, jobs } = this.express.run;
    const job = jobs.take();
    jobs.attempt[job] = attempt;
    jobs.server[job] = attempts.server[attempt]!;
    jobs.load[job] = attempts.load[attempt]!;
    jobs.segment[job] = attempts.segment[attempt]!;
    jobs.request[job] = attempts.request[attempt]!;
    jobs.step[job] = step;
    jobs.open[job] = 0;
    jobs.failed[job] = 0;
    jobs.lines[job] = lines;
    jobs.tries[job] = tries;
    jobs.next[job] = -1;
    jobs.sample[job] = -1;
    jobs.status[job] = status;
    return job;
  }
}
