// Listeners and route tables of one proxy: sidecars by egress and inbound, gateways by the Gateway objects that run in them.
// Source: istio/istio pilot/pkg/networking/core/listener.go BuildListeners, httproute.go BuildHTTPRoutes (1.31).
import type { Listener, RouteConfiguration } from '../../envoy/config.ts';
import type { TranslationContext } from '../context.ts';
import type { ProxyNode } from '../model.ts';
import { gatewayConfiguration } from './gateway.ts';
import { inboundListener } from './inbound.ts';
import { sidecarOutbound } from './sidecar-listeners.ts';

export function buildListenersAndRoutes(
  context: TranslationContext,
  node: ProxyNode,
): { listeners: Listener[]; routeConfigurations: RouteConfiguration[] } {
  if (node.type === 'router') return gatewayConfiguration(context, node);
  const { listeners, routeConfigurations } = sidecarOutbound(context, node);
  return { listeners: [...listeners, inboundListener(context, node)], routeConfigurations };
}
