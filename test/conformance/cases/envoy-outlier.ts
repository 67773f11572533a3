// The outlier detector driven step by step, and its formulas: cases of the kinds outlier, outlier_jitter, outlier_config,
// success_rate_threshold, success_rate_eval.
import {
  CONSECUTIVE_5XX,
  CONSECUTIVE_GATEWAY_FAILURE,
  CONSECUTIVE_LOCAL_ORIGIN_FAILURE,
  ejectionJitterMs,
  FAILURE_PERCENTAGE,
  LOCAL_ORIGIN_FAILURE_PERCENTAGE,
  LOCAL_ORIGIN_SUCCESS_RATE,
  outlierSettings,
  SUCCESS_RATE,
  successRateThreshold,
} from '../../../src/models/envoy/outlier-config.ts';
import { OutlierDetector } from '../../../src/models/envoy/outlier-detection.ts';
import { type OutlierResult, reportOutlierResult } from '../../../src/models/envoy/outlier-results.ts';
import { compareKeys, type Difference, type Family, isWithin, type Json, Unsupported } from './registry.ts';
import { rawDraw, Tape } from './tape.ts';

/** Names of counters in cases, by reason. */
const REASONS: Readonly<Record<string, number>> = {
  consecutive_5xx: CONSECUTIVE_5XX,
  consecutive_gateway_failure: CONSECUTIVE_GATEWAY_FAILURE,
  consecutive_gateway: CONSECUTIVE_GATEWAY_FAILURE,
  consecutive_local_origin_failure: CONSECUTIVE_LOCAL_ORIGIN_FAILURE,
  success_rate: SUCCESS_RATE,
  failure_percentage: FAILURE_PERCENTAGE,
  local_origin_success_rate: LOCAL_ORIGIN_SUCCESS_RATE,
  local_origin_failure_percentage: LOCAL_ORIGIN_FAILURE_PERCENTAGE,
};

const FIELDS: Readonly<Record<string, string>> = {
  consecutive_5xx: 'consecutive5xx',
  enforcing_consecutive_5xx: 'enforcingConsecutive5xx',
};

/** Fields of Envoy's OutlierDetection in snake case; times in milliseconds end in _ms. */
function configOf(input: Json): Json {
  const config: Json = {};
  for (const [key, value] of Object.entries<Json>(input)) {
    const isTime = key.endsWith('_ms');
    const plain = isTime ? key.slice(0, -3) : key;
    const name = FIELDS[plain] ?? plain.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    config[name] = isTime ? `${value / 1000}s` : value;
  }
  return config;
}

class Scenario {
  readonly names: string[];
  readonly detector: OutlierDetector;
  readonly members: Set<string>;
  nowNs = 0;

  constructor(readonly input: Json) {
    this.names = input.priorities.flat();
    this.members = new Set(this.names);
    this.detector = new OutlierDetector(configOf(input.config), {
      ejected: () => {},
      unejected: () => {},
      hostCount: () => this.members.size,
      random: new Tape(),
    });
    for (const host of this.names.keys()) this.detector.addHost(host);
  }

  run(step: Json): Difference | null {
    const { detector, names } = this;
    const host = names.indexOf(step.host);
    switch (step.op) {
      case 'time':
        this.nowNs = step.ms * 1e6;
        return null;
      case 'tick':
        if (step.ms !== undefined) this.nowNs = step.ms * 1e6;
        detector.tick(this.nowNs);
        return null;
      case 'http':
        for (let i = 0; i < (step.n ?? 1); i++) detector.onHttpCode(host, step.code, this.nowNs);
        return null;
      case 'result':
        for (let i = 0; i < (step.n ?? 1); i++)
          reportOutlierResult(detector, host, step.result as OutlierResult, this.nowNs, step.code);
        return null;
      case 'hc':
        if (step.healthy) detector.onActiveCheckPassed(host, this.nowNs);
        return null;
      case 'remove':
        for (const name of step.hosts ?? [step.host]) {
          this.members.delete(name);
          detector.removeHost(names.indexOf(name));
        }
        return null;
      case 'add':
        for (const name of step.hosts ?? [step.host]) {
          if (!names.includes(name)) names.push(name);
          this.members.add(name);
          detector.addHost(names.indexOf(name));
        }
        return null;
      case 'hold_posts':
        detector.holdsNotifications = true;
        return null;
      case 'duplicate_post':
        detector.duplicateNotifications();
        return null;
      case 'run_posts':
        detector.runNotifications(this.nowNs);
        detector.holdsNotifications = false;
        return null;
      case 'expect':
        return this.expect(step);
      default:
        throw new Unsupported(step.op);
    }
  }

  expect({ op: _, ...expected }: Json): Difference | null {
    const { detector, names } = this;
    const rates = (from: typeof detector.external, wanted: Json) =>
      Object.fromEntries(Object.keys(wanted ?? {}).map((name) => [name, from.rate(names.indexOf(name))]));
    const ejected = names.filter((name, host) => this.members.has(name) && detector.isEjected(host));
    const got: Json = {
      ejected: [...ejected].sort(),
      active: detector.ejectionsActive,
      totals: this.totals(expected.totals ?? {}),
      success_rate: rates(detector.external, expected.success_rate),
      sr_mean: detector.external.mean,
      sr_threshold: detector.external.threshold,
      local_success_rate: rates(detector.localOrigin, expected.local_success_rate),
      local_sr_mean: detector.localOrigin.mean,
      local_sr_threshold: detector.localOrigin.threshold,
    };
    const sorted = expected.ejected ? { ...expected, ejected: [...expected.ejected].sort() } : expected;
    return compareKeys(got, sorted, 1e-4);
  }

  totals(wanted: Json): Json {
    const { detector } = this;
    const sum = (list: ArrayLike<number>) => Array.from(list).reduce((total, value) => total + value, 0);
    const got: Json = {};
    for (const key of Object.keys(wanted)) {
      const [, kind, reason] = /^(?:ejections_)?(enforced|detected)_(\w+)$/.exec(key) ?? [];
      if (/^(ejections_)?overflow$/.test(key)) got[key] = detector.ejectionsOverflow;
      else if (kind && reason === 'total') got[key] = sum(detector[kind as 'enforced']);
      else if (kind && REASONS[reason!] !== undefined)
        got[key] = detector[kind as 'enforced'][REASONS[reason!]!];
      else if (REASONS[key] !== undefined) got[key] = detector.enforced[REASONS[key]!];
      else throw new Unsupported(key);
    }
    return got;
  }
}

export const envoyOutlier: Family = {
  outlier({ input }) {
    const scenario = new Scenario(input);
    for (const [i, step] of input.steps.entries()) {
      const difference = scenario.run(step);
      if (difference !== null) return { got: { step: i, ...difference.got }, expected: difference.expected };
    }
    return null;
  },

  outlier_jitter: ({ input, expect }) =>
    compareKeys(
      {
        jitter_ms: ejectionJitterMs(rawDraw(input.random, input.max_jitter_ms + 1), input.max_jitter_ms),
      },
      expect,
    ),

  outlier_config({ input, expect }) {
    let settings: ReturnType<typeof outlierSettings>;
    try {
      settings = outlierSettings(configOf(input.config ?? input));
    } catch {
      return compareKeys({ rejected: true }, expect);
    }
    return compareKeys(
      {
        rejected: false,
        interval_ms: settings.intervalNs / 1e6,
        base_ejection_time_ms: settings.baseEjectionNs / 1e6,
        max_ejection_time_ms: settings.maxEjectionNs / 1e6,
        max_ejection_time_jitter_ms: settings.maxJitterMs,
        max_ejection_percent: settings.maxEjectionPercent,
        always_eject_one_host: settings.alwaysEjectOneHost,
        split_external_local_origin_errors: settings.splitsLocalOrigin,
        successful_active_health_check_uneject_host: settings.unejectsOnActiveCheck,
        consecutive_5xx: settings.thresholds[CONSECUTIVE_5XX],
        consecutive_gateway_failure: settings.thresholds[CONSECUTIVE_GATEWAY_FAILURE],
        consecutive_local_origin_failure: settings.thresholds[CONSECUTIVE_LOCAL_ORIGIN_FAILURE],
        enforcing_consecutive_5xx: settings.enforcing[CONSECUTIVE_5XX],
        enforcing_consecutive_gateway_failure: settings.enforcing[CONSECUTIVE_GATEWAY_FAILURE],
        enforcing_consecutive_local_origin_failure: settings.enforcing[CONSECUTIVE_LOCAL_ORIGIN_FAILURE],
        enforcing_success_rate: settings.enforcing[SUCCESS_RATE],
        enforcing_failure_percentage: settings.enforcing[FAILURE_PERCENTAGE],
        enforcing_local_origin_success_rate: settings.enforcing[LOCAL_ORIGIN_SUCCESS_RATE],
        enforcing_failure_percentage_local_origin: settings.enforcing[LOCAL_ORIGIN_FAILURE_PERCENTAGE],
        success_rate_minimum_hosts: settings.successRateMinimumHosts,
        success_rate_request_volume: settings.successRateRequestVolume,
        success_rate_stdev_factor: settings.successRateStdevFactor,
        failure_percentage_threshold: settings.failurePercentageThreshold,
        failure_percentage_minimum_hosts: settings.failurePercentageMinimumHosts,
        failure_percentage_request_volume: settings.failurePercentageRequestVolume,
      },
      expect,
    );
  },

  success_rate_threshold: ({ input, expect, tolerance }) =>
    compareKeys(successRateThreshold(input.rates, input.stdev_factor_thousandths ?? 1900), expect, tolerance),

  success_rate_eval({ input, expect, tolerance }) {
    const { samples, ...settings } = input;
    const ejected: number[] = [];
    const detector = new OutlierDetector(
      configOf({
        max_ejection_percent: 100,
        enforcing_consecutive_5xx: 0,
        enforcing_success_rate: 100,
        ...settings,
      }),
      {
        ejected: (host) => ejected.push(host),
        unejected: () => {},
        hostCount: () => samples.length,
        random: new Tape(),
      },
    );
    for (const [host, { success, total }] of samples.entries()) {
      detector.addHost(host);
      for (let i = 0; i < total; i++) detector.onHttpCode(host, i < success ? 200 : 503, 0);
    }
    detector.tick(detector.intervalNs);
    const { mean, threshold } = detector.external;
    const isEvaluated = !isWithin(mean, -1);
    return compareKeys(
      { evaluated: isEvaluated, mean, threshold, ejected: [...new Set(ejected)].sort((a, b) => a - b) },
      expect,
      tolerance,
    );
  },
};
