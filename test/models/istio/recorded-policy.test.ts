// Values recorded from istiod's own code (master of 2026-08, rules of 1.31 and later): cluster policy, retries, merging.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/models/envoy/config.ts';
import { clusterPolicy, UNLIMITED } from '../../../src/models/istio/cluster-policy.ts';
import { mergeDestinationRules, mergeSubsetPolicy } from '../../../src/models/istio/destination-rule.ts';
import { protoDuration } from '../../../src/models/istio/duration.ts';
import { istioProfile } from '../../../src/models/istio/profile.ts';
import { inboundRetryPolicy, outboundRetryPolicy } from '../../../src/models/istio/retry-policy.ts';

const profile = istioProfile('1.32');
// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of many shapes
type Recorded = any;
const recorded = (name: string): [string, Recorded][] =>
  JSON.parse(
    readFileSync(new URL(`../../recordings/istio-cases/${name}.json`, import.meta.url), 'utf8'),
  ).cases.map((entry: Recorded) => [entry.id, entry]);
const limit = (value: number | undefined) => (value === UNLIMITED ? 'max' : value);

/** Our cluster in the notation of the recordings; what they do not mention is left out. */
function inNotation(cluster: Omit<Cluster, 'name'>): Recorded {
  const [breaker] = cluster.circuitBreakers!.thresholds!;
  const slowStart = (cluster.leastRequestLbConfig ?? cluster.roundRobinLbConfig)?.slowStartConfig;
  return {
    lb: cluster.lbPolicy,
    type: cluster.type,
    localityWeighted: cluster.commonLbConfig?.localityWeightedLbConfig !== undefined,
    panicThreshold: cluster.commonLbConfig?.healthyPanicThreshold,
    limits: {
      connections: limit(breaker!.maxConnections),
      pending: limit(breaker!.maxPendingRequests),
      requests: limit(breaker!.maxRequests),
      retries: limit(breaker!.maxRetries),
    },
    connectTimeout: cluster.connectTimeout,
    ...(breaker!.retryBudget && {
      retryBudget: {
        percent: breaker!.retryBudget.budgetPercent,
        minConcurrency: breaker!.retryBudget.minRetryConcurrency,
      },
    }),
    ...(slowStart && {
      slowStart: {
        window: slowStart.slowStartWindow,
        aggression: slowStart.aggression,
        minWeightPercent: slowStart.minWeightPercent,
      },
    }),
    ...(cluster.ringHashLbConfig && { ring: cluster.ringHashLbConfig }),
    ...(cluster.maglevLbConfig && { maglev: cluster.maglevLbConfig }),
  };
}

describe('the policy of a cluster', () => {
  const plain = recorded('05-cluster-policy').filter(
    ([, entry]) => entry.id !== 'mg-two-rules-different-export',
  );
  it('has cases to agree with', () => expect(plain.length).toBeGreaterThan(25));
  it.each(plain)('%s', (_, { input, expect: expected }) => {
    const rules = input.resources
      .filter((object: Recorded) => object.kind === 'DestinationRule')
      .map((object: Recorded) => object.spec);
    const rule = rules.length > 0 ? mergeDestinationRules(rules) : undefined;
    const subset = rule?.subsets?.find((entry) => entry.name === input.subset);
    const policy = mergeSubsetPolicy(rule?.trafficPolicy, subset?.trafficPolicy, 80);
    const cluster = clusterPolicy(policy, {
      profile,
      meshLocality: input.mesh?.localityLbSetting ?? { enabled: true },
      defaultTrafficPolicy: input.mesh?.defaultTrafficPolicy,
    });
    const { outlierDetection, http, ...rest } = expected.cluster;
    expect(inNotation(cluster)).toEqual(rest);
    if (outlierDetection === null) expect(cluster.outlierDetection).toBeUndefined();
    else expect(cluster.outlierDetection).toEqual(outlierDetection.set);
    if (http?.idleTimeout) expect(cluster.commonHttpProtocolOptions?.idleTimeout).toBe(http.idleTimeout);
    if (http?.http2)
      expect(cluster.http2ProtocolOptions).toEqual({ maxConcurrentStreams: http.maxConcurrentStreams });
  });
});

describe('retries', () => {
  it.each(recorded('08-retry'))('%s', (_, { input, expect: expected }) => {
    const got =
      input.direction === 'inbound'
        ? inboundRetryPolicy(input.retries, profile)
        : outboundRetryPolicy(input.retries, profile, input.consistentHash);
    if (expected.retry === null) {
      expect(got).toBeUndefined();
      return;
    }
    expect({
      attempts: got?.numRetries,
      on: got?.retryOn.split(','),
      statusCodes: got?.retriableStatusCodes,
      perTryTimeout: got?.perTryTimeout,
      avoidTriedHosts: got?.retryHostPredicate !== undefined,
      hostSelectionAttempts: got?.hostSelectionRetryMaxAttempts,
      otherPriorities: got?.retryPriority !== undefined,
      backoffBase: got?.retryBackOff?.baseInterval,
    }).toEqual({
      statusCodes: undefined,
      perTryTimeout: undefined,
      hostSelectionAttempts: undefined,
      backoffBase: undefined,
      ...expected.retry,
    });
  });

  it('included plain 503 answers by default before 1.24', () => {
    expect(outboundRetryPolicy(null, istioProfile('1.23'), false)?.retriableStatusCodes).toEqual([503]);
    expect(outboundRetryPolicy(null, istioProfile('1.24'), false)?.retriableStatusCodes).toBeUndefined();
  });
});

describe('merging a subset into its rule', () => {
  const cases = recorded('09-merge').filter(([, entry]) => entry.kind === 'trafficPolicy');
  it.each(cases)('%s', (_, { input, expect: expected }) => {
    expect(mergeSubsetPolicy(input.top, input.subset, input.port)).toEqual(expected.policy);
  });
});

it("reads Go's durations", () => {
  expect(['1m', '1m30s', '500ms', '0.5s', '1h'].map(protoDuration)).toEqual([
    '60s',
    '90s',
    '0.5s',
    '0.5s',
    '3600s',
  ]);
  expect(() => protoDuration('60')).toThrow(RangeError);
});
