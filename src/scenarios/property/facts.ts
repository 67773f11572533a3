// What there is to break and to vary in a scenario: places, workloads, pods, routes with weights. Taken from the plan of the base, so that
// `any` means what runs there.
import { serversAimedAt, targetNames } from '../envoy-dump/dump-targets.ts';
import { DumpProxies } from '../envoy-dump/proxies.ts';
import type { Plan } from '../plan/plan.ts';
import { planScenario } from '../plan/plan-scenario.ts';
import type { Scenario } from '../scenario.ts';
import type { PolicyFacts } from './policies.ts';

export interface Facts extends PolicyFacts {
  zones: string[];
  regions: string[];
  clusters: string[];
  /** In the order in which they are defined; gateways last. */
  workloads: { name: string; kind: string; replicas: number; isGateway: boolean }[];
  services: string[];
  /** First request and last one, as far as the loads tell [ns]. */
  window: { fromNs: number; toNs: number; isEndKnown: boolean };
}

/** When nothing tells the end of the loads. */
const DEFAULT_WINDOW_NS = 60e9;

export function factsOf(scenario: Scenario): Facts {
  const plan = planScenario(scenario);
  if (scenario.envoy) return factsOfDumps(plan);
  const { state } = plan.built;
  const workloads = new Map<string, Facts['workloads'][number]>();
  for (const pod of state.pods) {
    const known = workloads.get(pod.workload.name);
    if (known) known.replicas++;
    else
      workloads.set(pod.workload.name, {
        name: pod.workload.name,
        kind: pod.workload.kind,
        replicas: 1,
        isGateway: pod.isGateway,
      });
  }
  const podsOf = (name: string) => {
    const [short, namespace] = name.split('.');
    const services = state.services.filter(
      (service) => service.name === short && (namespace === undefined || service.namespace === namespace),
    );
    return state.pods.filter((pod) =>
      services.some(
        (service) =>
          service.namespace === pod.namespace &&
          Object.keys(service.selector).length > 0 &&
          Object.entries(service.selector).every(([key, value]) => pod.labels[key] === value),
      ),
    );
  };
  return {
    zones: unique(state.pods.map((pod) => pod.zone)),
    regions: unique(state.pods.map((pod) => pod.region)),
    clusters: unique(state.pods.map((pod) => pod.cluster)),
    workloads: [...workloads.values()].sort((a, b) => Number(a.isGateway) - Number(b.isGateway)),
    services: unique(state.services.map((service) => service.name)),
    window: windowOf(plan),
    workloadsOf: (service) => unique(podsOf(service).map((pod) => pod.workload.name)),
    podsOf: (service) => podsOf(service).filter((pod) => pod.isReady).length,
    regionsOf: (service) => unique(podsOf(service).map((pod) => pod.region)),
  };
}

function windowOf(plan: Plan): Facts['window'] {
  const windows = [...plan.loadWindows.values()];
  const fromNs = Math.min(...windows.map((window) => window.fromNs), Number.POSITIVE_INFINITY);
  const ends = windows.map((window) => window.toNs).filter(Number.isFinite);
  const start = Number.isFinite(fromNs) ? fromNs : 0;
  return {
    fromNs: start,
    toNs: ends.length > 0 ? Math.max(...ends) : start + DEFAULT_WINDOW_NS,
    isEndKnown: ends.length === windows.length && ends.length > 0,
  };
}

/** Of config dumps: what their endpoints say of themselves. */
function factsOfDumps(plan: Plan): Facts {
  const { servers, proxies } = plan.world;
  const workloads = unique(servers.map(({ labels }) => labels['workload']!));
  const addressesOf = (workload: string) =>
    unique(
      servers.flatMap(({ labels, addresses }) =>
        labels['workload'] === workload ? addresses[0]!.address : [],
      ),
    );
  const services = targetNames('service', plan.world);
  const serversOf = (service: string) =>
    serversAimedAt({ kind: 'service', name: service }, { servers, proxies }, new DumpProxies([])).map(
      (index) => servers[index]!,
    );
  return {
    zones: unique(servers.map(({ place }) => place.zone)),
    regions: unique(servers.map(({ place }) => place.region)),
    clusters: unique(servers.map(({ place }) => place.cluster)),
    workloads: workloads.map((name) => ({
      name,
      kind: 'Deployment',
      replicas: addressesOf(name).length,
      isGateway: false,
    })),
    services,
    window: windowOf(plan),
    workloadsOf: (service) => unique(serversOf(service).map(({ labels }) => labels['workload']!)),
    podsOf: (service) => serversOf(service).length,
    regionsOf: (service) => unique(serversOf(service).map(({ place }) => place.region)),
  };
}

const unique = (names: readonly string[]) => [...new Set(names)].filter((name) => name !== '');
