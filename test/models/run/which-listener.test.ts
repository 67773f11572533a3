// Which listener, chain and virtual host a request meets: by the name that was dialled, by server name, and https asked for before any route.
import { expect, it } from 'vitest';
import type { EnvoyConfig } from '../../../src/models/envoy/config.ts';
import { runWorld } from '../../../src/models/run/run-world.ts';
import type { ServerSpec, WorldSpec } from '../../../src/models/world.ts';

const place = { cluster: 'c', region: 'r', zone: 'z', node: 'n' };
const cluster = (name: string, address: string) => ({
  name,
  loadAssignment: {
    clusterName: name,
    endpoints: [{ lbEndpoints: [{ endpoint: { address, port: 5432 } }] }],
  },
});
const tcp = (address: string, name: string) => ({
  name: `${address}_5432`,
  address: { address, port: 5432 },
  dialledAs: [name, `${name}.shop`],
  filterChains: [{ tcpProxy: { cluster: name } }],
});
const config: EnvoyConfig = {
  node: { id: 'p' },
  listeners: [
    tcp('172.16.0.1', 'db'),
    tcp('172.16.0.2', 'sql'),
    {
      name: 'tls',
      address: { address: '0.0.0.0', port: 443 },
      filterChains: [
        { filterChainMatch: { serverNames: ['a.com'] }, tcpProxy: { cluster: 'db' } },
        { filterChainMatch: { serverNames: ['*.b.com'] }, tcpProxy: { cluster: 'sql' } },
      ],
    },
    {
      name: 'http',
      address: { address: '0.0.0.0', port: 80 },
      filterChains: [{ httpConnectionManager: { routeConfigName: '80' } }],
    },
  ],
  routeConfigurations: [
    {
      name: '80',
      virtualHosts: [
        {
          name: 'a.com',
          domains: ['*'],
          requireTls: 'ALL',
          routes: [{ match: { prefix: '/' }, route: { cluster: 'db' } }],
        },
      ],
    },
  ],
  clusters: [cluster('db', '10.0.0.1'), cluster('sql', '10.0.0.2')],
  endpoints: [],
};
const server = (name: string, address: string): ServerSpec => ({
  name,
  place,
  addresses: [{ address, port: 5432 }],
  labels: {},
  behaviour: { latency: { dist: 'fixed', ns: 1e6 } },
});

/** Names of the servers that answered, and the codes. */
function ask(host: string, port: number) {
  const world: WorldSpec = {
    seed: 1,
    replication: 0,
    proxies: [{ name: 'p', place, concurrency: 1, config }],
    servers: [server('db', '10.0.0.1'), server('sql', '10.0.0.2')],
    loads: [
      {
        name: 'l',
        from: { proxy: 0, port },
        request: { method: 'GET', host, path: '/', headers: {}, port },
        startNs: 0,
        arrivals: { kind: 'iterations', count: 1, paceNs: 1e9 },
        connections: 'new',
      },
    ],
    actions: [],
    breakpointsNs: [],
  };
  const result = runWorld(world);
  return {
    by: result.tallies.flatMap((row) => Object.keys(row.by)),
    codes: Object.keys(result.loads[0]!.codes),
  };
}

it('the name that is dialled chooses among the addresses of a port', () => {
  expect(ask('db:5432', 5432).by).toEqual(['0']);
  expect(ask('sql.shop:5432', 5432).by).toEqual(['1']);
});

it('the server name chooses the chain', () => {
  expect(ask('a.com', 443).by).toEqual(['0']);
  expect(ask('x.b.com', 443).by).toEqual(['1']);
});

it('a host that wants https answers 301 before any route', () => {
  expect(ask('a.com', 80)).toEqual({ by: [], codes: ['301'] });
});
