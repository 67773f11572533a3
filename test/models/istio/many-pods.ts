// A large mesh of simple services: clusters in five regions of three zones each; every service has pods in every cluster, outlier
// detection and two subsets. Also measured by bench/cold.ts.
import type { IstioEndpoint, Mesh, ProxyNode } from '../../../src/models/istio/model.ts';
import { client, config, endpoint, mesh, service } from './mesh-fixtures.ts';

export interface Size {
  clusters: number;
  services: number;
  pods: number;
  /** Services are dealt to these in turn. */
  namespaces: number;
}

export function manyPods({ clusters, services, pods, namespaces }: Size): {
  parts: Mesh;
  nodes: ProxyNode[];
} {
  const endpoints: Record<string, IstioEndpoint[]> = {};
  const nodes: ProxyNode[] = [];
  const namespaceOf = (i: number) => (namespaces === 1 ? 'shop' : `shop${(i % services) % namespaces}`);
  for (let i = 0; i < pods; i++) {
    const name = `svc${i % services}`;
    const namespace = namespaceOf(i);
    const cluster = Math.floor(i / services) % clusters;
    const region = `r${cluster % 5}`;
    const place = { locality: `${region}/${region}-z${i % 3}`, clusterId: `c${cluster}` };
    const labels = { app: name, version: i % 2 ? 'v1' : 'v2' };
    const address = `10.${cluster}.${(i >> 8) & 255}.${i & 255}`;
    const key = `${name}.${namespace}.svc.cluster.local/${namespace}`;
    endpoints[key] ??= [];
    endpoints[key].push(endpoint(address, { ...place, labels }));
    nodes.push(
      client({
        id: `pod${i}`,
        namespace,
        ...place,
        labels,
        ipAddresses: [address],
        nodeName: `node${i % 97}`,
      }),
    );
  }
  const names = Array.from({ length: services }, (_, i) => `svc${i}`);
  const vips = (i: number) =>
    Object.fromEntries(
      Array.from({ length: clusters }, (_, c) => [`c${c}`, [`172.${c}.${i >> 8}.${i & 255}`]]),
    );
  return {
    nodes,
    parts: mesh({
      version: '1.24',
      endpoints,
      services: names.map((name, i) =>
        service(name, { namespace: namespaceOf(i), creation: i, clusterVIPs: vips(i) }),
      ),
      configs: names.map((name, creation) =>
        config(
          'DestinationRule',
          {
            host: name,
            trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3 } },
            subsets: ['v1', 'v2'].map((version) => ({ name: version, labels: { version } })),
          },
          { name, creation, namespace: namespaceOf(creation) },
        ),
      ),
    }),
  };
}
