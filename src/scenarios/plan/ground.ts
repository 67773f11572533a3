// The ground that the clusters stand on, as the topology describes it: which sidecars can reach istiod, which gateways have an address,
// who reaches whom. What fails is told once, in the timeline and beside the figures that it explains.
import { gatewayTrouble } from '../../models/asm/gateways.ts';
import { sidecarTrouble } from '../../models/asm/sidecars.ts';
import type { KubeState, Pod } from '../../models/kube/model.ts';
import { vpcOf } from '../../models/network/plan.ts';
import type { Obstacle } from '../../models/network/reach.ts';
import { Segments } from '../../models/network/segments.ts';
import { REQUEST_BYTES, RESPONSE_BYTES } from '../../models/run/network.ts';
import type { ActionSpec, LinkSpec, Place } from '../../models/world.ts';
import type { Fault, Topology } from '../scenario.ts';
import { delaysOf, placeOf } from './places.ts';

/** More than a world has kinds of places. */
const MOST_KINDS = 2 ** 24;
/** Pods that a line names one by one. */
const MOST_NAMES = 4;

export class Ground {
  readonly #segments: Segments;
  readonly #delayOf: (from: Place, to: Place) => LinkSpec;
  readonly #links = new Map<number, LinkSpec>();
  readonly #kinds = new WeakMap<Place, number>();
  readonly #kindsByText = new Map<string, number>();
  /** When istiod cannot be reached by anybody. */
  readonly downtimes: { fromNs: number; toNs: number }[];

  constructor(
    readonly topology: Topology,
    readonly state: KubeState,
    faults: readonly Fault[],
  ) {
    this.downtimes = faults.flatMap((fault) =>
      fault.kind === 'istiodDown'
        ? [{ fromNs: fault.atNs, toNs: fault.atNs + (fault.forNs ?? Number.POSITIVE_INFINITY) }]
        : [],
    );
    this.#segments = new Segments(topology);
    this.#delayOf = delaysOf(topology);
    for (const pod of state.pods) {
      const why = pod.blocked === undefined ? this.heldBack(pod) : null;
      if (why === null) continue;
      pod.blocked = why;
      pod.isReady = false;
    }
  }

  /** Why the pod's proxy never gets a configuration; null = it does. */
  heldBack(pod: Pod): string | null {
    if (!pod.hasSidecar || pod.node === '') return null;
    return sidecarTrouble(this.topology, pod, this.state.nodes)?.message ?? null;
  }

  /** Does a proxy that starts then get a configuration? @param atNs null = it has been there for long */
  isConfigured(pod: Pod, atNs: number | null): boolean {
    const isDown = atNs !== null && this.downtimes.some(({ fromNs, toNs }) => atNs >= fromNs && atNs < toNs);
    return !isDown && this.heldBack(pod) === null;
  }

  /** Why nothing from outside reaches a gateway's pod; null = it is reached. */
  unreachedGateway(pod: Pod): string | null {
    return gatewayTrouble(this.topology, this.state, pod)?.message ?? null;
  }

  placeOf(pod: Pod, ports: readonly number[]): Place {
    const segment = this.#segments.of({ cluster: pod.cluster, ip: pod.ip, ports, isGateway: pod.isGateway });
    return { ...placeOf(pod), ...(segment !== '' && { segment }) };
  }

  obstacle(from: Place, to: Place): Obstacle | null {
    return this.#segments.obstacle(from, to);
  }

  /** Asked for every pair of nodes in every replication: all that matters besides the node itself is looked up. */
  linkBetween(from: Place, to: Place): LinkSpec {
    if (from.cluster === to.cluster && from.node === to.node) return this.#findLink(from, to);
    const key = this.#kindOf(from) * MOST_KINDS + this.#kindOf(to);
    let link = this.#links.get(key);
    if (!link) {
      link = this.#findLink(from, to);
      this.#links.set(key, link);
    }
    return link;
  }

  /** Number that places share which differ in nothing but their node. */
  #kindOf(place: Place): number {
    let kind = this.#kinds.get(place);
    if (kind === undefined) {
      const { cluster, region, zone, network, segment } = place;
      const text = [cluster, region, zone, network, segment].join('\n');
      kind = this.#kindsByText.get(text) ?? this.#kindsByText.size;
      this.#kindsByText.set(text, kind);
      this.#kinds.set(place, kind);
    }
    return kind;
  }

  #findLink(from: Place, to: Place): LinkSpec {
    const link = this.#delayOf(from, to);
    if (this.obstacle(from, to)) return { ...link, isBlocked: true };
    const closedPorts = this.#segments.closedPorts(from, to);
    return closedPorts.length > 0 ? { ...link, closedPorts } : link;
  }

  /** What the topology leaves open and a run takes for granted. */
  assumptions(): string[] {
    const { clusters, cen, links } = this.topology;
    const words: string[] = [];
    for (const { id, type, components } of clusters)
      if (type === 'ask' && components === undefined)
        words.push(`cluster ${id} lists no components: it is taken to have CoreDNS`);
    const outside = clusters.filter((cluster) => vpcOf(this.topology, cluster) === undefined);
    if (outside.length > 0 && outside.length < clusters.length)
      words.push(
        `${outside.map(({ id }) => id).join(', ')} ${outside.length === 1 ? 'is' : 'are'} in no VPC: pods there and pods elsewhere are taken to reach each other directly`,
      );
    if (cen?.bandwidth?.length || links.some(({ bandwidth }) => bandwidth !== undefined))
      words.push(
        `where bandwidth is limited a request counts ${REQUEST_BYTES} bytes and its body, an answer ${RESPONSE_BYTES} bytes unless behavior says responseSize`,
      );
    return words;
  }

  /** What is wrong from the start, for the timeline. */
  marks(places: readonly Place[]): ActionSpec[] {
    return [...this.#podMarks(), ...this.#wayWords(places).map((text) => mark('unreachable', text))];
  }

  /** One line per cluster and reason. */
  #podMarks(): ActionSpec[] {
    const byReason = new Map<string, { pod: Pod; names: string[] }>();
    for (const pod of this.state.pods) {
      if (pod.blocked === undefined) continue;
      const key = `${pod.cluster} ${pod.blocked}`;
      const known = byReason.get(key) ?? { pod, names: [] };
      known.names.push(pod.name);
      byReason.set(key, known);
    }
    return [...byReason.values()].map(({ pod, names }) => {
      const others = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} others` : '';
      const verb = names.length === 1 ? 'does' : 'do';
      const who = `${names.slice(0, MOST_NAMES).join(', ')}${others} (${pod.cluster})`;
      return mark('podUnready', `${who} ${verb} not become ready: ${pod.blocked}`);
    });
  }

  #wayWords(places: readonly Place[]): string[] {
    const kinds = new Map<string, Place>();
    for (const place of places)
      kinds.set(`${place.cluster}\n${place.network ?? ''}\n${place.segment ?? ''}`, place);
    const told = new Map<string, string>();
    for (const from of kinds.values()) {
      for (const to of kinds.values()) {
        const obstacle = this.obstacle(from, to);
        if (!obstacle) continue;
        const { rule, path, isBothWays, message } = obstacle;
        const pair = isBothWays ? [from.cluster, to.cluster].sort() : [from.cluster, to.cluster];
        const key = `${rule} ${path.join('.')} ${pair.join(' ')}`;
        const ends = isBothWays ? `between ${pair.join(' and ')}` : `from ${pair.join(' to ')}`;
        if (!told.has(key)) told.set(key, `connections ${ends} time out: ${message}`);
      }
    }
    return [...told.values()];
  }
}

const mark = (name: string, label: string): ActionSpec => ({ atNs: 0, kind: 'mark', name, label });
