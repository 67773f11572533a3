// Inbound listener of a sidecar: a filter chain per port that its pod serves, towards the application.
// Source: istio/istio pilot/pkg/networking/core/{listener_inbound,httproute}.go, route.go BuildDefaultHTTPInboundRoute (1.31). Rule RT-8.
import type { FilterChain, Listener, Route } from '../../envoy/config.ts';
import type { ServedPort, TranslationContext } from '../context.ts';
import type { ProxyNode } from '../model.ts';
import { inboundRetryPolicy } from '../retry-policy.ts';
import { isHttpOrSniffed } from './destinations.ts';
import { retrySpec } from './http-routes.ts';
import { isRecord, type Spec } from './spec-reading.ts';

/** One chain per port number: services that share a port share its chain, the first one's protocol counts. */
export function inboundListener(context: TranslationContext, node: ProxyNode): Listener {
  const chains = new Map<number, FilterChain>();
  for (const served of context.servedPorts(node)) {
    if (served.port.protocol === 'UDP' || chains.has(served.targetPort)) continue;
    chains.set(served.targetPort, chainFor(context, served));
  }
  return {
    name: 'virtualInbound',
    trafficDirection: 'INBOUND',
    address: { address: '0.0.0.0', port: 15006 },
    filterChains: [...chains.values()],
    defaultFilterChain: {
      name: 'virtualInbound',
      tcpProxy: { statPrefix: 'InboundPassthroughCluster', cluster: 'InboundPassthroughCluster' },
    },
  };
}

function chainFor(context: TranslationContext, { port, targetPort }: ServedPort): FilterChain {
  const cluster = context.clusterName('inbound', targetPort, '', '');
  const match = { destinationPort: targetPort };
  if (!isHttpOrSniffed(port.protocol))
    return {
      name: `0.0.0.0_${targetPort}`,
      filterChainMatch: match,
      tcpProxy: { statPrefix: cluster, cluster },
    };
  const configured = context.meshConfig.defaultInboundHttpRetryPolicy;
  const isExempt = port.protocol === 'GRPC' && context.profile.minor >= 31;
  const retryPolicy = isExempt
    ? undefined
    : inboundRetryPolicy(
        isRecord(configured) && context.profile.minor >= 31 ? retrySpec(configured as Spec) : null,
        context.profile,
      );
  const route: Route = {
    name: 'default',
    match: { prefix: '/' },
    route: {
      cluster,
      timeout: '0s',
      maxStreamDuration: { maxStreamDuration: '0s', grpcTimeoutHeaderMax: '0s' },
      ...(retryPolicy && { retryPolicy }),
    },
  };
  return {
    name: `0.0.0.0_${targetPort}`,
    filterChainMatch: match,
    httpConnectionManager: {
      statPrefix: `inbound_0.0.0.0_${targetPort}`,
      routeConfig: {
        name: cluster,
        virtualHosts: [{ name: `inbound|http|${port.port}`, domains: ['*'], routes: [route] }],
        validateClusters: false,
      },
    },
  };
}
