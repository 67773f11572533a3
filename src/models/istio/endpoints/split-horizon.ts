// Endpoints of other networks are replaced by the gateways of those networks, which take over their weight.
// Source: istio/istio pilot/pkg/xds/endpoints/ep_filters.go, pilot/pkg/model/network.go (1.31). Rules SH-2 .. SH-8. That Envoy keeps an address only
// in the first group that names it (SH-8) is Envoy's doing and not repeated here.
import type { NetworkGateway, ProxyNode } from '../model.ts';
import type { IstioProfile } from '../profile.ts';
import { ipFamily } from './ip-address.ts';
import type { Group, Member } from './locality-groups.ts';

const MAX_WEIGHT = 4294967295;

export interface NetworkGateways {
  /** SH-2: with no gateway anywhere, networks do not matter. */
  isOn: boolean;
  scaleFactor: number;
  /** Those of the endpoint's cluster, else all of the network. */
  of(network: string, cluster: string): readonly NetworkGateway[];
}

export function indexNetworkGateways(gateways: readonly NetworkGateway[]): NetworkGateways {
  const byNetwork = new Map<string, NetworkGateway[]>();
  const byCluster = new Map<string, NetworkGateway[]>();
  const seen = new Set<string>();
  for (const gateway of gateways) {
    const key = [gateway.network, gateway.cluster ?? '', gateway.address, gateway.port].join('|');
    if (seen.has(key)) continue;
    seen.add(key);
    push(byNetwork, gateway.network, gateway);
    push(byCluster, `${gateway.network}|${gateway.cluster ?? ''}`, gateway);
  }
  const counts = [...byNetwork.values(), ...byCluster.values()].map((list) => list.length);
  return {
    isOn: seen.size > 0,
    scaleFactor: counts.reduce(leastCommonMultiple, 1),
    of: (network, cluster) => byCluster.get(`${network}|${cluster}`) ?? byNetwork.get(network) ?? [],
  };
}

function push(map: Map<string, NetworkGateway[]>, key: string, gateway: NetworkGateway): void {
  const list = map.get(key);
  if (list) list.push(gateway);
  else map.set(key, [gateway]);
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b);
const leastCommonMultiple = (a: number, b: number): number => (a / greatestCommonDivisor(a, b)) * b;

export interface HorizonClient extends Pick<ProxyNode, 'network' | 'ipAddresses'> {}

/** @param hasMtls may an endpoint be reached through a gateway's SNI routing? (SH-5) */
export function splitHorizon(
  groups: readonly Group[],
  client: HorizonClient,
  gateways: NetworkGateways,
  hasMtls: (member: Member) => boolean,
  profile: IstioProfile,
): Group[] {
  if (!gateways.isOn) return groups.map((group) => ({ ...group }));
  const families = profile.minor >= 30 ? familiesOf(client.ipAddresses) : null;
  return groups.map((group): Group => {
    const members: Member[] = [];
    const shares = new Map<NetworkGateway, number>();
    for (const member of group.endpoints) {
      const { network, clusterId } = member.endpoint!;
      const weight = scaled(member.weight, gateways.scaleFactor);
      const all = gateways.of(network, clusterId);
      if (all.length === 0 || isDirect(client.network, network, profile)) {
        if (member.lb.endpoint.address !== '') members.push(withWeight(member, weight));
        continue;
      }
      const usable = families ? all.filter(({ address }) => families.has(ipFamily(address))) : all;
      if (usable.length === 0 || !hasMtls(member)) continue;
      const share = Math.floor(weight / usable.length);
      for (const gateway of usable)
        shares.set(gateway, Math.min(MAX_WEIGHT, (shares.get(gateway) ?? 0) + share));
    }
    for (const gateway of [...shares.keys()].sort(byAddress))
      members.push(gatewayMember(gateway, shares.get(gateway) || 1));
    const weight = members.reduce((sum, { weight: own }) => Math.min(MAX_WEIGHT, sum + own), 0);
    const { weight: _, ...rest } = group;
    return { ...rest, endpoints: members, ...(members.length > 0 && { weight }) };
  });
}

/** SH-4. A client without network reached everything directly until 1.29. */
function isDirect(client: string, network: string, profile: IstioProfile): boolean {
  if (client === network || network === '') return true;
  return client === '' && profile.minor < 30;
}

/** null = unknown: any gateway will do. A name instead of an address fits everybody. */
function familiesOf(addresses: readonly string[]): Set<number> | null {
  const families = new Set<number>(addresses.map(ipFamily).filter((family) => family !== 0));
  return families.size > 0 ? families.add(0) : null;
}

const scaled = (weight: number, factor: number): number =>
  weight < Math.floor(MAX_WEIGHT / factor) ? weight * factor : MAX_WEIGHT;

function withWeight(member: Member, weight: number): Member {
  if (member.weight === weight) return member;
  return { ...member, weight, lb: { ...member.lb, loadBalancingWeight: weight } };
}

const byAddress = (a: NetworkGateway, b: NetworkGateway) =>
  a.address < b.address ? -1 : a.address > b.address ? 1 : a.port - b.port;

/** SH-7: only the labels of cluster and network. */
function gatewayMember(gateway: NetworkGateway, weight: number): Member {
  return {
    labels: {
      ...(gateway.cluster && { 'topology.istio.io/cluster': gateway.cluster }),
      ...(gateway.network && { 'topology.istio.io/network': gateway.network }),
    },
    weight,
    lb: { endpoint: { address: gateway.address, port: gateway.port }, loadBalancingWeight: weight },
  };
}
