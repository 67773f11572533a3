// Route cases: whole tables end to end (06), one VirtualService (07), delegates (09).
import type { RouteConfiguration, VirtualHost } from '../../../src/models/envoy/config.ts';
import { createContext } from '../../../src/models/istio/create-context.ts';
import { istioProfile } from '../../../src/models/istio/profile.ts';
import { mergeRule } from '../../../src/models/istio/routes/delegate.ts';
import { httpRoutesOf } from '../../../src/models/istio/routes/http-routes.ts';
import { httpRulesOf } from '../../../src/models/istio/routes/http-rule.ts';
import { buildListenersAndRoutes } from '../../../src/models/istio/routes/index.ts';
import { configOf, RECORDED_RELEASE, recordedMesh } from './istio-mesh.ts';
import { type Family, isWithin, type Json } from './registry.ts';
import { routeNotation, tableNotation } from './route-notation.ts';

const byListener = (tables: Json[]): Json[] =>
  [...tables].sort((a, b) => (a.listener < b.listener ? -1 : Number(a.listener > b.listener)));

/** The recordings leave out default hosts of services that the case only needs as destinations. */
function withoutBystanders(table: RouteConfiguration, input: Json, expected: Json): RouteConfiguration {
  const listed = expected.find((entry: Json) => entry.listener === table.name)?.hosts ?? [];
  const bystanders = (input.services ?? []).map((service: Json) => service.host);
  const isKept = (host: VirtualHost) =>
    listed.some((entry: Json) => entry.name === host.name) ||
    !bystanders.some((name: string) => host.name.startsWith(`${name}:`));
  return { ...table, virtualHosts: table.virtualHosts.filter(isKept) };
}

export const istioRoutes: Family = {
  'istio/routes-end-to-end'({ input, expect }) {
    const { mesh, node } = recordedMesh(input);
    const { routeConfigurations } = buildListenersAndRoutes(createContext(mesh), node);
    const expected = byListener(expect.routeTables);
    const got = byListener(
      routeConfigurations.map((table) => tableNotation(withoutBystanders(table, input, expected))),
    );
    return isWithin(got, expected, 1e-9) ? null : { got, expected };
  },

  'istio/routes-unit'({ input, expect }) {
    const object = configOf({ kind: 'VirtualService', spec: input.virtualService });
    const ports: Record<string, number[]> = input.servicePorts;
    const routes = httpRoutesOf(
      {
        name: object.name,
        namespace: object.namespace,
        hosts: input.virtualService.hosts ?? [],
        semantics: input.semantics,
        rules: httpRulesOf(object),
        source: object,
      },
      {
        listenerPort: input.listenerPort,
        gateways: new Set(input.gateways.map((name: string) => qualified(name))),
        labels: input.client.labels,
        namespace: input.client.namespace,
        objectNamespace: object.namespace,
        profile: istioProfile(RECORDED_RELEASE),
        isTls: false,
        resolveHost: (host) => host,
        clusterOf: ({ host, subset, port }) => {
          const known = ports[host];
          const inferred = known?.length === 1 ? known[0]! : input.listenerPort;
          return host === '' ? 'UnknownService' : `outbound|${port ?? inferred}|${subset}|${host}`;
        },
        hashOf: () => undefined,
        defaultRetries: null,
      },
    );
    const got = { routes: routes.map(routeNotation), error: routes.length === 0 };
    const expected = { ...expect, routes: expect.routes ?? [] };
    return isWithin(got, expected, 1e-9) ? null : { got, expected };
  },
};

const qualified = (name: string) => (name === 'mesh' || name.includes('/') ? name : `default/${name}`);

/** A delegate case of the file "merge". */
export function delegateCase({ input, expect }: Json) {
  const routes = input.delegate.flatMap((leaf: Json) => {
    const merged = mergeRule(withoutDelegate(input.root), leaf);
    return merged ? [merged] : [];
  });
  const got = { routes };
  const expected = { routes: expect.routes ?? [] };
  return isWithin(got, expected) ? null : { got, expected };
}

function withoutDelegate(root: Json): Json {
  const { delegate, ...rest } = root;
  void delegate;
  return rest;
}
