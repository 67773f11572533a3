// Which service ports a proxy's own pod serves: what its inbound listeners and clusters are made of.
// Source: istio/istio pilot/pkg/serviceregistry/kube/controller GetProxyServiceTargets (1.31).
import type { ServedPort } from '../context.ts';
import type { Mesh, ProxyNode } from '../model.ts';

export interface ServedPortIndex {
  portsOf(node: Pick<ProxyNode, 'clusterId' | 'ipAddresses'>): readonly ServedPort[];
}

const NONE: readonly ServedPort[] = [];

/** Pods with the same ports share one list, so that what is made of it can be cached by the list itself. */
export function indexServedPorts(mesh: Mesh): ServedPortIndex {
  const byAddress = new Map<string, ServedPort[]>();
  const known = new Map<string, ServedPort>();
  for (const service of mesh.services) {
    const portNamed = new Map(service.ports.map((port) => [port.name, port]));
    for (const endpoint of mesh.endpoints.get(`${service.hostname}/${service.namespace}`) ?? []) {
      const port = portNamed.get(endpoint.servicePortName);
      if (!port || endpoint.address === '') continue;
      const portKey = `${service.hostname}/${service.namespace}/${port.name}/${endpoint.endpointPort}`;
      let entry = known.get(portKey);
      if (!entry) {
        entry = { service, port, targetPort: endpoint.endpointPort };
        known.set(portKey, entry);
      }
      const key = `${endpoint.clusterId}|${endpoint.address}`;
      const list = byAddress.get(key);
      if (!list) byAddress.set(key, [entry]);
      else if (!list.includes(entry)) list.push(entry);
    }
  }
  const shared = new Map<string, ServedPort[]>();
  const numbers = new Map<ServedPort, number>();
  for (const entry of known.values()) numbers.set(entry, numbers.size);
  for (const [key, list] of byAddress) {
    const text = list.map((entry) => numbers.get(entry)).join();
    const same = shared.get(text);
    if (same) byAddress.set(key, same);
    else shared.set(text, list);
  }
  return {
    portsOf(node) {
      for (const address of node.ipAddresses) {
        const list = byAddress.get(`${node.clusterId}|${address}`);
        if (list) return list;
      }
      return NONE;
    },
  };
}
