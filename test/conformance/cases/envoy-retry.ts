// Retries: decisions on one request, back-off, budgets, condition lists, previous priorities.

import type { HeaderMatcher, RetryPolicy } from '../../../src/models/envoy/config.ts';
import {
  backoffNs,
  compileRetryPolicy,
  jitteredIntervalNs,
  parseRetryOn,
  type ResetReason,
  retriesOnReset,
  retriesOnStatus,
} from '../../../src/models/envoy/retry.ts';
import { CircuitBreakers, PENDING, REQUESTS, RETRIES } from '../../../src/models/run/circuit-breakers.ts';
import { type AskedPriorities, nextRetryLoads } from '../../../src/models/run/previous-priorities.ts';
import { compareKeys, type Difference, type Family, isWithin, type Json, Unsupported } from './registry.ts';

/** Stream reset reasons of Envoy by the names that the retry rules know. */
const RESETS: Record<string, ResetReason> = {
  LocalConnectionFailure: 'connectionFailure',
  RemoteConnectionFailure: 'connectionFailure',
  ConnectionFailure: 'connectionFailure',
  ConnectionTimeout: 'connectionTimeout',
  ConnectionTermination: 'connectionTermination',
  LocalReset: 'perTryTimeout',
  RemoteReset: 'remoteReset',
  RemoteRefusedStreamReset: 'remoteRefusedStream',
  LocalRefusedStreamReset: 'remoteReset',
  ProtocolError: 'remoteReset',
  ConnectError: 'remoteReset',
  Overflow: 'overflow',
};

function matcherOf(given: Json): HeaderMatcher {
  const name = given.name;
  const invert = given.invert ? { invertMatch: true } : {};
  const exact = (values: string[]) => ({
    name,
    stringMatch: {
      safeRegex: { regex: values.map((v) => v.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|') },
    },
    ...invert,
  });
  if (given.range)
    return exact(
      Array.from({ length: given.range[1] - given.range[0] }, (_, i) => String(given.range[0] + i)),
    );
  if (given.exact_any) return exact(given.exact_any);
  if (given.exact !== undefined) return exact([given.exact]);
  if (given.prefix !== undefined) return { name, stringMatch: { prefix: given.prefix }, ...invert };
  if (given.suffix !== undefined) return { name, stringMatch: { suffix: given.suffix }, ...invert };
  if (given.regex !== undefined)
    return { name, stringMatch: { safeRegex: { regex: given.regex } }, ...invert };
  return { name, presentMatch: given.present ?? true, ...invert };
}

const lowerCased = (headers: Json = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

/** Plays the outcomes of one request's attempts against the retry decision. */
function decide({ input }: { input: Json }): Difference | null {
  const policy: RetryPolicy = {
    retryOn: input.retry_on ?? '',
    ...(input.num_retries !== undefined && { numRetries: input.num_retries }),
    retriableStatusCodes: input.retriable_status_codes ?? [],
    retriableHeaders: (input.retriable_headers ?? []).map(matcherOf),
    retriableRequestHeaders: (input.retriable_request_headers ?? []).map(matcherOf),
    ...(input.reset_headers && { rateLimitedRetryBackOff: { resetHeaders: input.reset_headers } }),
  };
  const headers = lowerCased(input.request_headers);
  const request = {
    method: headers[':method'] ?? 'GET',
    host: headers[':authority'] ?? '',
    path: '/',
    headers,
  };
  const compiled = compileRetryPolicy(policy, request);
  const breakers = new CircuitBreakers({ thresholds: [{ maxRetries: input.max_retries ?? 1024 }] });
  let left = compiled?.numRetries ?? 0;
  let holds = false;
  const got: string[] = [];
  for (const step of input.steps) {
    if (holds) breakers.give(0, RETRIES);
    holds = false;
    const reason = RESETS[step.value];
    if (step.event === 'reset' && reason === undefined) throw new Unsupported(`reset ${step.value}`);
    const isMet =
      compiled !== null &&
      (step.event === 'status'
        ? retriesOnStatus(compiled, Number(step.value), lowerCased(step.headers))
        : retriesOnReset(compiled, reason!));
    if (!isMet) got.push('No');
    else if (left === 0) got.push('NoRetryLimitExceeded');
    else {
      left--;
      holds = breakers.canTake(0, RETRIES);
      if (holds) breakers.take(0, RETRIES);
      got.push(holds ? 'Yes' : 'NoOverflow');
    }
  }
  const expected = input.steps.map((step: Json) => step.expect);
  return isWithin(got, expected) ? null : { got, expected };
}

const drawing = (values: number[]) => {
  let at = 0;
  return { uint32: () => values[at++] ?? 0, unit: () => 0 };
};

export const envoyRetry: Family = {
  retry: decide,

  retry_backoff({ input, expect }) {
    const maxInterval = input.max_ms === undefined ? {} : { maxInterval: `${input.max_ms / 1000}s` };
    const policy = compileRetryPolicy({
      retryOn: '5xx',
      retryBackOff: { baseInterval: `${input.base_ms / 1000}s`, ...maxInterval },
    })!;
    const draw = drawing(input.randoms);
    const delays = input.randoms.map((_: number, i: number) => backoffNs(policy, i + 1, draw) / 1e6);
    return compareKeys({ delays_ms: delays }, expect);
  },

  retry_ratelimit_backoff({ input, expect }) {
    const draw = drawing(input.randoms);
    const delays = input.randoms.map(() => jitteredIntervalNs(input.min_ms * 1e6, draw) / 1e6);
    return compareKeys({ delays_ms: delays }, expect);
  },

  /** One asker with plenty of retries: it gives back the slot it holds before each question. */
  retry_budget({ input }) {
    const breakers = new CircuitBreakers({ thresholds: [{ maxRetries: input.max_retries ?? 0 }] });
    const budget = { budgetPercent: input.budget_percent, minRetryConcurrency: input.min_retry_concurrency };
    breakers.setRetryBudget(0, { ...budget });
    let holds = false;
    for (const step of input.steps) {
      switch (step.op) {
        case 'add_retries':
          for (let i = 0; i < step.n; i++) breakers.take(0, RETRIES);
          break;
        case 'add_requests':
          for (let i = 0; i < step.n; i++) breakers.take(0, REQUESTS);
          break;
        case 'add_pending':
          for (let i = 0; i < step.n; i++) breakers.take(0, PENDING);
          break;
        case 'set_percent':
          budget.budgetPercent = step.value;
          breakers.setRetryBudget(0, { ...budget });
          break;
        case 'should_retry': {
          if (holds) breakers.give(0, RETRIES);
          holds = breakers.canTake(0, RETRIES);
          if (holds) breakers.take(0, RETRIES);
          const got = holds ? 'Yes' : 'NoOverflow';
          if (got !== step.expect) return { got, expected: step };
          break;
        }
        default:
          throw new Unsupported(`step ${step.op}`);
      }
    }
    return null;
  },

  parse_retry_on({ input, expect }) {
    const { policies, allValid } = parseRetryOn(input.value);
    return compareKeys({ policies, all_valid: allValid }, expect);
  },

  previous_priorities({ input }) {
    const levels = input.priorities.map((level: Json) => ({ excluded: 0, ...level }));
    const asked: AskedPriorities = { asked: 0, count: 0, excluded: 0 };
    const loads = {
      healthyLoad: new Float64Array(levels.length),
      degradedLoad: new Float64Array(levels.length),
    };
    const frequency = input.update_frequency ?? 1;
    for (const step of input.steps) {
      asked.asked |= 1 << step.attempted;
      asked.count++;
      const isOwn = nextRetryLoads(asked, frequency, levels, input.overprovisioning_factor ?? 140, loads);
      const got = isOwn
        ? { healthy: [...loads.healthyLoad], degraded: [...loads.degradedLoad] }
        : input.original;
      if (!isWithin(got, step.expect)) return { got, expected: step.expect };
    }
    return null;
  },
};
