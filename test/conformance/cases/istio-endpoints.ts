// Endpoints, priorities and weights: Istio's files locality-unit, effective-setting, split-horizon-unit, eds-end-to-end, locality-match.
import type { LocalityLbEndpoints } from '../../../src/models/envoy/config.ts';
import { effectiveLbSetting } from '../../../src/models/istio/effective-setting.ts';
import { indexNetworkGateways } from '../../../src/models/istio/endpoints/split-horizon.ts';
import { applyLocalityLb, applyZoneAware, localityMatches } from '../../../src/models/istio/locality-lb.ts';
import { profile, translated } from './istio-web-shop.ts';
import { type Family, isWithin, type Json } from './registry.ts';

const result = (got: Json, expected: Json) => (isWithin(got, expected) ? null : { got, expected });

const sortKey = (entry: Json) =>
  JSON.stringify([entry.locality, entry.priority, entry.weight, entry.addresses]);

/** The weight of a group without endpoints means nothing to Envoy. */
const comparable = (groups: Json[]) =>
  groups.map((group) => ({
    locality: group.locality,
    ...(group.priority !== undefined && { priority: group.priority }),
    weight: group.endpoints.length > 0 ? group.weight : null,
    endpoints: group.endpoints
      .map((endpoint: Json) => ({
        address: endpoint.address,
        weight: endpoint.weight,
        ...(endpoint.health && { health: endpoint.health }),
      }))
      .sort((a: Json, b: Json) => (a.address < b.address ? -1 : 1)),
  }));

function inNotation(group: LocalityLbEndpoints): Json {
  const { region = '', zone = '', subZone = '' } = group.locality ?? {};
  return {
    locality: `${region}/${zone}/${subZone}`.replace(/\/+$/, ''),
    priority: group.priority ?? 0,
    weight: group.loadBalancingWeight ?? null,
    endpoints: group.lbEndpoints.map((endpoint) => ({
      address: endpoint.endpoint.address,
      weight: endpoint.loadBalancingWeight ?? 1,
      ...(endpoint.healthStatus && { health: endpoint.healthStatus }),
    })),
  };
}

export const istioEndpoints: Family = {
  'istio/locality-unit': ({ input, expect }) => {
    const groups = input.groups.map((group: Json) => ({ ...group, priority: group.priority ?? 0 }));
    const got = (
      input.mode === 'zoneAware'
        ? applyZoneAware(groups, input.client, input.setting ?? {}, profile)
        : applyLocalityLb(groups, input.client, input.setting, input.failoverEnabled ?? false, profile)
    ) as Json[];
    const plain = got.map((group) => ({
      locality: group.locality,
      priority: group.priority,
      weight: group.weight ?? null,
      addresses: group.endpoints.flatMap((entry: Json) => entry.addresses ?? [entry.address]).sort(),
    }));
    const sorted = (list: Json[]) => [...list].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
    const wanted = expect.groups.map((group: Json) => ({
      locality: group.locality,
      priority: group.priority,
      weight: group.weight ?? null,
      addresses: [...group.addresses].sort(),
    }));
    return result(sorted(plain), sorted(wanted));
  },

  'istio/effective-setting': ({ input, expect }) => {
    const got = effectiveLbSetting(input, profile);
    if (got === null || expect === null) return result(got, expect);
    const { kind, setting, forcesFailover } = expect;
    return result(got, { kind, setting, forcesFailover });
  },

  'istio/split-horizon-unit': ({ input, expect }) => {
    const scaleFactor = indexNetworkGateways(input.gateways).scaleFactor;
    if (input.scaleFactor !== undefined && scaleFactor !== input.scaleFactor)
      return { got: { scaleFactor }, expected: { scaleFactor: input.scaleFactor } };
    const found = translated({
      client: input.client,
      gateways: input.gateways,
      // A tunnelled endpoint is out of reach for a gateway's SNI routing, as one without mTLS is.
      endpoints: input.endpoints.map((entry: Json) => ({
        ...entry,
        mtls: (entry.mtls ?? true) && !entry.hbone,
      })),
      resources:
        input.clientMtls === 'disabled'
          ? [
              {
                kind: 'PeerAuthentication',
                metadata: { namespace: 'shop' },
                spec: { mtls: { mode: 'DISABLE' } },
              },
            ]
          : [],
    });
    const groups = (found?.assignment?.endpoints ?? []).map(inNotation);
    const wanted = expect.groups.map((group: Json) => ({ ...group, priority: 0 }));
    return result(comparable(groups), comparable(wanted));
  },

  'istio/eds-end-to-end': ({ input, expect }) => {
    const found = translated(input);
    if (expect.cluster === null || found === null) return result(found?.cluster.name ?? null, expect.cluster);
    const { cluster, assignment } = found;
    const common = cluster.commonLbConfig ?? {};
    const zone = common.zoneAwareLbConfig;
    const flags: Json = {
      lb: cluster.lbPolicy,
      type: cluster.type,
      localityWeighted: common.localityWeightedLbConfig !== undefined,
      outlierDetection: cluster.outlierDetection !== undefined,
      panicThreshold: common.healthyPanicThreshold,
      ...(zone && {
        zoneAware: {
          routingPercent: zone.routingEnabled,
          ...(zone.minClusterSize && { minClusterSize: zone.minClusterSize }),
        },
      }),
    };
    const groups = (assignment?.endpoints ?? []).map(inNotation);
    return result(
      { groups: comparable(groups), cluster: flags },
      { groups: comparable(expect.groups), cluster: expect.cluster },
    );
  },

  'istio/locality-match': ({ input, expect }) => result(localityMatches(input.locality, input.rule), expect),
};
