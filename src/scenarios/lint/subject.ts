// What a rule may ask: the scenario, its plan, and answers that many rules need, each worked out once.

import type { Origin } from '../../models/envoy/config.ts';
import { resolveRoute } from '../../models/envoy/resolve-route.ts';
import type { TranslationContext } from '../../models/istio/context.ts';
import { getOrCreate } from '../../models/istio/get-or-create.ts';
import { hostsMatch, resolveShortName } from '../../models/istio/host-name.ts';
import type { ConfigObject, IstioEndpoint, Mesh, ProxyNode, Service } from '../../models/istio/model.ts';
import { recordOf } from '../../models/istio/plain.ts';
import type { KubeService, KubeState, Pod, Workload } from '../../models/kube/model.ts';
import type { CallSite, Plan } from '../plan/plan.ts';
import { podsAimedAt } from '../plan/targets.ts';
import type { Fault, Scenario } from '../scenario.ts';
import { PlannedClusters } from './planned-clusters.ts';
import { Selections } from './selections.ts';
import { type ClusterView, viewsOf } from './views.ts';

/** Proxies that see the same are looked at once; of very many kinds, the first ones. */
const MOST_CLIENTS = 80;

export interface Client {
  proxy: number;
  node: ProxyNode;
  /** "productpage-v1" */
  workload: string;
  sites: CallSite[];
}

export interface RouteUse {
  site: CallSite;
  client: Client;
  /** The workload that calls; clients that see the same may be several. */
  caller: string;
  resolution: ReturnType<typeof resolveRoute>;
}

type Steps = readonly (string | number)[];

export class LintSubject {
  readonly mesh: Mesh;
  readonly minor: number;
  #clients?: Client[];
  #views?: ClusterView[];
  #uses?: RouteUse[];
  #byService?: Map<Service, ClusterView[]>;
  #known?: Map<string, Service>;
  #planned?: PlannedClusters;
  #callers?: Map<string, number>;
  readonly #selections: Selections;
  readonly #meshPlaces = new Map<string, Origin>();
  readonly #calledViews = new Map<Service, ClusterView[]>();
  readonly #faults = new Map<Service, Fault[]>();

  constructor(
    readonly scenario: Scenario,
    readonly plan: Plan,
  ) {
    this.#selections = new Selections(plan);
    this.mesh = plan.mesh;
    this.minor = plan.mesh.profile.minor;
  }

  /** The clusters before the first fault. */
  get state(): KubeState {
    return this.plan.initialState;
  }

  get templates() {
    return this.plan.built.templates;
  }

  get context(): TranslationContext {
    return this.plan.context();
  }

  /** Somebody calls something: what nobody calls is then of less interest. */
  get knowsCalls(): boolean {
    return this.plan.callSites.some(({ proxy }) => proxy >= 0);
  }

  /** One proxy of every kind that differs in what it is told. */
  get clients(): Client[] {
    this.#clients ??= this.#findClients();
    return this.#clients;
  }

  /** Every cluster of every client. */
  get allViews(): ClusterView[] {
    this.#views ??= this.clients.flatMap((client) => viewsOf(client, this));
    return this.#views;
  }

  /** Per service what its callers see; of services that nobody is known to call, what anybody would see. */
  get views(): ClusterView[] {
    return this.services.flatMap((service) => this.viewsOf(service));
  }

  viewsOf(service: Service): ClusterView[] {
    let found = this.#calledViews.get(service);
    if (!found) {
      const all = this.#viewsByService().get(service) ?? [];
      const called = all.filter((view) => view.isCalled);
      found = called.length > 0 ? called : all;
      this.#calledViews.set(service, found);
    }
    return found;
  }

  get services(): readonly Service[] {
    return this.mesh.services;
  }

  #viewsByService(): Map<Service, ClusterView[]> {
    if (!this.#byService) {
      this.#byService = new Map();
      for (const view of this.allViews) getOrCreate(this.#byService, view.service, () => []).push(view);
    }
    return this.#byService;
  }

  get planned(): PlannedClusters {
    this.#planned ??= new PlannedClusters(this.context, (service) => this.endpointsOf(this.known(service)));
    return this.#planned;
  }

  /** The mesh's own object for a service that a client sees. */
  known(service: Service): Service {
    this.#known ??= new Map(this.services.map((one) => [`${one.hostname}/${one.namespace}`, one]));
    return this.#known.get(`${service.hostname}/${service.namespace}`) ?? service;
  }

  /** Calls with the route that they take. */
  get uses(): RouteUse[] {
    this.#uses ??= this.clients.flatMap((client) => {
      const { config } = this.plan.world.proxies[client.proxy]!;
      return client.sites.map((site) => ({
        site,
        client,
        caller: this.plan.names.callerWorkloads.get(site.caller) ?? site.caller,
        resolution: resolveRoute(config, site.port, site.request),
      }));
    });
    return this.#uses;
  }

  configs<Spec = Record<string, unknown>>(kind: string): ConfigObject<Spec>[] {
    return this.mesh.configs
      .filter((config) => config.kind === kind)
      .map((config) => ({ ...config, spec: recordOf(config.spec) as Spec }));
  }

  /** Services that the host of a rule of a namespace means. */
  servicesOfHost(host: string, namespace: string): Service[] {
    const full = resolveShortName(host, namespace, this.mesh.domain);
    return full === ''
      ? []
      : this.services.filter((service) => hostsMatch(service.hostname.toLowerCase(), full));
  }

  endpointsOf(service: Service): readonly IstioEndpoint[] {
    return this.mesh.endpoints.get(`${service.hostname}/${service.namespace}`) ?? [];
  }

  /** "reviews", or "reviews.shop" outside the namespace default. */
  nameOf(service: Service): string {
    if (service.registry === 'External') return service.hostname;
    return service.namespace === 'default' ? service.name : `${service.name}.${service.namespace}`;
  }

  kubeServicesOf(service: Service): readonly KubeService[] {
    return this.#selections.servicesOf(service);
  }

  /** Pods that are there now and that the service selects, ready or not. */
  podsOf(service: Service): Pod[] {
    return this.#selections.podsOf(service);
  }

  /** Workloads that the service selects, those without replicas too. */
  workloadsOf(service: Service): Workload[] {
    return this.#selections.workloadsOf(service);
  }

  /** Proxies that call a service, replicas counted. */
  callersOf(hostname: string): number {
    this.#callers ??= this.#countCallers();
    return this.#callers.get(hostname) ?? 0;
  }

  #countCallers(): Map<string, number> {
    const { callerWorkloads } = this.plan.names;
    const proxies = new Map<string, number>();
    for (const { name } of this.plan.world.proxies) {
      const workload = callerWorkloads.get(name) ?? name;
      proxies.set(workload, (proxies.get(workload) ?? 0) + 1);
    }
    const workloads = new Map<string, Set<string>>();
    for (const { caller, resolution } of this.uses)
      for (const { cluster } of resolution.targets) {
        const host = cluster.split('|')[3];
        if (host !== undefined) getOrCreate(workloads, host, () => new Set<string>()).add(caller);
      }
    return new Map(
      [...workloads].map(([host, names]) => [
        host,
        [...names].reduce((sum, name) => sum + (proxies.get(name) ?? 0), 0),
      ]),
    );
  }

  /** Faults of the scenario that are aimed at the pods of a service. */
  faultsOn(service: Service): Fault[] {
    let found = this.#faults.get(service);
    if (!found) {
      const pods = new Set<Pod>(this.podsOf(service));
      const { state } = this;
      found = this.scenario.faults.filter((fault) => {
        if (!('target' in fault)) return false;
        if (fault.target.kind === 'service') return fault.target.name === service.name;
        return podsAimedAt(fault.target, state).some((index) => pods.has(state.pods[index]!));
      });
      this.#faults.set(service, found);
    }
    return found;
  }

  originOf(config: ConfigObject, path: Steps): Origin | undefined {
    return config.originOf?.([...path]) ?? config.origin;
  }

  /** Where a field of MeshConfig was written. */
  meshPlace(field: string): Origin {
    return getOrCreate(this.#meshPlaces, field, () => this.#findMeshPlace(field));
  }

  #findMeshPlace(field: string): Origin {
    const { scenario } = this;
    if (Object.hasOwn(scenario.topology.mesh.meshConfig, field)) {
      const names = field === 'localityLbSetting' ? ['localityLoadBalancing', field] : [field];
      for (const [file, text] of scenario.sources ?? []) {
        const found = text.split('\n').findIndex((line) => names.some((name) => line.includes(`${name}:`)));
        if (found >= 0 && /^\s*topology:/m.test(text)) return { file, line: found + 1, col: 1 };
      }
      return { file: scenario.file, line: 0, col: 0 };
    }
    for (const object of scenario.manifests.flatMap((set) => set.objects)) {
      if (object.kind === 'MeshConfig' && Object.hasOwn(recordOf(object.spec), field))
        return (
          object.originOf?.(['spec', field]) ?? object.origin ?? { file: scenario.file, line: 0, col: 0 }
        );
      if (
        object.kind === 'IstioOperator' &&
        Object.hasOwn(recordOf(recordOf(object.spec)['meshConfig']), field)
      )
        return (
          object.originOf?.(['spec', 'meshConfig', field]) ??
          object.origin ?? { file: scenario.file, line: 0, col: 0 }
        );
      if (object.kind === 'ConfigMap' && object.metadata.name === 'istio')
        return (
          object.originOf?.(['data', 'mesh']) ?? object.origin ?? { file: scenario.file, line: 0, col: 0 }
        );
    }
    return { file: scenario.file, line: 0, col: 0 };
  }

  #findClients(): Client[] {
    const { context, plan } = this;
    const byKey = new Map<string, Client>();
    const bySite = new Map<number, CallSite[]>();
    for (const site of plan.callSites)
      if (site.proxy >= 0) bySite.set(site.proxy, [...(bySite.get(site.proxy) ?? []), site]);
    const proxies = [...plan.nodes.keys()].sort(
      (a, b) => Number(bySite.has(b)) - Number(bySite.has(a)) || a - b,
    );
    for (const proxy of proxies) {
      const node = plan.nodes[proxy];
      if (!node) continue;
      const spec = plan.world.proxies[proxy];
      if (!spec || spec.config.clusters.length === 0) continue;
      const key = [
        context.routeKey(node),
        node.locality,
        node.network,
        node.nodeName ?? '',
        node.clusterId,
      ].join('\n');
      const sites = bySite.get(proxy) ?? [];
      const known = byKey.get(key);
      if (known) {
        known.sites.push(...sites.filter((site) => !known.sites.some((other) => isSameCall(site, other))));
      } else if (byKey.size < MOST_CLIENTS)
        byKey.set(key, {
          proxy,
          node,
          workload: plan.names.callerWorkloads.get(spec.name) ?? spec.name,
          sites: [...sites],
        });
    }
    return [...byKey.values()];
  }
}

const isSameCall = (a: CallSite, b: CallSite): boolean =>
  a.port === b.port &&
  a.load === b.load &&
  a.request.host === b.request.host &&
  a.request.path === b.request.path &&
  a.request.method === b.request.method;
