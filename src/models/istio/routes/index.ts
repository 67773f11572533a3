// Listeners and route tables of one proxy.
import type { Listener, RouteConfiguration } from '../../envoy/config.ts';
import type { TranslationContext } from '../context.ts';
import type { ProxyNode } from '../model.ts';

export function buildListenersAndRoutes(
  context: TranslationContext,
  node: ProxyNode,
): { listeners: Listener[]; routeConfigurations: RouteConfiguration[] } {
  void context;
  void node;
  return { listeners: [], routeConfigurations: [] };
}
