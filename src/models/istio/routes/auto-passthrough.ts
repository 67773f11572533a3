// Filter chains of an east-west gateway's server with tls mode AUTO_PASSTHROUGH: the server name says service, port and subset (SH-9).
// Source: istio/istio pilot/pkg/networking/core/gateway.go builtAutoPassthroughFilterChains (1.31).
import type { FilterChain } from '../../envoy/config.ts';
import { sniClusterName } from '../clusters/auto-passthrough.ts';
import type { TranslationContext } from '../context.ts';
import { hostsMatch } from '../host-name.ts';
import type { ProxyNode } from '../model.ts';
import { listOf, type Spec, textOf } from './spec-reading.ts';

/** @param hosts of the server, e.g. "*.local" */
export function autoPassthroughChains(
  context: TranslationContext,
  node: ProxyNode,
  hosts: readonly string[],
): FilterChain[] {
  return context.visibleServices(node).flatMap((service) => {
    if (service.meshExternal || !hosts.some((host) => hostsMatch(host, service.hostname))) return [];
    const rule = context.destinationRuleFor(node, service);
    const subsets = rule
      ? listOf(rule.spec as unknown as Spec, 'subsets').map((subset) => textOf(subset, 'name'))
      : [];
    return service.ports
      .filter((port) => port.protocol !== 'UDP')
      .flatMap((port) =>
        ['', ...subsets].map((subset) => sniClusterName(port.port, subset, service.hostname)),
      )
      .map((name) => ({
        filterChainMatch: { serverNames: [name] },
        tcpProxy: { statPrefix: name, cluster: name },
      }));
  });
}
