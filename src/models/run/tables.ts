// The state of everything under way, as rows: a call is one logical request at one caller, an attempt is one try of it at one host, a
// job is the work of a server for one attempt.
import { Table } from '../../engine/table.ts';

/** Hosts that a call remembers as tried. More tries than this forget the oldest. */
export const TRIED_HOSTS = 8;

/** Calls: from the moment a caller asks until it has its answer. */
export class CallTable extends Table {
  /** Load, and what it came from: the job whose script made it, or -1. */
  load = this.int32('load');
  segment = this.int32('segment');
  job = this.int32('job');
  /** Load: which of its users or connections. */
  user = this.int32('user');
  /** Load: which entry of its rotation. */
  turn = this.int32('turn');
  /** Index of the request (text), of the caller, and of the tally. */
  request = this.int32('request');
  caller = this.int32('caller');
  tally = this.int32('tally');
  /** -1 = without a proxy. */
  proxy = this.int32('proxy');
  worker = this.int32('worker');
  /** Compiled route, and cluster (-1 = none). */
  route = this.int32('route');
  cluster = this.int32('cluster');
  startNs = this.float64('startNs');
  /** Tries begun, and retries that are left. */
  attempts = this.int32('attempts');
  retriesLeft = this.int32('retriesLeft');
  /** The newest attempt under way, -1 = none; with hedging older ones hang on it. */
  attempt = this.int32('attempt');
  /** 1 = holds a slot of the retry circuit breaker. */
  holdsRetry = this.int32('holdsRetry');
  /** Bits of RESPONSE_FLAGS gathered so far. */
  flags = this.int32('flags');
  /** Who answered last: index into servers, -1 = nobody. */
  server = this.int32('server');
  lines = this.int32('lines');
  /** Tries of the whole tree below this call. */
  tries = this.int32('tries');
  routeTimer = this.float64('routeTimer');
  backoffTimer = this.float64('backoffTimer');
  tried = this.int32('tried', TRIED_HOSTS);
  triedCount = this.int32('triedCount');
  /** Row in the samples, -1 = not sampled. */
  sample = this.int32('sample');
  /** Upper and lower half of the request hash; hasHash 0 = none. */
  hasHash = this.int32('hasHash');
  hashHi = this.int32('hashHi');
  hashLo = this.int32('hashLo');
  /** Step of the script that made it. */
  step = this.int32('step');
  isMirror = this.int32('isMirror');
  /** Which of the route's weighted clusters; -1 = the mirror's. */
  choice = this.int32('choice');
  /** 1 = the answer hands out a cookie. */
  setsCookie = this.int32('setsCookie');
  /** Number of the downstream connection it came through; 0 = not told apart. */
  connection = this.int32('connection');
  /** 1 = counts among the proxy's active faults. */
  isFaulted = this.int32('isFaulted');
  /** previous_priorities: bits of the levels asked since the last reset, how many hosts were, and the levels that are left out. */
  askedLevels = this.int32('askedLevels');
  askedCount = this.int32('askedCount');
  excludedLevels = this.int32('excludedLevels');
}

/** Attempts outlive their call when it gives up waiting; then call is -1. */
export class AttemptTable extends Table {
  call = this.int32('call');
  cluster = this.int32('cluster');
  worker = this.int32('worker');
  host = this.int32('host');
  server = this.int32('server');
  /** Outcome on its way back: status, or a reset reason (see OUTCOME_ codes). */
  outcome = this.int32('outcome');
  lines = this.int32('lines');
  tries = this.int32('tries');
  /** Where it stands: PENDING, CONNECTING, SENT, ANSWERED. */
  state = this.int32('state');
  /** One-way delay to the host's place [ns], and the place it starts from. */
  from = this.int32('from');
  /** Attempts are numbered as they are sent. */
  sequence = this.int32('sequence');
  /** Per-try timeout. */
  tryTimer = this.float64('tryTimer');
  /** Pool, connection (-1 = none yet), routing priority, and its neighbours in the pool's queue. */
  pool = this.int32('pool');
  connection = this.int32('connection');
  breaker = this.int32('breaker');
  previous = this.int32('previous');
  next = this.int32('next');
  /** 1 = refused by max_requests, not by max_pending_requests. */
  isRequestOverflow = this.int32('isRequestOverflow');
  isMirror = this.int32('isMirror');
  /** Hedging: the attempt before it that is still under way (-1 = none), and 1 = has been retried already. */
  older = this.int32('older');
  isHedged = this.int32('isHedged');
  /** The request's text, kept because the call may be gone. */
  request = this.int32('request');
  load = this.int32('load');
  segment = this.int32('segment');
  sample = this.int32('sample');

  /** Order in which attempts were sent. */
  readonly bySequence = (a: number, b: number): number => (this.sequence[a]! - this.sequence[b]!) | 0;
}

export class JobTable extends Table {
  /** -1 = its server died: it is dropped at its next step. */
  attempt = this.int32('attempt');
  server = this.int32('server');
  load = this.int32('load');
  segment = this.int32('segment');
  request = this.int32('request');
  /** Next step of the script; calls of it that are out. */
  step = this.int32('step');
  open = this.int32('open');
  /** Worst status of a failed call that is not ignored, 0 = none. */
  failed = this.int32('failed');
  lines = this.int32('lines');
  tries = this.int32('tries');
  /** Next in the server's queue. */
  next = this.int32('next');
  /** Status that its place in the behaviour's pattern gives it, 0 = none. */
  status = this.int32('status');
  sample = this.int32('sample');
}
