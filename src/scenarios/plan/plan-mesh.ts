// Manifests become a world: clusters from them, configuration from istiod, and everything that happens worked out beforehand.
import type { EnvoyConfig } from '../../models/envoy/config.ts';
import type { Mesh, ProxyNode } from '../../models/istio/model.ts';
import { istioProfile } from '../../models/istio/profile.ts';
import { buildKubeState } from '../../models/kube/build-state.ts';
import type { Place } from '../../models/world.ts';
import type { Scenario } from '../scenario.ts';
import { serverBehaviour } from './behaviours.ts';
import { callSitesOf } from './call-sites.ts';
import { Cast, type CastMember } from './cast.ts';
import { Names } from './dial.ts';
import { externalServers } from './external-servers.ts';
import { Ground } from './ground.ts';
import { Happenings } from './happenings.ts';
import { IstioObjects } from './istio-objects.ts';
import { planLoad } from './load-specs.ts';
import { meshConfigOf } from './mesh-config.ts';
import { MeshView } from './mesh-view.ts';
import { gatewayServers } from './network-gateways.ts';
import type { Plan } from './plan.ts';
import { gatewayManifests, gatewayServerPorts } from './topology-gateways.ts';

const DOMAIN = 'cluster.local';

export function planMesh(scenario: Scenario): Plan {
  const profile = istioProfile(scenario.istioVersion);
  const { meshConfig, meshNetworks } = meshConfigOf(scenario);
  const objects = new IstioObjects(scenario.manifests);
  const ports = gatewayServerPorts(
    objects.all.filter((object) => object.kind === 'Gateway').map((object) => object.spec),
  );
  const built = buildKubeState(
    scenario.topology.clusters,
    [
      ...scenario.manifests.flatMap((set) =>
        set.cluster === null ? [] : [{ cluster: set.cluster, objects: set.objects }],
      ),
      ...scenario.topology.gateways.map((gateway) => ({
        cluster: gateway.cluster,
        objects: gatewayManifests(gateway, ports),
      })),
    ],
    { gatewaySelectors: objects.gatewaySelectors, istioMinor: profile.minor, meshNetworks },
  );
  const { state } = built;
  const ground = new Ground(scenario.topology, state, scenario.faults);
  const { gateways } = scenario.topology;
  const view = new MeshView(state, objects, profile, meshConfig, meshNetworks, DOMAIN, gateways);
  const names = new Names(state, () => view.mesh, DOMAIN);
  const behaviourFor = (pod: CastMember['pod']) =>
    scenario.behavior[`${pod.namespace}/${pod.workload.name}`] ?? scenario.behavior[pod.workload.name];
  const cast = new Cast(
    state,
    scenario.topology.proxies,
    (pod) => serverBehaviour(behaviourFor(pod), names.dialOf(pod)),
    (node, pod, atNs): EnvoyConfig =>
      ground.isConfigured(pod, atNs) ? view.configOf(node, pod) : emptyConfig(node),
    (pod, podPorts) => ground.placeOf(pod, podPorts),
    profile.minor,
  );
  cast.enter(null);
  const initialMesh: Mesh = view.mesh;
  const initialTranslator = view.translator;
  const initialServers = cast.servers.length;
  const taken = new Set(
    cast.servers.flatMap((server) => server.addresses.map(({ address, port }) => `${address}:${port}`)),
  );
  const plan: Plan = {
    world: {
      proxies: cast.proxies,
      servers: cast.servers,
      loads: [],
      actions: [],
      breakpointsNs: breakpointsOf(scenario),
      oneWayDelayNs: (from, to) => ground.linkBetween(from, to),
    },
    names: { serverLabels: [], callerWorkloads: cast.workloads, breakpointsNs: breakpointsOf(scenario) },
    initialServers,
    callSites: callSitesOf(scenario, cast, names),
    loadWindows: new Map(),
    unanswered: new Map(),
    obstacleTo: obstaclesOf(cast, ground),
    notSimulated: scenario.notSimulated,
    assumptions: [...built.assumptions, ...ground.assumptions()],
    diagnostics: built.problems.map((problem) => ({
      code: problem.severity === 'error' ? 'FS2023' : 'FS2024',
      severity: problem.severity,
      message: problem.message,
      file: problem.origin?.file ?? scenario.file,
      line: problem.origin?.line ?? 0,
      col: problem.origin?.col ?? 0,
      ...(problem.hint && { hint: problem.hint }),
    })),
    mesh: initialMesh,
    context: () => initialTranslator.context,
    nodes: [],
    built,
    initialState: {
      ...state,
      nodes: state.nodes.map((node) => ({ ...node })),
      workloads: state.workloads.map((workload) => ({ ...workload })),
      pods: state.pods.map((pod) => ({ ...pod })),
      services: state.services.map((service) => ({ ...service })),
    },
  };
  for (const load of scenario.load) {
    const planned = planLoad(load, cast, state, (member) => names.dialOf(member.pod), ground);
    if ('problem' in planned) {
      plan.diagnostics.push({
        code: 'FS3017',
        severity: 'error',
        message: planned.problem,
        file: load.origin?.file ?? scenario.file,
        line: load.origin?.line ?? 0,
        col: load.origin?.col ?? 0,
      });
      continue;
    }
    plan.world.loads.push(planned.spec);
    plan.callSites.push(...planned.sites);
    plan.loadWindows.set(load.name, planned.window);
    if (planned.unanswered === undefined) continue;
    plan.unanswered.set(load.name, planned.unanswered);
    const label = `${load.name} gets no answers: ${planned.unanswered}`;
    plan.world.actions.push({ atNs: load.startNs, kind: 'mark', name: 'unreachable', label });
  }
  const places = [...cast.servers, ...cast.proxies].map(({ place }) => place);
  plan.world.actions.push(...ground.marks(places), ...names.update(0, cast.members));
  plan.world.actions.push(
    ...new Happenings(scenario, built, view, cast, names, ground, [...plan.loadWindows.values()]).workOut(),
  );
  plan.world.actions.sort((a, b) => a.atNs - b.atNs);
  for (const server of gatewayServers(initialMesh, state, cast)) {
    cast.servers.push(server);
    for (const { address, port } of server.addresses) taken.add(`${address}:${port}`);
  }
  for (const server of externalServers(initialMesh, taken, scenario.behavior)) cast.servers.push(server);
  for (const { proxy, node } of cast.members) if (proxy >= 0) plan.nodes[proxy] = node;
  plan.names.serverLabels = cast.servers.map((server) => server.labels);
  return plan;
}

/** Of a proxy that istiod has never reached. */
const emptyConfig = (node: ProxyNode): EnvoyConfig => ({
  node: { id: node.id },
  listeners: [],
  routeConfigurations: [],
  clusters: [],
  endpoints: [],
});

/** Finds what stands between a proxy and the pod at an address, as things are at the start. */
function obstaclesOf(cast: Cast, ground: Ground): Plan['obstacleTo'] {
  let places: Map<string, Place> | undefined;
  return (proxy, address) => {
    places ??= new Map(
      cast.servers.flatMap(({ addresses, place }) => addresses.map((entry) => [entry.address, place])),
    );
    const from = cast.proxies[proxy]?.place;
    const to = places.get(address);
    const found = from && to && ground.obstacle(from, to);
    return found ? `connections from ${from.cluster} to ${to.cluster} time out: ${found.message}` : null;
  };
}

/** Times at which a question may begin or end. */
function breakpointsOf(scenario: Scenario): number[] {
  const times = new Set<number>();
  for (const { fromNs, toNs } of scenario.expect) {
    if (fromNs !== undefined && fromNs > 0) times.add(fromNs);
    if (toNs !== undefined && toNs > 0) times.add(toNs);
  }
  return [...times].sort((a, b) => a - b);
}
