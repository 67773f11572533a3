// Outlier detection by consecutive errors for one cluster of one proxy: counting, ejection, the limit over all priorities, growth and
// decay of the ejection time, un-ejection on interval ticks. Statistical detectors (success rate, failure percentage) are not here;
// a configuration that enforces them is refused rather than answered wrongly.
// Source: Envoy outlier_detection_impl.cc (1.40).
import type { RandomStream } from '../../engine/random.ts';
import type { OutlierDetection } from './config.ts';
import { parseDurationNs } from './duration.ts';

export const CONSECUTIVE_5XX = 0;
export const CONSECUTIVE_GATEWAY_FAILURE = 1;
export const CONSECUTIVE_LOCAL_ORIGIN_FAILURE = 2;
export const OUTLIER_REASONS = [
  'consecutive5xx',
  'consecutiveGatewayFailure',
  'consecutiveLocalOriginFailure',
] as const;

export interface OutlierHooks {
  ejected(host: number, reason: number): void;
  unejected(host: number): void;
  /** All hosts of the cluster, all priorities. */
  hostCount(): number;
  random: RandomStream;
}

interface Monitor {
  /** Errors in a row by kind. */
  consecutive: [number, number, number];
  isEjected: boolean;
  multiplier: number;
  ejectedAtNs: number;
  unejectedAtNs: number;
  jitterNs: number;
}

export class OutlierDetector {
  readonly intervalNs: number;
  ejectionsActive = 0;
  /** Ejections that the percent limit refused. */
  ejectionsOverflow = 0;
  readonly #monitors = new Map<number, Monitor>();
  readonly #thresholds: [number, number, number];
  readonly #enforcing: [number, number, number];
  readonly #baseNs: number;
  readonly #maxNs: number;
  readonly #jitterMs: number;
  readonly #split: boolean;

  /** @throws RangeError when a detector is enforced that is not simulated */
  constructor(
    readonly config: OutlierDetection,
    readonly hooks: OutlierHooks,
  ) {
    if ((config.enforcingSuccessRate ?? 100) > 0)
      throw new RangeError('outlierDetection.enforcingSuccessRate > 0 is not simulated');
    if ((config.enforcingFailurePercentage ?? 0) > 0)
      throw new RangeError('outlierDetection.enforcingFailurePercentage > 0 is not simulated');
    this.intervalNs = parseDurationNs(config.interval, 10e9);
    this.#baseNs = parseDurationNs(config.baseEjectionTime, 30e9);
    this.#maxNs = parseDurationNs(config.maxEjectionTime, Math.max(300e9, this.#baseNs));
    this.#jitterMs = parseDurationNs(config.maxEjectionTimeJitter, 0) / 1e6;
    this.#split = config.splitExternalLocalOriginErrors ?? false;
    this.#thresholds = [
      config.consecutive5xx ?? 5,
      config.consecutiveGatewayFailure ?? 5,
      config.consecutiveLocalOriginFailure ?? 5,
    ];
    this.#enforcing = [
      config.enforcingConsecutive5xx ?? 100,
      config.enforcingConsecutiveGatewayFailure ?? 0,
      this.#split ? (config.enforcingConsecutiveLocalOriginFailure ?? 100) : 0,
    ];
  }

  addHost(host: number): void {
    this.#monitors.set(host, {
      consecutive: [0, 0, 0],
      isEjected: false,
      multiplier: 0,
      ejectedAtNs: 0,
      unejectedAtNs: Number.NEGATIVE_INFINITY,
      jitterNs: 0,
    });
  }

  removeHost(host: number): void {
    if (this.#monitors.get(host)?.isEjected) this.ejectionsActive--;
    this.#monitors.delete(host);
  }

  isEjected(host: number): boolean {
    return this.#monitors.get(host)?.isEjected ?? false;
  }

  /** How many ejections back to back the next one would be: Envoy's multiplier. */
  multiplier(host: number): number {
    return this.#monitors.get(host)?.multiplier ?? 0;
  }

  /** A final answer of the host. */
  onHttpCode(host: number, code: number, nowNs: number): void {
    const monitor = this.#monitors.get(host);
    if (monitor === undefined) return;
    if (code < 500 || code > 599) {
      monitor.consecutive[CONSECUTIVE_5XX] = 0;
      monitor.consecutive[CONSECUTIVE_GATEWAY_FAILURE] = 0;
      return;
    }
    if (code >= 502 && code <= 504) this.#countError(host, monitor, CONSECUTIVE_GATEWAY_FAILURE, nowNs);
    else monitor.consecutive[CONSECUTIVE_GATEWAY_FAILURE] = 0;
    this.#countError(host, monitor, CONSECUTIVE_5XX, nowNs);
  }

  /** Connection refused, reset or timed out: 503 unless local origin errors are split off. */
  onLocalOriginFailure(host: number, nowNs: number): void {
    this.#onLocalOrigin(host, 503, nowNs);
  }

  /** A timeout without an answer: 504 unless split. */
  onLocalOriginTimeout(host: number, nowNs: number): void {
    this.#onLocalOrigin(host, 504, nowNs);
  }

  /** A connection for a stream: counts only when split. */
  onLocalOriginConnectSuccess(host: number): void {
    const monitor = this.#monitors.get(host);
    if (this.#split && monitor) monitor.consecutive[CONSECUTIVE_LOCAL_ORIGIN_FAILURE] = 0;
  }

  /** One run of the interval timer. */
  tick(nowNs: number): void {
    for (const [host, monitor] of this.#monitors) {
      if (monitor.isEjected) {
        const outNs = Math.min(this.#baseNs * monitor.multiplier, this.#maxNs) + monitor.jitterNs;
        if (outNs <= nowNs - monitor.ejectedAtNs) this.#uneject(host, monitor, nowNs);
      }
    }
    for (const monitor of this.#monitors.values()) {
      if (!monitor.isEjected && monitor.multiplier > 0 && nowNs - monitor.unejectedAtNs >= this.intervalNs)
        monitor.multiplier--;
    }
  }

  #onLocalOrigin(host: number, code: number, nowNs: number): void {
    const monitor = this.#monitors.get(host);
    if (monitor === undefined) return;
    if (this.#split) this.#countError(host, monitor, CONSECUTIVE_LOCAL_ORIGIN_FAILURE, nowNs);
    else this.onHttpCode(host, code, nowNs);
  }

  /** Fires at equality, not beyond; the counter restarts after each firing, unless the host is out already. */
  #countError(host: number, monitor: Monitor, kind: 0 | 1 | 2, nowNs: number): void {
    monitor.consecutive[kind]++;
    if (monitor.consecutive[kind] !== this.#thresholds[kind] || monitor.isEjected) return;
    this.#tryEject(host, monitor, kind, nowNs);
    monitor.consecutive[kind] = 0;
  }

  #tryEject(host: number, monitor: Monitor, kind: 0 | 1 | 2, nowNs: number): void {
    const limit = Math.min(100, this.config.maxEjectionPercent ?? 10);
    const count = this.hooks.hostCount();
    const isFirstFree =
      this.ejectionsActive === 0 &&
      (this.config.alwaysEjectOneHost || this.config.checkMaxEjectionPercentOnFirstEject === false);
    const isBelow =
      this.config.checkMaxEjectionPercentOnFirstEject === false
        ? (100 * this.ejectionsActive) / count < limit
        : (100 * (this.ejectionsActive + 1)) / count <= limit;
    if (!isBelow && !isFirstFree) {
      this.ejectionsOverflow++;
      return;
    }
    const enforcing = this.#enforcing[kind];
    if (enforcing <= 0 || (enforcing < 100 && this.hooks.random.uint32() % 100 >= enforcing)) return;
    this.ejectionsActive++;
    monitor.isEjected = true;
    monitor.ejectedAtNs = nowNs;
    monitor.jitterNs = (this.hooks.random.uint32() % (this.#jitterMs + 1)) * 1e6;
    if (monitor.multiplier * this.#baseNs < this.#maxNs + this.#baseNs) monitor.multiplier++;
    this.hooks.ejected(host, kind);
  }

  #uneject(host: number, monitor: Monitor, nowNs: number): void {
    this.ejectionsActive--;
    monitor.isEjected = false;
    monitor.unejectedAtNs = nowNs;
    monitor.consecutive = [0, 0, 0];
    this.hooks.unejected(host);
  }
}
