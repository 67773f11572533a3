// Parts of a cluster that the network treats apart: pods whose addresses only some rules or published routes hold, pods with ports where
// rules name ports, gateways that other networks reach by their load balancer. Most plans treat all pods of a cluster alike.
import { covers, holds } from './cidr.ts';
import { type NetworkCluster, type NetworkPlan, vpcOf } from './plan.ts';
import { type Obstacle, obstacleBetween, routedBlocks } from './reach.ts';
import { rulesOf } from './security-groups.ts';

export interface NetworkPod {
  cluster: string;
  ip: string;
  /** Ports that it may be asked on. */
  ports: readonly number[];
  isGateway: boolean;
}

/** Where a connection begins or ends, in the words of a run's place. */
export interface NetworkPlace {
  cluster: string;
  network?: string;
  segment?: string;
}

interface Way {
  whole: Obstacle | null;
  closed: number[];
}

const OPEN: Way = { whole: null, closed: [] };

export class Segments {
  readonly #members = new Map<string, NetworkPod>();
  readonly #ways = new Map<string, Way>();
  readonly #blocks = new Map<string, string[]>();

  readonly #hasVpcs: boolean;

  constructor(readonly plan: NetworkPlan) {
    this.#hasVpcs = plan.clusters.some((cluster) => vpcOf(plan, cluster) !== undefined);
  }

  /** Name of the part that the pod belongs to; '' = nothing sets it apart. */
  of(pod: NetworkPod): string {
    const cluster = this.plan.clusters.find(({ id }) => id === pod.cluster);
    if (!cluster) return '';
    const name = [this.#addressPart(cluster, pod.ip), this.#portPart(cluster, pod), gatewayPart(cluster, pod)]
      .filter(Boolean)
      .join(' ');
    if (name !== '') this.#members.set(`${pod.cluster} ${name}`, pod);
    return name;
  }

  /** What stands in the way of connections between two places, whatever the port; null = nothing. */
  obstacle(from: NetworkPlace, to: NetworkPlace): Obstacle | null {
    return this.#way(from, to).whole;
  }

  /** Ports that stay closed where others are open. */
  closedPorts(from: NetworkPlace, to: NetworkPlace): readonly number[] {
    return this.#way(from, to).closed;
  }

  #way(from: NetworkPlace, to: NetworkPlace): Way {
    if (from.cluster === to.cluster || !this.#hasVpcs) return OPEN;
    const key = `${keyOf(from)}\n${keyOf(to)}`;
    let known = this.#ways.get(key);
    if (!known) {
      known = this.#find(from, to);
      this.#ways.set(key, known);
    }
    return known;
  }

  #find(from: NetworkPlace, to: NetworkPlace): Way {
    const caller = this.#memberOf(from);
    const called = this.#memberOf(to);
    const isOtherNetwork = Boolean(from.network && to.network && from.network !== to.network);
    if (isOtherNetwork && called?.isGateway) return OPEN;
    const peer = { cluster: from.cluster, ...(caller && { ip: caller.ip }) };
    const target = { cluster: to.cluster, ...(called && { ip: called.ip }) };
    const ports = called && this.#namesPorts(to.cluster) ? called.ports : [];
    if (ports.length === 0) return { whole: obstacleBetween(this.plan, peer, target), closed: [] };
    const found = ports.map((port) => ({
      port,
      obstacle: obstacleBetween(this.plan, peer, { ...target, port }),
    }));
    const closed = found.filter(({ obstacle }) => obstacle !== null);
    return closed.length === found.length
      ? { whole: closed[0]!.obstacle, closed: [] }
      : { whole: null, closed: closed.map(({ port }) => port) };
  }

  #memberOf(place: NetworkPlace): NetworkPod | undefined {
    return place.segment ? this.#members.get(`${place.cluster} ${place.segment}`) : undefined;
  }

  /** Which of the blocks that somebody looks at hold the address, if that differs from what holds for the whole Pod CIDR. */
  #addressPart(cluster: NetworkCluster, ip: string): string {
    const { podCIDR } = cluster;
    if (podCIDR === undefined || !vpcOf(this.plan, cluster)) return '';
    const blocks = this.#blocksFor(cluster);
    const ofPod = blocks.map((block) => (holds([block], ip) ? '1' : '0')).join('');
    const ofAll = blocks.map((block) => (covers([block], podCIDR) ? '1' : '0')).join('');
    return ofPod === ofAll ? '' : `in:${ofPod}`;
  }

  #blocksFor(cluster: NetworkCluster): string[] {
    let blocks = this.#blocks.get(cluster.id);
    if (!blocks) {
      const ofRules = this.plan.clusters.flatMap((other) =>
        other.id === cluster.id ? [] : rulesOf(this.plan, other).map((rule) => rule.from),
      );
      blocks = [...new Set([...routedBlocks(this.plan, cluster), ...ofRules])];
      this.#blocks.set(cluster.id, blocks);
    }
    return blocks;
  }

  #portPart(cluster: NetworkCluster, pod: NetworkPod): string {
    return this.#namesPorts(cluster.id) ? `ports:${pod.ports.join(',')}` : '';
  }

  #namesPorts(id: string): boolean {
    const cluster = this.plan.clusters.find((entry) => entry.id === id);
    return cluster !== undefined && rulesOf(this.plan, cluster).some((rule) => rule.ports !== undefined);
  }
}

const keyOf = ({ cluster, network = '', segment = '' }: NetworkPlace): string =>
  `${cluster}\t${network}\t${segment}`;

const gatewayPart = (cluster: NetworkCluster, pod: NetworkPod): string =>
  pod.isGateway && cluster.network !== undefined ? 'gateway' : '';
