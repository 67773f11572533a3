// The VirtualServices that count for a proxy, with full host names and their delegates merged in; HTTPRoutes of the Gateway API among them.
// Source: istio/istio pilot/pkg/model/{push_context,virtualservice}.go (1.31). Rules VS-1, VS-2, VW-5, VD-1.
import type { EgressListener, TranslationContext } from '../context.ts';
import type { ConfigObject, ProxyNode } from '../model.ts';
import { rulesWithDelegates } from './delegate.ts';
import { gatewayApiOf } from './gateway-api/index.ts';
import { hostsOf, semanticsOf, type VirtualServiceView } from './http-rule.ts';

const known = new WeakMap<TranslationContext, WeakMap<ConfigObject, VirtualServiceView>>();

export function viewOf(context: TranslationContext, object: ConfigObject): VirtualServiceView {
  let views = known.get(context);
  if (!views) {
    views = new WeakMap();
    known.set(context, views);
  }
  let view = views.get(object);
  if (!view) {
    view = {
      name: object.name,
      namespace: object.namespace,
      hosts: hostsOf(object).map((host) => context.resolveHost(host, object.namespace).toLowerCase()),
      semantics: semanticsOf(object),
      rules: rulesWithDelegates(
        object,
        context.configsOfKind('VirtualService'),
        context.meshConfig.defaultVirtualServiceExportTo,
      ),
      source: object,
    };
    views.set(object, view);
  }
  return view;
}

/** VirtualServices of the mesh, in the order in which they claim hosts. A delegate, having no hosts, is none of them. */
export function meshViews(
  context: TranslationContext,
  node: ProxyNode,
  listener: EgressListener,
): VirtualServiceView[] {
  const own = gatewayApiOf(context).meshRoutes;
  return [
    ...own.filter((view) => view.namespace === node.namespace),
    ...withHosts(listener.virtualServices.map((object) => viewOf(context, object))),
    ...own.filter((view) => view.namespace !== node.namespace),
  ];
}

/** @param gateway "namespace/name" */
export function gatewayViews(
  context: TranslationContext,
  node: ProxyNode,
  gateway: string,
): VirtualServiceView[] {
  return [
    ...withHosts(context.virtualServices(node, gateway).map((object) => viewOf(context, object))),
    ...(gatewayApiOf(context).gatewayRoutes.get(gateway) ?? []),
  ];
}

const withHosts = (views: VirtualServiceView[]) => views.filter((view) => view.hosts.length > 0);
