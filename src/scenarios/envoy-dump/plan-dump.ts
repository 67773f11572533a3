// A config dump and a load become a world: one proxy that holds the dump's configuration, and a stub server for every endpoint in it.
import type { EnvoyConfig, Listener, Locality } from '../../models/envoy/config.ts';
import { listenerOf } from '../../models/envoy/resolve-route.ts';
import type { Place, ServerSpec } from '../../models/world.ts';
import { type Diagnostic, diagnosticAt } from '../diagnostics.ts';
import { serverBehaviour, splitHost } from '../plan/behaviours.ts';
import { arrivalsOf, endOf } from '../plan/load-specs.ts';
import type { Plan } from '../plan/plan.ts';
import { planScenario } from '../plan/plan-scenario.ts';
import type { Load, Scenario } from '../scenario.ts';
import type { EnvoyDump } from './read-dump.ts';

/** Istio's default where nobody says (PX-1). */
const DEFAULT_CONCURRENCY = 2;

export function planDump(dump: EnvoyDump, scenario: Scenario): Plan {
  const { config } = dump;
  // Everything that is not the dump's: an empty mesh, and when questions begin and end.
  const plan = planScenario({ ...scenario, manifests: [], load: [], faults: [], behavior: {} });
  const name = proxyNameOf(config);
  const place = placeOf(config.node.locality);
  const servers = serversOf(dump, scenario);
  const diagnostics: Diagnostic[] = [];
  plan.world.proxies = [
    {
      name,
      place,
      concurrency:
        (scenario.topology.proxies[name] ?? scenario.topology.proxies['default'])?.concurrency ??
        DEFAULT_CONCURRENCY,
      config,
      randomPhase: true,
    },
  ];
  plan.world.servers = servers;
  plan.world.actions = [];
  for (const fault of scenario.faults)
    diagnostics.push(
      diagnosticAt(
        'FS2007',
        fault.origin ?? { file: scenario.file, line: 0, col: 0 },
        `faults: a config dump has no clusters in which ${fault.kind} could happen`,
        'what hosts do is said in behavior, by workload, service or address',
      ),
    );
  for (const load of scenario.load) addLoad(plan, load, config, name, scenario, diagnostics);
  plan.names = {
    ...plan.names,
    serverLabels: servers.map((server) => server.labels),
    callerWorkloads: new Map([[name, name]]),
  };
  plan.initialServers = servers.length;
  plan.nodes = [null];
  plan.assumptions = [...dump.assumptions];
  plan.notSimulated = dump.notSimulated.map((note) => ({ ...note, file: scenario.file, line: 0 }));
  plan.diagnostics.push(...diagnostics);
  return plan;
}

/** Istio's "sidecar~10.0.0.1~productpage-v1-abc.default~default.svc.cluster.local" -> the pod. */
export function proxyNameOf(config: EnvoyConfig): string {
  const parts = config.node.id.split('~');
  return parts.length === 4 ? parts[2]!.split('.')[0]! : config.node.id;
}

function placeOf(locality: Locality | undefined): Place {
  return { cluster: '', region: locality?.region ?? '', zone: locality?.zone ?? '', node: '' };
}

function serversOf({ config, workloads }: EnvoyDump, scenario: Scenario): ServerSpec[] {
  const servers = new Map<string, ServerSpec>();
  const assignments = [
    ...config.endpoints,
    ...config.clusters.flatMap((cluster) => (cluster.loadAssignment ? [cluster.loadAssignment] : [])),
  ];
  for (const assignment of assignments)
    for (const group of assignment.endpoints)
      for (const { endpoint } of group.lbEndpoints) {
        const address = `${endpoint.address}:${endpoint.port}`;
        if (servers.has(address)) continue;
        const [workload = '', namespace = '', service = '', version = '', cluster = ''] =
          workloads[address] ?? [];
        const place = { ...placeOf(group.locality), cluster };
        const behaviour = [
          workload && `${namespace}/${workload}`,
          workload,
          service,
          address,
          endpoint.address,
        ]
          .map((key) => (Object.hasOwn(scenario.behavior, key) ? scenario.behavior[key] : undefined))
          .find((found) => found !== undefined);
        servers.set(address, {
          name: address,
          place,
          addresses: [{ address: endpoint.address, port: endpoint.port }],
          labels: {
            workload: workload || endpoint.hostname || address,
            version,
            namespace,
            cluster,
            region: place.region,
            zone: place.zone,
            subzone: group.locality?.subZone ?? '',
            pod: address,
          },
          // Nobody here can tell whom it would call.
          behaviour: { ...serverBehaviour(behaviour, (_, port) => ({ port, kubeProxy: '' })), script: [] },
        });
      }
  return [...servers.values()];
}

function addLoad(
  plan: Plan,
  load: Load,
  config: EnvoyConfig,
  proxy: string,
  scenario: Scenario,
  diagnostics: Diagnostic[],
): void {
  const { host, port } = splitHost(load.request.host);
  const asked = load.request.port ?? port ?? 80;
  const wanted = ('gateway' in load.from ? load.from.port : undefined) ?? asked;
  const listener = listenerOf(config, wanted);
  if (!listener || listener.address.port !== wanted) {
    diagnostics.push(
      diagnosticAt(
        'FS3017',
        load.origin ?? { file: scenario.file, line: 0, col: 0 },
        `load ${load.name}: ${proxy} has no listener on port ${wanted}`,
        `listeners: ${config.listeners.filter(isOutward).map(listenerText).join(', ') || 'none'}; name one in from: { proxy: ${proxy}, port: N } or with --listener`,
      ),
    );
    return;
  }
  const { method, path, headers } = load.request;
  const view = { method, host: asked === 80 ? host : `${host}:${asked}`, path, headers };
  plan.world.loads.push({
    name: load.name,
    from: { proxy: 0, port: wanted },
    request: { ...view, port: wanted },
    startNs: load.startNs,
    arrivals: arrivalsOf(load),
    connections: load.connections,
    ...(load.cookies && { cookies: true }),
    ...(load.grep !== undefined && { grep: load.grep }),
  });
  plan.callSites.push({ caller: proxy, proxy: 0, port: wanted, request: view, load: load.name });
  plan.loadWindows.set(load.name, { fromNs: load.startNs, toNs: endOf(load) });
}

const isOutward = (listener: Listener) => listener.trafficDirection !== 'INBOUND';
const listenerText = ({ name, address }: Listener) =>
  name.includes(String(address.port)) ? name : `${name} ${address.port}`;
