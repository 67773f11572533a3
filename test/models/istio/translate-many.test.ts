// Many proxies at once: the work must grow with what differs, not with the number of pods. This runs a
// small size of what must stay under ten seconds and two GiB: 20 clusters, 1,000 services, 20,000 pods.
import { expect, it } from 'vitest';
import { createTranslator } from '../../../src/models/istio/translate.ts';
import { manyPods, type Size } from './many-pods.ts';

function translated(size: Size) {
  const { parts, nodes } = manyPods(size);
  const translator = createTranslator(parts);
  return { nodes, configs: nodes.map((node) => translator.configOf(node)) };
}

it('translates a thousand pods of five clusters into as many configurations as there are places', () => {
  const before = process.cpuUsage();
  const { configs } = translated({ clusters: 5, services: 100, pods: 1000, namespaces: 1 });
  const { user, system } = process.cpuUsage(before);
  expect(new Set(configs.map(({ endpoints }) => endpoints)).size).toBe(15);
  expect(new Set(configs.map(({ clusters }) => clusters)).size).toBe(15);
  expect(new Set(configs.map(({ routeConfigurations }) => routeConfigurations)).size).toBe(5);
  expect(new Set(configs.map(({ listeners }) => listeners)).size).toBe(5);
  expect(new Set(configs.flatMap(({ clusters }) => clusters)).size).toBe(300 + 2 + 2);
  // Measured at a tenth of this; the limit is for a laden machine, and far below what no sharing would cost.
  expect((user + system) / 1e6).toBeLessThan(10);
});

it('shares between namespaces what they see alike', () => {
  const { nodes, configs } = translated({ clusters: 5, services: 20, pods: 300, namespaces: 4 });
  // Clusters and endpoints are by place alone; tables also by namespace, which knows its own services by short names.
  expect(new Set(configs.map(({ endpoints }) => endpoints)).size).toBe(15);
  expect(new Set(configs.map(({ clusters }) => clusters)).size).toBe(15);
  expect(new Set(configs.map(({ routeConfigurations }) => routeConfigurations)).size).toBe(20);
  const hosts = configs.flatMap(({ routeConfigurations }) =>
    routeConfigurations.flatMap(({ virtualHosts }) =>
      virtualHosts.filter(({ name }) => name !== 'allow_any'),
    ),
  );
  // Per service and cluster: one for its own namespace, one for all others. Their route is one per service.
  expect(new Set(hosts).size).toBe(20 * 5 * 2);
  expect(new Set(hosts.map(({ routes }) => routes)).size).toBe(20);
  const own = configs[nodes.findIndex(({ namespace }) => namespace === 'shop1')]!;
  const domains = own.routeConfigurations[0]!.virtualHosts.map((host) => host.domains[1]);
  expect(domains).toContain('svc1');
  expect(domains).toContain('svc2.shop2');
});
