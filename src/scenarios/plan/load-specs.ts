// The scenario's loads in the words of the run: where requests enter, when they come, on which connections.
import { isFor } from '../../models/asm/gateways.ts';
import type { KubeState } from '../../models/kube/model.ts';
import { targetPortOf } from '../../models/kube/service-endpoints.ts';
import type { LoadSpec } from '../../models/world.ts';
import type { Load } from '../scenario.ts';
import { type Dial, splitHost } from './behaviours.ts';
import type { Cast, CastMember } from './cast.ts';
import type { Ground } from './ground.ts';
import type { CallSite } from './plan.ts';

export interface PlannedLoad {
  spec: LoadSpec;
  sites: CallSite[];
  window: { fromNs: number; toNs: number };
  /** Why no request is ever answered. */
  unanswered?: string;
}

export function planLoad(
  load: Load,
  cast: Cast,
  state: KubeState,
  dial: (member: CastMember) => Dial,
  ground: Ground,
): PlannedLoad | { problem: string } {
  const { members, unanswered: unreached } = sourcesOf(load, cast, ground);
  if (members.length === 0)
    return { problem: `load ${load.name}: ${sourceWords(load)} ${lackWords(load, cast)}` };
  const { host, port } = splitHost(load.request.host);
  const asked = load.request.port ?? port ?? 80;
  const common = {
    name: load.name,
    startNs: load.startNs,
    arrivals: arrivalsOf(load),
    connections: load.connections,
    ...(load.cookies && { cookies: true }),
    ...(load.grep !== undefined && { grep: load.grep }),
  };
  const window = { fromNs: load.startNs, toNs: endOf(load) };
  const { method, path, headers } = load.request;
  if ('gateway' in load.from) {
    const exposed = gatewayPort(members[0]!, state, asked);
    const listening = exposed ?? asked;
    const unanswered = unreached ?? (exposed === null ? portWords(members[0]!, state, asked) : undefined);
    const view = { method, host: asked === 80 ? host : `${host}:${asked}`, path, headers };
    const proxies = members.map((member) => member.proxy);
    return {
      spec: {
        ...common,
        from: { proxy: proxies[0]!, port: listening, ...(proxies.length > 1 && { proxies }) },
        request: { ...view, port: listening },
        ...(unanswered !== undefined && { isUnanswered: true }),
      },
      ...(unanswered !== undefined && { unanswered }),
      sites: members.map((member) => ({
        caller: member.name,
        proxy: member.proxy,
        port: listening,
        request: view,
        load: load.name,
      })),
      window,
    };
  }
  const dialled = dial(members[0]!)(host, load.request.port ?? port);
  const known = dialled.port ?? asked;
  const view = { method, host: known === 80 ? host : `${host}:${known}`, path, headers };
  return {
    spec: {
      ...common,
      from: { servers: members.map((member) => member.server) },
      request: {
        ...view,
        port: known,
        kubeProxy: dialled.kubeProxy,
        ...(dialled.port === undefined && { isUnresolved: true }),
      },
    },
    sites: members.map((member) => ({
      caller: member.name,
      proxy: member.proxy,
      port: known,
      request: view,
      load: load.name,
    })),
    window,
  };
}

/** Pods that the load comes from. A gateway that nobody can reach is asked all the same, in vain. */
function sourcesOf(load: Load, cast: Cast, ground: Ground): { members: CastMember[]; unanswered?: string } {
  const named = membersOf(load, cast);
  // Behind a proxy that was never configured an application still runs and asks; without a node it does not.
  if (!('gateway' in load.from)) return { members: named.filter(({ pod }) => pod.node !== '') };
  const ready = named.filter(({ pod }) => pod.blocked === undefined);
  const first = named[0];
  if (ready.length === 0)
    return first
      ? { members: [first], unanswered: `gateway ${load.from.gateway} is not ready: ${first.pod.blocked}` }
      : { members: [] };
  const reached = ready.filter(({ pod }) => ground.unreachedGateway(pod) === null);
  if (reached.length > 0) return { members: reached };
  return { members: ready, unanswered: ground.unreachedGateway(ready[0]!.pod)! };
}

function lackWords(load: Load, cast: Cast): string {
  const why = membersOf(load, cast).find(({ pod }) => pod.blocked !== undefined)?.pod.blocked;
  return `has no pod that is ready${why === undefined ? '' : ` (${why})`}`;
}

function membersOf(load: Load, cast: Cast): CastMember[] {
  const { from } = load;
  return cast.members.filter(({ pod, proxy, server }) => {
    if (pod.isGone) return false;
    if (from.cluster !== undefined && pod.cluster !== from.cluster) return false;
    if ('gateway' in from) return pod.isGateway && proxy >= 0 && pod.workload.name === from.gateway;
    if (server < 0 || (from.namespace !== undefined && pod.namespace !== from.namespace)) return false;
    if ('workload' in from) return pod.workload.name === from.workload;
    return isPodNamed(pod, from.pod);
  });
}

/** "reviews-v1[0]", the pod's name, or a workload of which the first pod is meant. */
export function isPodNamed(
  pod: { name: string; ordinal: number; workload: { name: string } },
  text: string,
): boolean {
  const match = /^(.*)\[(\d+)\]$/.exec(text);
  if (match) return pod.workload.name === match[1] && pod.ordinal === Number(match[2]);
  return pod.name === text || (pod.workload.name === text && pod.ordinal === 0);
}

function sourceWords(load: Load): string {
  const { from } = load;
  if ('gateway' in from) return `gateway ${from.gateway}`;
  return 'pod' in from ? `pod ${from.pod}` : `workload ${from.workload}`;
}

/**
 * The port that the gateway's pods listen on behind a Service port; without a Service the port itself, and null where the Services lead
 * no such port to them (GW-4).
 */
function gatewayPort({ pod }: CastMember, state: KubeState, port: number): number | null {
  const services = state.services.filter((service) => isFor(service, pod));
  for (const service of services) {
    const found = service.ports.find((entry) => entry.port === port);
    const target = found && targetPortOf(found, pod);
    if (target) return target;
  }
  return services.length === 0 ? port : null;
}

function portWords({ pod }: CastMember, state: KubeState, port: number): string {
  const ports = state.services
    .filter((service) => isFor(service, pod))
    .flatMap((service) => service.ports.map((entry) => entry.port));
  return `no Service of gateway ${pod.workload.name} leads port ${port} to its pods (${ports.length > 0 ? `they have ${ports.join(', ')}` : 'they have no ports'})`;
}

export function arrivalsOf(load: Load): LoadSpec['arrivals'] {
  const durationNs = load.durationNs;
  switch (load.executor) {
    case 'iterations':
      return {
        kind: 'iterations',
        count: load.iterations ?? Number.MAX_SAFE_INTEGER,
        paceNs: load.paceNs,
        ...(durationNs !== undefined && { durationNs }),
      };
    case 'closed-loop':
      return {
        kind: 'closed',
        users: load.users ?? 1,
        think: load.thinkTime ?? { dist: 'fixed', ns: 0 },
        ...(durationNs !== undefined && { durationNs }),
        ...(load.iterations !== undefined && { count: load.iterations }),
      };
    case 'constant-rate':
    case 'poisson': {
      const rate = load.ratePerSecond ?? 0;
      const whole = durationNs ?? ((load.iterations ?? 0) / Math.max(rate, 1e-9)) * 1e9 * 2 + 1e9;
      return {
        kind: 'open',
        stages: [{ durationNs: whole, fromPerSecond: rate, toPerSecond: rate }],
        poisson: load.executor === 'poisson',
        ...(load.iterations !== undefined && { count: load.iterations }),
      };
    }
    case 'ramping-rate': {
      let from = load.ratePerSecond ?? 0;
      const stages = (load.stages ?? []).map((stage) => {
        const ramp = {
          durationNs: stage.durationNs,
          fromPerSecond: from,
          toPerSecond: stage.targetPerSecond,
        };
        from = stage.targetPerSecond;
        return ramp;
      });
      return {
        kind: 'open',
        stages,
        poisson: false,
        ...(load.iterations !== undefined && { count: load.iterations }),
      };
    }
  }
}

/** When its last request starts at the latest, as far as the scenario says; Infinity when answers decide. */
export function endOf(load: Load): number {
  if (load.stages && load.executor === 'ramping-rate')
    return load.startNs + load.stages.reduce((sum, stage) => sum + stage.durationNs, 0);
  if (load.durationNs !== undefined) return load.startNs + load.durationNs;
  if (load.executor === 'iterations' && load.iterations !== undefined && load.paceNs > 0)
    return load.startNs + Math.max(0, load.iterations - 1) * load.paceNs + 1;
  if (load.ratePerSecond && load.iterations !== undefined && load.executor === 'constant-rate')
    return load.startNs + (load.iterations / load.ratePerSecond) * 1e9;
  return Number.POSITIVE_INFINITY;
}
