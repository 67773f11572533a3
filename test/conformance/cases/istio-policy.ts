// Policies of clusters and routes: Istio's files cluster-policy, outlier-unit, retry, and the trafficPolicy and destinationRules cases of merge.
import type { Cluster, OutlierDetection } from '../../../src/models/envoy/config.ts';
import { UNLIMITED } from '../../../src/models/istio/cluster-policy.ts';
import { type DestinationRuleSpec, mergeSubsetPolicy } from '../../../src/models/istio/destination-rule.ts';
import type { ConfigObject } from '../../../src/models/istio/model.ts';
import { translateOutlierDetection } from '../../../src/models/istio/outlier-policy.ts';
import { inboundRetryPolicy, outboundRetryPolicy } from '../../../src/models/istio/retry-policy.ts';
import { indexDestinationRules, type MergedRule } from '../../../src/models/istio/scope/destination-rules.ts';
import { delegateCase } from './istio-routes.ts';
import { profile, translated } from './istio-web-shop.ts';
import { type Family, isWithin, type Json, Unsupported } from './registry.ts';

const result = (got: Json, expected: Json) => (isWithin(got, expected) ? null : { got, expected });
const limit = (value: number | undefined) => (value === UNLIMITED ? 'max' : value);

export const istioPolicy: Family = {
  'istio/cluster-policy': ({ input, expect }) => {
    const found = translated(input);
    if (expect.cluster === null || found === null) return result(found?.cluster.name ?? null, expect.cluster);
    return result(policyInNotation(found.cluster), normalised(expect.cluster));
  },

  'istio/outlier-unit': ({ input, expect }) => {
    if (input.outlierDetection === null || input.outlierDetection === undefined)
      return result(null, expect.set);
    const got = translateOutlierDetection(input.outlierDetection, profile, (text) => text);
    return result({ set: got.outlierDetection, panicThreshold: got.healthyPanicThreshold }, expect);
  },

  'istio/retry': ({ input, expect }) => {
    const got =
      input.direction === 'inbound'
        ? inboundRetryPolicy(input.retries ?? null, profile)
        : outboundRetryPolicy(input.retries ?? null, profile, input.consistentHash ?? false);
    if (got === undefined) return result(null, expect.retry);
    return result(
      {
        attempts: got.numRetries,
        on: got.retryOn.split(','),
        statusCodes: got.retriableStatusCodes,
        perTryTimeout: got.perTryTimeout,
        avoidTriedHosts: got.retryHostPredicate !== undefined,
        hostSelectionAttempts: got.hostSelectionRetryMaxAttempts,
        otherPriorities: got.retryPriority !== undefined,
        backoffBase: got.retryBackOff?.baseInterval,
      },
      expect.retry,
    );
  },

  'istio/merge': ({ kind, input, expect }) => {
    if (kind === 'trafficPolicy')
      return result(mergeSubsetPolicy(input.top, input.subset, input.port), expect.policy);
    if (kind === 'destinationRules') return mergedRules(input, expect);
    if (kind === 'delegate') return delegateCase({ input, expect });
    throw new Unsupported(`merges of kind ${kind}`);
  },
};

/** What the notation leaves open: a Maglev table without a size, and 0 or null for a detector that is off. */
function normalised({ maglev, outlierDetection, ...rest }: Json): Json {
  const { set, effective: written } = outlierDetection ?? {};
  return {
    http: null,
    ...rest,
    ...(maglev?.tableSize && { maglev }),
    outlierDetection: outlierDetection && {
      set,
      effective: Object.fromEntries(Object.entries(written).map(([key, value]) => [key, value || null])),
    },
  };
}

function policyInNotation(cluster: Cluster): Json {
  const [breaker] = cluster.circuitBreakers?.thresholds ?? [];
  const slowStart = (cluster.leastRequestLbConfig ?? cluster.roundRobinLbConfig)?.slowStartConfig;
  const budget = breaker?.retryBudget;
  const zone = cluster.commonLbConfig?.zoneAwareLbConfig;
  const options = cluster.commonHttpProtocolOptions;
  const http: Json = {
    ...options,
    ...(cluster.http2ProtocolOptions && { http2: true, ...cluster.http2ProtocolOptions }),
    ...(cluster.useDownstreamProtocol && { followClientProtocol: true }),
    ...(cluster.outlierErrorStatusCodes && { errorStatusCodes: cluster.outlierErrorStatusCodes }),
  };
  return {
    lb: cluster.lbPolicy,
    type: cluster.type,
    localityWeighted: cluster.commonLbConfig?.localityWeightedLbConfig !== undefined,
    panicThreshold: cluster.commonLbConfig?.healthyPanicThreshold,
    limits: {
      connections: limit(breaker?.maxConnections),
      pending: limit(breaker?.maxPendingRequests),
      requests: limit(breaker?.maxRequests),
      retries: limit(breaker?.maxRetries),
    },
    connectTimeout: cluster.connectTimeout,
    outlierDetection: cluster.outlierDetection
      ? { set: cluster.outlierDetection, effective: effective(cluster.outlierDetection) }
      : null,
    http: Object.keys(http).length > 0 ? http : null,
    ...(budget && {
      retryBudget: { percent: budget.budgetPercent, minConcurrency: budget.minRetryConcurrency },
    }),
    ...(slowStart && {
      slowStart: {
        window: slowStart.slowStartWindow,
        aggression: slowStart.aggression,
        minWeightPercent: slowStart.minWeightPercent,
      },
    }),
    ...(cluster.ringHashLbConfig && { ring: cluster.ringHashLbConfig }),
    ...(zone && {
      zoneAware: {
        routingPercent: zone.routingEnabled,
        ...(zone.minClusterSize && { minClusterSize: zone.minClusterSize }),
      },
    }),
    ...(cluster.maglevLbConfig && { maglev: cluster.maglevLbConfig }),
  };
}

/** With Envoy's defaults; a detector that is not enforced is null. */
function effective(set: OutlierDetection): Json {
  return {
    consecutive5xx: set.enforcingConsecutive5xx === 0 ? null : (set.consecutive5xx ?? 5),
    consecutiveGateway: set.enforcingConsecutiveGatewayFailure ? (set.consecutiveGatewayFailure ?? 5) : null,
    consecutiveLocalOrigin: set.splitExternalLocalOriginErrors
      ? (set.consecutiveLocalOriginFailure ?? 5)
      : null,
    interval: set.interval ?? '10s',
    baseEjectionTime: set.baseEjectionTime ?? '30s',
    maxEjectionPercent: set.maxEjectionPercent ?? 10,
  };
}

function mergedRules(input: Json, expect: Json) {
  const rules = input.rules.map(
    (rule: Json, creation: number): ConfigObject<DestinationRuleSpec> => ({
      kind: 'DestinationRule',
      name: rule.name,
      namespace: rule.namespace,
      labels: {},
      annotations: {},
      creation: rule.creation ?? creation,
      spec: {
        ...rule,
        subsets: (rule.subsets ?? []).map((subset: Json) =>
          typeof subset === 'string' ? { name: subset } : subset,
        ),
      },
    }),
  );
  const settings = { rootNamespace: 'istio-system', defaultDestinationRuleExportTo: ['*'] };
  const index = indexDestinationRules(rules, settings, profile, 'cluster.local');
  const listed = (found: MergedRule[] | undefined, wanted: Json[]) =>
    (found ?? []).map((rule, i) => ({
      from: rule.sources.map(({ name }) => name),
      ...(wanted[i]?.exportTo && { exportTo: rule.exportTo }),
      subsets: (rule.spec.subsets ?? []).map(({ name }) => name),
    }));
  const of = (map: typeof index.local) => {
    const rulesOf = map.get(input.namespace);
    return rulesOf?.exact.get(input.host) ?? rulesOf?.wildcard.get(input.host);
  };
  const got = {
    usableInsideNamespace: listed(of(index.local), expect.usableInsideNamespace ?? []),
    exportable: listed(of(index.exported), expect.exportable ?? []),
  };
  return result(got, expect);
}
