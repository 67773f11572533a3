// The success-rate half of outlier detection: from the answers of one interval per host, which hosts stand out from the others (success
// rate) or fail too much by themselves (failure percentage). One instance judges external answers, one local-origin results.
// Source: Envoy outlier_detection_impl.cc SuccessRateAccumulator, DetectorImpl::processSuccessRateEjections (1.40).
import {
  FAILURE_PERCENTAGE,
  type OutlierSettings,
  SUCCESS_RATE,
  successRateThreshold,
} from './outlier-config.ts';

/** Published where there was nothing to evaluate. */
export const NOT_EVALUATED = -1;

export class SuccessRates {
  /** Mean success rate [percent] of the last evaluation, or NOT_EVALUATED. */
  mean = NOT_EVALUATED;
  /** Hosts below it stood out; or NOT_EVALUATED. */
  threshold = NOT_EVALUATED;
  #closedFailures = new Int32Array(8);
  #closedTotal = new Int32Array(8);
  #rate = new Float64Array(8);
  readonly #comparable: number[] = [];
  readonly #comparableRates: number[] = [];
  readonly #measurable: number[] = [];

  add(host: number): void {
    if (host >= this.#rate.length) this.#grow(host + 1);
    this.#closedFailures[host] = 0;
    this.#closedTotal[host] = 0;
    this.#rate[host] = NOT_EVALUATED;
  }

  /** Success rate [percent] of the last evaluation, or NOT_EVALUATED. */
  rate(host: number): number {
    return this.#rate[host] ?? NOT_EVALUATED;
  }

  /** What a host answered in the interval that ends: the data of the next evaluation. */
  closeWindow(host: number, total: number, failures: number): void {
    this.#closedFailures[host] = failures;
    this.#closedTotal[host] = total;
    this.#rate[host] = NOT_EVALUATED;
  }

  /** @param eject called with SUCCESS_RATE for each host that stands out, then FAILURE_PERCENTAGE for each that fails too much */
  evaluate(
    hosts: readonly number[],
    isEjected: Uint8Array,
    settings: OutlierSettings,
    eject: (host: number, reason: number) => void,
  ): void {
    this.mean = NOT_EVALUATED;
    this.threshold = NOT_EVALUATED;
    if (
      hosts.length < settings.successRateMinimumHosts &&
      hosts.length < settings.failurePercentageMinimumHosts
    )
      return;
    this.#sortOut(hosts, isEjected, settings);
    const comparable = this.#comparable;
    if (comparable.length > 0 && comparable.length >= settings.successRateMinimumHosts) {
      const { mean, threshold } = successRateThreshold(
        this.#comparableRates,
        settings.successRateStdevFactor,
      );
      this.mean = mean;
      this.threshold = threshold;
      for (const host of comparable) if (this.#rate[host]! < threshold) eject(host, SUCCESS_RATE);
    }
    if (this.#measurable.length >= settings.failurePercentageMinimumHosts) {
      for (const host of this.#measurable)
        if (100 - this.#rate[host]! >= settings.failurePercentageThreshold) eject(host, FAILURE_PERCENTAGE);
    }
  }

  /** Publishes the rates and finds who has enough answers for which test; ejected hosts are left out. */
  #sortOut(hosts: readonly number[], isEjected: Uint8Array, settings: OutlierSettings): void {
    this.#comparable.length = 0;
    this.#comparableRates.length = 0;
    this.#measurable.length = 0;
    const { successRateRequestVolume, failurePercentageRequestVolume } = settings;
    for (const host of hosts) {
      const total = this.#closedTotal[host]!;
      if (isEjected[host] === 1 || total === 0) continue;
      if (total < Math.min(successRateRequestVolume, failurePercentageRequestVolume)) continue;
      const rate = ((total - this.#closedFailures[host]!) * 100) / total;
      this.#rate[host] = rate;
      if (total >= successRateRequestVolume) {
        this.#comparable.push(host);
        this.#comparableRates.push(rate);
      }
      if (total >= failurePercentageRequestVolume) this.#measurable.push(host);
    }
  }

  #grow(least: number): void {
    const size = Math.max(least, this.#rate.length * 2);
    const grown = (from: Int32Array) => {
      const to = new Int32Array(size);
      to.set(from);
      return to;
    };
    this.#closedFailures = grown(this.#closedFailures);
    this.#closedTotal = grown(this.#closedTotal);
    const rate = new Float64Array(size);
    rate.set(this.#rate);
    this.#rate = rate;
  }
}
