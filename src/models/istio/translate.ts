// Our istiod: a Mesh and one proxy become Envoy configuration. Proxies that look alike to istiod share everything but the small object
// with their node id, so that comparing references tells what is equal; nothing that is returned may be changed.
// Source: istio/istio pilot/pkg/xds, pilot/pkg/networking/core (1.31).
import type { Cluster, ClusterLoadAssignment, EnvoyConfig, Listener } from '../envoy/config.ts';
import { withTopologyLabels } from './client-labels.ts';
import { inboundClusters } from './clusters/inbound.ts';
import {
  hasSelfDiscovery,
  LOCAL_CLUSTER,
  type LocalCluster,
  localCluster,
  localClusterKey,
} from './clusters/local-cluster.ts';
import type { ServedPort, TranslationContext } from './context.ts';
import { createContext, type MeshContext } from './create-context.ts';
import { getOrCreate } from './get-or-create.ts';
import type { Mesh, ProxyNode } from './model.ts';
import { createOutboundViews, type OutboundView } from './outbound-view.ts';
import { inboundListener } from './routes/inbound.ts';
import { buildListenersAndRoutes } from './routes/index.ts';
import { sidecarOutbound } from './routes/sidecar-listeners.ts';

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

  const withSelf = hasSelfDiscovery(context) ? createSelfDiscovery(context) : null;
  const viewOf = (node: ProxyNode) => withSelf?.(outboundOf(node), node) ?? outboundOf(node);

  return {
    context,
    configOf(proxy) {
      const node = withTopologyLabels(proxy);
      const outbound = viewOf(node);
      const inbound = inboundOf(node);
      const byInbound = getOrCreate(joined, outbound.clusters, () => new WeakMap<object, Cluster[]>());
      const clusters = getOrCreate(byInbound, inbound, () => [...outbound.clusters, ...inbound]);
      return {
        node: { id: proxy.id, ...localityOf(proxy) },
        ...routesOf(node),
        clusters,
        endpoints: outbound.endpoints,
        ...(outbound.clusters.at(-1)?.name === LOCAL_CLUSTER && { localClusterName: LOCAL_CLUSTER }),
      };
    },
    endpointsOf: (proxy) => viewOf(withTopologyLabels(proxy)).endpoints,
  };
}

/** Adds the cluster of the proxy's own kind; proxies of one workload with one view share the result. */
function createSelfDiscovery(
  context: MeshContext,
): (outbound: OutboundView, node: ProxyNode) => OutboundView | null {
  const known = new Map<string, LocalCluster>();
  const views = new WeakMap<OutboundView, Map<string, OutboundView>>();
  return (outbound, node) => {
    const key = localClusterKey(context, node);
    if (key === null) return null;
    const own = getOrCreate(known, key, () => localCluster(context, node));
    const byKey = getOrCreate(views, outbound, () => new Map<string, OutboundView>());
    return getOrCreate(byKey, key, () => ({
      clusters: [...outbound.clusters, own.cluster],
      endpoints: [...outbound.endpoints, own.assignment],
    }));
  };
}

function localityOf(node: ProxyNode): Pick<EnvoyConfig['node'], 'locality'> {
  if (node.locality === '') return {};
  const [region, zone, subZone] = node.locality.split('/');
  return { locality: { ...(region && { region }), ...(zone && { zone }), ...(subZone && { subZone }) } };
}

/**
 * Inbound clusters depend on the Sidecar in force, on what the pod serves, and on the rules of these services. They do not name the service,
 * so pods of many services have equal ones: these become one object.
 */
function createInbound(context: MeshContext): (node: ProxyNode) => Cluster[] {
  const equal = new Map<string, Cluster[]>();
  const known = new Map<string, Map<readonly ServedPort[], Cluster[]>>();
  return (node) => {
    const byPorts = getOrCreate(
      known,
      context.scopeKey(node),
      () => new Map<readonly ServedPort[], Cluster[]>(),
    );
    return getOrCreate(byPorts, context.servedPorts(node), () => {
      const clusters = inboundClusters(context, node);
      return getOrCreate(equal, JSON.stringify(clusters), () => clusters);
    });
  };
}

type Routes = Pick<EnvoyConfig, 'listeners' | 'routeConfigurations'>;

/**
 * A sidecar's outbound part looks at the scope and at the labels that VirtualServices select by, its inbound part at what the pod serves;
 * a gateway's looks at all its labels. Locality and node do not matter to any of them.
 */
function createRoutes(context: MeshContext): (node: ProxyNode) => Routes {
  const gateways = new Map<string, Routes>();
  const outbound = new Map<string, Routes>();
  const inbound = new Map<string, Listener>();
  const byServed = new Map<readonly ServedPort[], Listener>();
  const whole = new WeakMap<Routes, WeakMap<Listener, Routes>>();
  return (node) => {
    const key = context.routeKey(node);
    if (node.type === 'router')
      return getOrCreate(gateways, `${key}|${node.network}`, () => buildListenersAndRoutes(context, node));
    const out = getOrCreate(outbound, key, () => sidecarOutbound(context, node));
    const own = getOrCreate(byServed, context.servedPorts(node), () => {
      const made = inboundListener(context, node);
      return getOrCreate(inbound, JSON.stringify(made), () => made);
    });
    const byInbound = getOrCreate(whole, out, () => new WeakMap<Listener, Routes>());
    return getOrCreate(byInbound, own, () => ({
      listeners: [...out.listeners, own],
      routeConfigurations: out.routeConfigurations,
    }));
  };
}
