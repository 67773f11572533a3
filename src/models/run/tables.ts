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
  /** The attempt under way, -1 = none. */
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
  tryTimer = this.float64('tryTimer');
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
  connectTimer = this.float64('connectTimer');
  /** Row of the job at the server, -1 = none. */
  job = this.int32('job');
  connection = this.int32('connection');
  /** The request's text, kept because the call may be gone. */
  request = this.int32('request');
  load = this.int32('load');
  segment = this.int32('segment');
  sample = this.int32('sample');
}

export class JobTable extends Table {
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
  sample = this.int32('sample');
}
