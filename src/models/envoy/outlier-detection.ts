// Outlier detection of one cluster of one proxy: counting, the five kinds of ejection, the limit over all priorities, growth and decay of
// the ejection time, un-ejection on interval ticks or by a passing active check. Columns by host index; counting allocates nothing.
// Known quirk, kept on purpose (measured on 1.40.0): a host that fails the success rate and the failure percentage in one run is
// ejected twice; its multiplier becomes 2 and ejectionsActive stays one too high for ever.
// Source: Envoy outlier_detection_impl.cc (1.40).
import type { RandomStream } from '../../engine/random.ts';
import type { OutlierDetection } from './config.ts';
import {
  CONSECUTIVE_5XX,
  CONSECUTIVE_GATEWAY_FAILURE,
  CONSECUTIVE_LOCAL_ORIGIN_FAILURE,
  ejectionJitterMs,
  OUTLIER_REASONS,
  type OutlierSettings,
  outlierSettings,
} from './outlier-config.ts';
import { SuccessRates } from './outlier-success-rate.ts';

export {
  CONSECUTIVE_5XX,
  CONSECUTIVE_GATEWAY_FAILURE,
  CONSECUTIVE_LOCAL_ORIGIN_FAILURE,
  FAILURE_PERCENTAGE,
  LOCAL_ORIGIN_FAILURE_PERCENTAGE,
  LOCAL_ORIGIN_SUCCESS_RATE,
  OUTLIER_REASONS,
  SUCCESS_RATE,
} from './outlier-config.ts';

const REASONS = OUTLIER_REASONS.length;

/**
 * A host's row of counters. Errors in a row stand first, by their reason: CONSECUTIVE_5XX, _GATEWAY_FAILURE and _LOCAL_ORIGIN_FAILURE;
 * then what a good answer has to look at, and the answers of this interval, external and of local origin.
 */
const ROW = 8;
/** 0 = a good answer has nothing to forget. */
const STATE = 3;
const HAS_ERRORS = 1;
const IS_NOT_WATCHED = 2;
const SUCCESSES = 4;
const FAILURES = 5;
const LOCAL_SUCCESSES = 6;
const LOCAL_FAILURES = 7;

export interface OutlierHooks {
  /** @param reason index into OUTLIER_REASONS. Comes twice for one host when two detectors eject it in one tick. */
  ejected(host: number, reason: number): void;
  unejected(host: number): void;
  /** All hosts of the cluster, all priorities. */
  hostCount(): number;
  random: RandomStream;
}

export class OutlierDetector {
  readonly intervalNs: number;
  readonly settings: OutlierSettings;
  /** Envoy's gauge ejections_active; may exceed the number of hosts that are out, see above. */
  ejectionsActive = 0;
  /** Ejections that the percent limit refused. */
  ejectionsOverflow = 0;
  /** Detections by reason, enforced or not. */
  readonly detected = new Float64Array(REASONS);
  /** Ejections by reason. */
  readonly enforced = new Float64Array(REASONS);
  /** External answers; all outcomes when local origin errors are not split off. */
  readonly external = new SuccessRates();
  /** Connecting; stays empty unless split. */
  readonly localOrigin = new SuccessRates();
  /**
   * Worker threads hand their findings to the main thread through a queue. False = the hand-off takes no time (the default).
   * True = findings wait for runNotifications().
   */
  holdsNotifications = false;
  readonly #split: boolean;
  readonly #members: number[] = [];
  #rows = unwatched(8);
  #isEjected = new Uint8Array(8);
  #multiplier = new Int32Array(8);
  #ejectedAtNs = new Float64Array(8);
  #unejectedAtNs = new Float64Array(8);
  #jitterNs = new Float64Array(8);
  /** Waiting findings: host, reason, host, reason... */
  #notifications: number[] = [];

  /** @throws RangeError when Envoy would reject the configuration */
  constructor(
    readonly config: OutlierDetection,
    readonly hooks: OutlierHooks,
  ) {
    this.settings = outlierSettings(config);
    this.intervalNs = this.settings.intervalNs;
    this.#split = this.settings.splitsLocalOrigin;
  }

  /** Starts watching a host; its counters start clean. */
  addHost(host: number): void {
    if (host >= this.#isEjected.length) this.#grow(host + 1);
    if (!this.#isMember(host)) this.#members.push(host);
    this.#rows.fill(0, host * ROW, (host + 1) * ROW);
    this.#isEjected[host] = 0;
    this.#multiplier[host] = 0;
    this.#ejectedAtNs[host] = 0;
    this.#unejectedAtNs[host] = Number.NEGATIVE_INFINITY;
    this.#jitterNs[host] = 0;
    this.external.add(host);
    this.localOrigin.add(host);
  }

  removeHost(host: number): void {
    if (!this.#isMember(host)) return;
    if (this.#isEjected[host] === 1) this.ejectionsActive--;
    this.#rows[host * ROW + STATE] = IS_NOT_WATCHED;
    this.#isEjected[host] = 0;
    this.#multiplier[host] = 0;
    this.#members.splice(this.#members.indexOf(host), 1);
  }

  isEjected(host: number): boolean {
    return this.#isEjected[host] === 1;
  }

  /** How many ejections back to back the next one would be: Envoy's multiplier. */
  multiplier(host: number): number {
    return this.#multiplier[host] ?? 0;
  }

  /** A final answer of the host. */
  onHttpCode(host: number, code: number, nowNs: number): void {
    if (code >= 500 && code <= 599) this.#onBadCode(host, code, nowNs);
    else this.onGoodCode(host);
  }

  /** A final answer that is no error of the host. */
  onGoodCode(host: number): void {
    const rows = this.#rows;
    const row = host * ROW;
    if (rows[row + STATE] !== 0) {
      if (!this.#isMember(host)) return;
      rows[row + CONSECUTIVE_5XX] = 0;
      rows[row + CONSECUTIVE_GATEWAY_FAILURE] = 0;
      rows[row + STATE] = 0;
    }
    rows[row + SUCCESSES]!++;
  }

  /** So many final answers below 500 in a row, each on a connection that was there. */
  onGoodCodes(host: number, times: number, nowNs: number): void {
    if (times === 0) return;
    this.onLocalOriginConnectSuccess(host);
    this.onHttpCode(host, 200, nowNs);
    if (!this.#isMember(host)) return;
    this.#rows[host * ROW + SUCCESSES]! += times - 1;
    if (this.#split) this.#rows[host * ROW + LOCAL_SUCCESSES]! += times - 1;
  }

  #onBadCode(host: number, code: number, nowNs: number): void {
    if (!this.#isMember(host)) return;
    this.#rows[host * ROW + FAILURES]!++;
    this.#rows[host * ROW + STATE] = HAS_ERRORS;
    if (code >= 502 && code <= 504) this.#countError(host, CONSECUTIVE_GATEWAY_FAILURE, nowNs);
    else this.#rows[host * ROW + CONSECUTIVE_GATEWAY_FAILURE] = 0;
    this.#countError(host, CONSECUTIVE_5XX, nowNs);
  }

  /** Connection refused, reset or timed out: 503 unless local origin errors are split off. */
  onLocalOriginFailure(host: number, nowNs: number, code = 503): void {
    this.#onLocalOriginError(host, code, nowNs);
  }

  /** A timeout without an answer: 504, or the code that the caller gives, unless split. */
  onLocalOriginTimeout(host: number, nowNs: number, code = 504): void {
    this.#onLocalOriginError(host, code, nowNs);
  }

  /** A connection for a stream: counts only when split. */
  onLocalOriginConnectSuccess(host: number): void {
    if (!this.#split || !this.#isMember(host)) return;
    this.#rows[host * ROW + LOCAL_SUCCESSES]!++;
    this.#rows[host * ROW + CONSECUTIVE_LOCAL_ORIGIN_FAILURE] = 0;
  }

  /** An active health check passed; by default an ejected host returns at once. */
  onActiveCheckPassed(host: number, nowNs: number): void {
    if (this.settings.unejectsOnActiveCheck && this.#isEjected[host] === 1) this.#uneject(host, nowNs);
  }

  /** One run of the interval timer. */
  tick(nowNs: number): void {
    const { baseEjectionNs, maxEjectionNs } = this.settings;
    for (const host of this.#members) {
      if (this.#isEjected[host] === 1) {
        const outNs =
          Math.min(baseEjectionNs * this.#multiplier[host]!, maxEjectionNs) + this.#jitterNs[host]!;
        if (outNs <= nowNs - this.#ejectedAtNs[host]!) this.#uneject(host, nowNs);
      }
      this.#closeWindow(this.external, host * ROW + SUCCESSES);
      this.#closeWindow(this.localOrigin, host * ROW + LOCAL_SUCCESSES);
    }
    this.#evaluate(this.external, 0, nowNs);
    this.#evaluate(this.localOrigin, 2, nowNs);
    for (const host of this.#members) {
      if (
        this.#isEjected[host] === 0 &&
        this.#multiplier[host]! > 0 &&
        nowNs - this.#unejectedAtNs[host]! >= this.intervalNs
      )
        this.#multiplier[host]!--;
    }
  }

  /** The main thread handles all waiting findings, in order. */
  runNotifications(nowNs: number): void {
    const waiting = this.#notifications;
    this.#notifications = [];
    for (let i = 0; i < waiting.length; i += 2) this.#onNotified(waiting[i]!, waiting[i + 1]!, nowNs);
  }

  /** Queues every waiting finding a second time, as two racing workers do. */
  duplicateNotifications(): void {
    this.#notifications.push(...this.#notifications);
  }

  #onLocalOriginError(host: number, code: number, nowNs: number): void {
    if (!this.#split) this.onHttpCode(host, code, nowNs);
    else if (this.#isMember(host)) {
      this.#rows[host * ROW + LOCAL_FAILURES]!++;
      this.#countError(host, CONSECUTIVE_LOCAL_ORIGIN_FAILURE, nowNs);
    }
  }

  /** Fires at equality, not beyond: a counter that passed its threshold stays silent until something resets it. */
  #countError(host: number, reason: number, nowNs: number): void {
    const count = ++this.#rows[host * ROW + reason]!;
    if (count !== this.settings.thresholds[reason]) return;
    if (this.holdsNotifications) this.#notifications.push(host, reason);
    else this.#onNotified(host, reason, nowNs);
  }

  /** The main thread's side: the counter restarts after each firing, unless the host is out already or gone. */
  #onNotified(host: number, reason: number, nowNs: number): void {
    if (!this.#isMember(host) || this.#isEjected[host] === 1) return;
    this.#tryEject(host, reason, nowNs);
    this.#rows[host * ROW + reason] = 0;
  }

  /** @param offset added to SUCCESS_RATE and FAILURE_PERCENTAGE: 0 external, 2 local origin */
  #evaluate(rates: SuccessRates, offset: number, nowNs: number): void {
    rates.evaluate(this.#members, this.#isEjected, this.settings, (host, reason) =>
      this.#tryEject(host, reason + offset, nowNs),
    );
  }

  #tryEject(host: number, reason: number, nowNs: number): void {
    this.detected[reason]!++;
    const settings = this.settings;
    const count = this.hooks.hostCount();
    const isFirst = this.ejectionsActive === 0;
    const isBelow = settings.checksFirstEjection
      ? (100 * (this.ejectionsActive + 1)) / count <= settings.maxEjectionPercent
      : isFirst || (100 * this.ejectionsActive) / count < settings.maxEjectionPercent;
    if (!isBelow && !(isFirst && settings.alwaysEjectOneHost)) {
      this.ejectionsOverflow++;
      return;
    }
    const enforcing = settings.enforcing[reason]!;
    if (enforcing <= 0 || (enforcing < 100 && this.hooks.random.uint32() % 100 >= enforcing)) return;
    this.ejectionsActive++;
    this.enforced[reason]!++;
    this.#isEjected[host] = 1;
    this.#ejectedAtNs[host] = nowNs;
    this.#jitterNs[host] = ejectionJitterMs(this.hooks.random.uint32(), settings.maxJitterMs) * 1e6;
    if (this.#multiplier[host]! * settings.baseEjectionNs < settings.maxEjectionNs + settings.baseEjectionNs)
      this.#multiplier[host]!++;
    this.hooks.ejected(host, reason);
  }

  #uneject(host: number, nowNs: number): void {
    this.ejectionsActive--;
    this.#isEjected[host] = 0;
    this.#unejectedAtNs[host] = nowNs;
    this.#resetCounters(host);
    this.hooks.unejected(host);
  }

  #isMember(host: number): boolean {
    const state = this.#rows[host * ROW + STATE];
    return state !== undefined && state !== IS_NOT_WATCHED;
  }

  /** Hands the interval's answers of a host over to be judged; those of failures stand behind those of successes. */
  #closeWindow(rates: SuccessRates, at: number): void {
    const rows = this.#rows;
    const failures = rows[at + 1]!;
    rates.closeWindow(Math.floor(at / ROW), rows[at]! + failures, failures);
    rows[at] = 0;
    rows[at + 1] = 0;
  }

  #resetCounters(host: number): void {
    this.#rows.fill(0, host * ROW, host * ROW + STATE + 1);
  }

  #grow(least: number): void {
    const size = Math.max(least, this.#isEjected.length * 2);
    const grown = <T extends Uint8Array | Int32Array | Float64Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#rows = grown(unwatched(size), this.#rows);
    this.#isEjected = grown(new Uint8Array(size), this.#isEjected);
    this.#multiplier = grown(new Int32Array(size), this.#multiplier);
    this.#ejectedAtNs = grown(new Float64Array(size), this.#ejectedAtNs);
    this.#unejectedAtNs = grown(new Float64Array(size), this.#unejectedAtNs);
    this.#jitterNs = grown(new Float64Array(size), this.#jitterNs);
  }
}

/** Rows of that many hosts. */
function unwatched(hosts: number): Int32Array {
  return Int32Array.from({ length: hosts * ROW }, (_, at) => (at % ROW === STATE ? IS_NOT_WATCHED : 0));
}
