// Many proxies at once: the work must grow with what differs, not with the number of pods. This runs a
// small size of what must stay under ten seconds and two GiB: 20 clusters, 1,000 services, 20,000 pods.
import { expect, it } from 'vitest';
import type { IstioEndpoint, Mesh, ProxyNode } from '../../../src/models/istio/model.ts';
import { createTranslator } from '../../../src/models/istio/translate.ts';
import { client, config, endpoint, mesh, service } from './mesh-fixtures.ts';

/** Clusters in five regions of three zones each; every service has pods in every cluster, outlier detection and two subsets. */
function manyPods(clusters: number, services: number, pods: number): { parts: Mesh; nodes: ProxyNode[] } {
  const endpoints: Record<string, IstioEndpoint[]> = {};
  const nodes: ProxyNode[] = [];
  for (let i = 0; i < pods; i++) {
    const name = `svc${i % services}`;
    const cluster = Math.floor(i / services) % clusters;
    const region = `r${cluster % 5}`;
    const place = { locality: `${region}/${region}-z${i % 3}`, clusterId: `c${cluster}` };
    const labels = { app: name, version: i % 2 ? 'v1' : 'v2' };
    const address = `10.${cluster}.${(i >> 8) & 255}.${i & 255}`;
    endpoints[name] ??= [];
    endpoints[name].push(endpoint(address, { ...place, labels }));
    nodes.push(
      client({ id: `pod${i}`, ...place, labels, ipAddresses: [address], nodeName: `node${i % 97}` }),
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
      services: names.map((name, i) => service(name, { creation: i, clusterVIPs: vips(i) })),
      configs: names.map((name, creation) =>
        config(
          'DestinationRule',
          {
            host: name,
            trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3 } },
            subsets: ['v1', 'v2'].map((version) => ({ name: version, labels: { version } })),
          },
          { name, creation },
        ),
      ),
    }),
  };
}

it('translates a thousand pods of five clusters into as many configurations as there are places', () => {
  const { parts, nodes } = manyPods(5, 100, 1000);
  const before = process.cpuUsage();
  const translator = createTranslator(parts);
  const configs = nodes.map((node) => translator.configOf(node));
  const { user, system } = process.cpuUsage(before);
  expect(new Set(configs.map(({ endpoints }) => endpoints)).size).toBe(15);
  expect(new Set(configs.map(({ clusters }) => clusters)).size).toBe(15);
  expect(new Set(configs.map(({ routeConfigurations }) => routeConfigurations)).size).toBe(5);
  expect(new Set(configs.map(({ listeners }) => listeners)).size).toBe(5);
  expect(new Set(configs.flatMap(({ clusters }) => clusters)).size).toBe(300 + 2 + 2);
  // Measured at a tenth of this; the limit is for a laden machine, and far below what no sharing would cost.
  expect((user + system) / 1e6).toBeLessThan(10);
});
