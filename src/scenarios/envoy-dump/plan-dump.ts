// Config dumps and loads become a world: a proxy for each dump, and a stub server for every endpoint in them. A server whose own sidecar was
// dumped too makes its calls through it.
import type { EnvoyConfig, Listener } from '../../models/envoy/config.ts';
import { listenerOf } from '../../models/envoy/resolve-route.ts';
import { type Diagnostic, diagnosticAt, hintFor } from '../diagnostics.ts';
import { splitHost } from '../plan/behaviours.ts';
import { arrivalsOf, endOf } from '../plan/load-specs.ts';
import type { Plan } from '../plan/plan.ts';
import { planMesh } from '../plan/plan-mesh.ts';
import type { Load, Scenario } from '../scenario.ts';
import { actionsOfFaults } from './dump-faults.ts';
import { callSitesOf, placeOf, serversOf } from './dump-servers.ts';
import { DumpProxies } from './proxies.ts';
import type { EnvoyDump } from './read-dump.ts';

export { proxyNameOf } from './proxies.ts';

/** One dump that is given beside the scenario: its loads start at that proxy, whatever name they say. */
export const planDump = (dump: EnvoyDump, scenario: Scenario): Plan => planWith([dump], scenario, true);

/** The dumps that the scenario names itself. */
export const planDumps = (dumps: readonly EnvoyDump[], scenario: Scenario): Plan =>
  planWith(dumps, scenario, false);

function planWith(dumps: readonly EnvoyDump[], scenario: Scenario, isAnyName: boolean): Plan {
  // Everything that is not the dumps': an empty mesh, and when questions begin and end.
  const plan = planMesh({ ...scenario, manifests: [], load: [], faults: [], behavior: {} });
  const proxies = new DumpProxies(dumps);
  const servers = serversOf(dumps, proxies, scenario);
  const diagnostics: Diagnostic[] = [];
  plan.world.proxies = proxies.all.map(({ name, dump }, index) => ({
    name,
    // A sidecar is where its pod is, of which the other dumps may tell the cluster.
    place: servers.find(({ sidecar }) => sidecar === index)?.place ?? placeOf(dump.config.node.locality),
    concurrency: concurrencyOf(name, dump, scenario),
    config: dump.config,
    randomPhase: true,
  }));
  plan.world.servers = servers;
  plan.callSites = callSitesOf(servers, proxies);
  for (const load of scenario.load) addLoad(plan, load, proxies, scenario, isAnyName, diagnostics);
  plan.names = {
    ...plan.names,
    serverLabels: servers.map((server) => server.labels),
    callerWorkloads: new Map([
      ...servers.map((server) => [server.name, server.labels['workload']!] as const),
      ...proxies.all.map(({ name, workload }) => [name, workload] as const),
    ]),
  };
  plan.world.actions = actionsOfFaults(scenario.faults, plan.world, proxies, diagnostics, scenario.file);
  plan.initialServers = servers.length;
  plan.nodes = proxies.all.map(() => null);
  plan.assumptions = [
    ...new Set([...dumps.flatMap(({ assumptions }) => assumptions), ...silent(servers, scenario)]),
  ];
  const notes = new Map(
    dumps.flatMap((dump) => dump.notSimulated.map((note) => [note.what, { note, dump }])),
  );
  plan.notSimulated = [
    ...scenario.notSimulated,
    ...[...notes.values()].map(({ note, dump }) => ({ ...note, file: dump.file ?? scenario.file, line: 0 })),
  ];
  plan.diagnostics.push(...diagnostics);
  return plan;
}

/** Istio's default where neither the scenario nor the dump says (PX-1). */
const DEFAULT_CONCURRENCY = 2;

function concurrencyOf(name: string, dump: EnvoyDump, { topology }: Scenario): number {
  const written =
    topology.proxies[name] ??
    (topology.assumesConcurrency === true ? undefined : topology.proxies['default']);
  return written?.concurrency ?? dump.concurrency ?? DEFAULT_CONCURRENCY;
}

/** Scripts of servers whose sidecar's dump is not there: nobody can tell whom their calls would reach. */
function silent(
  servers: readonly { labels: Record<string, string>; sidecar?: number }[],
  scenario: Scenario,
): string[] {
  const names = new Set(
    servers.flatMap(({ labels, sidecar }) => {
      const behaviour = scenario.behavior[labels['workload'] ?? ''];
      return sidecar === undefined && behaviour?.origin !== undefined && behaviour.script?.length
        ? [labels['workload']!]
        : [];
    }),
  );
  return [...names].map(
    (name) =>
      `${name} makes no calls: there is no config dump of its own sidecar that would say where they go`,
  );
}

function addLoad(
  plan: Plan,
  load: Load,
  proxies: DumpProxies,
  scenario: Scenario,
  isAnyName: boolean,
  diagnostics: Diagnostic[],
): void {
  const origin = load.origin ?? { file: scenario.file, line: 0, col: 0 };
  const from =
    'gateway' in load.from ? load.from.gateway : 'pod' in load.from ? load.from.pod : load.from.workload;
  const index = isAnyName ? 0 : proxies.named(from);
  const proxy = proxies.all[index];
  if (!proxy) {
    const message = `load ${load.name}: there is no config dump of a proxy "${from}"`;
    diagnostics.push(diagnosticAt('FS3004', origin, message, hintFor(from, proxies.names())));
    return;
  }
  const { config } = proxy.dump;
  const { host, port } = splitHost(load.request.host);
  const asked = load.request.port ?? port ?? 80;
  const wanted = ('gateway' in load.from ? load.from.port : undefined) ?? asked;
  const listener = listenerOf(config, wanted);
  if (!listener || listener.address.port !== wanted) {
    const message = `load ${load.name}: ${proxy.name} has no listener on port ${wanted}`;
    diagnostics.push(diagnosticAt('FS3017', origin, message, listenerHint(config, proxy.name)));
    return;
  }
  const { method, path, headers } = load.request;
  const view = { method, host: asked === 80 ? host : `${host}:${asked}`, path, headers };
  plan.world.loads.push({
    name: load.name,
    from: { proxy: index, port: wanted },
    request: { ...view, port: wanted },
    startNs: load.startNs,
    arrivals: arrivalsOf(load),
    connections: load.connections,
    ...(load.cookies && { cookies: true }),
    ...(load.grep !== undefined && { grep: load.grep }),
  });
  plan.callSites.push({ caller: proxy.name, proxy: index, port: wanted, request: view, load: load.name });
  plan.loadWindows.set(load.name, { fromNs: load.startNs, toNs: endOf(load) });
}

const MOST_LISTENERS = 12;

function listenerHint(config: EnvoyConfig, proxy: string): string {
  const known = config.listeners.filter(isOutward).map(listenerText);
  const listed = `${known.slice(0, MOST_LISTENERS).join(', ') || 'none'}${known.length > MOST_LISTENERS ? ` and ${known.length - MOST_LISTENERS} more` : ''}`;
  return `listeners: ${listed}; name one in from: { proxy: ${proxy}, port: N } or with --listener`;
}

const isOutward = (listener: Listener) => listener.trafficDirection !== 'INBOUND';
const listenerText = ({ name, address }: Listener) =>
  name.includes(String(address.port)) ? name : `${name} ${address.port}`;
