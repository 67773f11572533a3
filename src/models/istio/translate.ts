// Our istiod: a Mesh and one proxy become Envoy configuration. Proxies that look alike to istiod share everything but the small object
// with their node id, so that comparing references tells what is equal; nothing that is returned may be changed.
// Source: istio/istio pilot/pkg/xds, pilot/pkg/networking/core (1.31).
import type { Cluster, ClusterLoadAssignment, EnvoyConfig } from '../envoy/config.ts';
import { withTopologyLabels } from './client-labels.ts';
import { inboundClusters } from './clusters/inbound.ts';
import type { ServedPort, TranslationContext } from './context.ts';
import { createContext, type MeshContext } from './create-context.ts';
import { getOrCreate } from './get-or-create.ts';
import type { Mesh, ProxyNode } from './model.ts';
import { createOutboundViews } from './outbound-view.ts';
import { buildListenersAndRoutes } from './routes/index.ts';

export interface Translator {
  context: TranslationContext;
  configOf(node: ProxyNode): EnvoyConfig;
  /** The EDS part alone; the same objects as in configOf(node).endpoints. */
  endpointsOf(node: ProxyNode): ClusterLoadAssignment[];
}

export function createTranslator(mesh: Mesh): Translator {
  const context = createContext(mesh);
  const outboundOf = createOutboundViews(context);
  const inboundOf = createInbound(context);
  const routesOf = createRoutes(context);
  const joined = new WeakMap<object, WeakMap<object, Cluster[]>>();

  return {
    context,
    configOf(proxy) {
      const node = withTopologyLabels(proxy);
      const outbound = outboundOf(node);
      const inbound = inboundOf(node);
      const byInbound = getOrCreate(joined, outbound.clusters, () => new WeakMap<object, Cluster[]>());
      const clusters = getOrCreate(byInbound, inbound, () => [...outbound.clusters, ...inbound]);
      return {
        node: { id: proxy.id, ...localityOf(proxy) },
        ...routesOf(node),
        clusters,
        endpoints: outbound.endpoints,
      };
    },
    endpointsOf: (proxy) => outboundOf(withTopologyLabels(proxy)).endpoints,
  };
}

function localityOf(node: ProxyNode): Pick<EnvoyConfig['node'], 'locality'> {
  if (node.locality === '') return {};
  const [region, zone, subZone] = node.locality.split('/');
  return { locality: { ...(region && { region }), ...(zone && { zone }), ...(subZone && { subZone }) } };
}

/** Inbound clusters depend on the Sidecar in force, on what the pod serves, and on the rules of these services. */
function createInbound(context: MeshContext): (node: ProxyNode) => Cluster[] {
  const known = new Map<string, Map<readonly ServedPort[], Cluster[]>>();
  return (node) => {
    const byPorts = getOrCreate(
      known,
      context.scopeKey(node),
      () => new Map<readonly ServedPort[], Cluster[]>(),
    );
    return getOrCreate(byPorts, context.servedPorts(node), () => inboundClusters(context, node));
  };
}

type Routes = ReturnType<typeof buildListenersAndRoutes>;

/** Listeners and routes look at the same, and at the labels that VirtualServices and Gateways select by; locality and node do not matter. */
function createRoutes(context: MeshContext): (node: ProxyNode) => Routes {
  const known = new Map<string, Map<readonly ServedPort[], Routes>>();
  return (node) => {
    const key = `${context.routeKey(node)}|${(node.ports ?? []).join()}|${node.network}`;
    const byPorts = getOrCreate(known, key, () => new Map<readonly ServedPort[], Routes>());
    return getOrCreate(byPorts, context.servedPorts(node), () => buildListenersAndRoutes(context, node));
  };
}
