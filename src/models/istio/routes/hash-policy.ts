// The key of a consistent hash sits on the route, not on the cluster (LB-1): which DestinationRule block gives it, and how Envoy spells it.
// Source: istio/istio pilot/pkg/networking/core/route/route.go hashForService, hashForHTTPDestination, consistentHashToHashPolicy (1.31).
import type { HashPolicy } from '../../envoy/config.ts';
import type { DestinationRuleSpec, TrafficPolicy } from '../destination-rule.ts';
import { blockOf, durationOf, listOf, numberOf, type Spec, textOf } from './spec-reading.ts';

const hashOf = (policy: Spec | undefined): Spec | undefined =>
  blockOf(blockOf(policy ?? {}, 'loadBalancer') ?? {}, 'consistentHash');

const portEntry = (policy: Spec | undefined, port: number): Spec | undefined =>
  listOf(policy ?? {}, 'portLevelSettings').find(
    (entry) => numberOf(blockOf(entry, 'port') ?? {}, 'number') === port,
  );

const policyOf = (rule: DestinationRuleSpec): Spec | undefined =>
  blockOf(rule as unknown as Spec, 'trafficPolicy') as (Spec & TrafficPolicy) | undefined;

/** Default route of a service port: a port entry counts only if it has a hash of its own. */
export function hashForServicePort(rule: DestinationRuleSpec, port: number): Spec | undefined {
  const policy = policyOf(rule);
  return hashOf(portEntry(policy, port)) ?? hashOf(policy);
}

/** Destination of a VirtualService: subset's port entry, subset, port entry, rule; ports count only when the destination names one. */
export function hashForDestination(
  rule: DestinationRuleSpec,
  subset: string,
  port: number | undefined,
): Spec | undefined {
  const policy = policyOf(rule);
  const entry = listOf(rule as unknown as Spec, 'subsets').find((known) => textOf(known, 'name') === subset);
  const subsetPolicy = entry && blockOf(entry, 'trafficPolicy');
  return (
    (port === undefined ? undefined : hashOf(portEntry(subsetPolicy, port))) ??
    hashOf(subsetPolicy) ??
    (port === undefined ? undefined : hashOf(portEntry(policy, port))) ??
    hashOf(policy)
  );
}

export function translateHash(hash: Spec | undefined): HashPolicy | undefined {
  if (!hash) return undefined;
  if (textOf(hash, 'httpHeaderName')) return { header: { headerName: textOf(hash, 'httpHeaderName') } };
  const cookie = blockOf(hash, 'httpCookie');
  if (cookie) {
    const ttl = durationOf(cookie, 'ttl');
    const path = textOf(cookie, 'path');
    return {
      cookie: { name: textOf(cookie, 'name'), ...(ttl !== undefined && { ttl }), ...(path && { path }) },
    };
  }
  if (typeof hash['useSourceIp'] === 'boolean')
    return { connectionProperties: { sourceIp: hash['useSourceIp'] } };
  if (textOf(hash, 'httpQueryParameterName'))
    return { queryParameter: { name: textOf(hash, 'httpQueryParameterName') } };
  return undefined;
}
