// Our istiod: a Mesh and one proxy become Envoy configuration. Proxies that look alike to istiod share one configuration object,
// except for its node id; nothing returned may be changed by the caller.
// Source: istio/istio pilot/pkg/xds, pilot/pkg/networking/core (1.31).
import type { ClusterLoadAssignment, EnvoyConfig } from '../envoy/config.ts';
import type { TranslationContext } from './context.ts';
import { createContext } from './create-context.ts';
import type { Mesh, ProxyNode } from './model.ts';
import { buildListenersAndRoutes } from './routes/index.ts';

export interface Translator {
  context: TranslationContext;
  configOf(node: ProxyNode): EnvoyConfig;
  /** The EDS part alone; the same objects as in configOf(node).endpoints. */
  endpointsOf(node: ProxyNode): ClusterLoadAssignment[];
}

export function createTranslator(mesh: Mesh): Translator {
  const context = createContext(mesh);
  const configOf = (node: ProxyNode): EnvoyConfig => ({
    node: { id: node.id },
    ...buildListenersAndRoutes(context, node),
    clusters: [],
    endpoints: [],
  });
  return { context, configOf, endpointsOf: (node) => configOf(node).endpoints };
}
