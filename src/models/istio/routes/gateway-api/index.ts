// Kubernetes Gateway API -> the gateways and VirtualServices that istiod makes of it internally.
// Source: istio/istio pilot/pkg/config/kube/gateway/{gateway_collection,route_collections,conversion}.go (1.31). Rules GW-7, GW-8.
import type { TranslationContext } from '../../context.ts';
import type { GatewayView } from '../gateway-view.ts';
import type { VirtualServiceView } from '../http-rule.ts';
import { listenersOf } from './listeners.ts';
import { attachRoutes } from './routes.ts';

export interface GatewayApi {
  /** One per listener. */
  gateways: GatewayView[];
  /** By gateway key "namespace/name" of a listener. */
  gatewayRoutes: ReadonlyMap<string, VirtualServiceView[]>;
  /** HTTPRoutes and GRPCRoutes whose parent is a Service. */
  meshRoutes: readonly VirtualServiceView[];
}

const known = new WeakMap<TranslationContext, GatewayApi>();

export function gatewayApiOf(context: TranslationContext): GatewayApi {
  let api = known.get(context);
  if (!api) {
    const listeners = listenersOf(context);
    api = { gateways: listeners.map((listener) => listener.view), ...attachRoutes(context, listeners) };
    known.set(context, api);
  }
  return api;
}
