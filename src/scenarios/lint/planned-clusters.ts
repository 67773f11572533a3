// Clusters as planned for a service under a rule, their endpoints, and the hosts that assignments make of them: worked out once for all
// clients that see them alike, of whom there may be many.
import type { ClusterLoadAssignment } from '../../models/envoy/config.ts';
import { type ClusterPlan, outboundPlans } from '../../models/istio/clusters/outbound.ts';
import type { EffectiveRule, TranslationContext } from '../../models/istio/context.ts';
import { getOrCreate } from '../../models/istio/get-or-create.ts';
import type { IstioEndpoint, ProxyNode, Service } from '../../models/istio/model.ts';

export interface HostView {
  address: string;
  port: number;
  priority: number;
  /** "region/zone/subzone" */
  locality: string;
  region: string;
  weight: number;
  localityWeight: number | undefined;
  isHealthy: boolean;
  endpoint: IstioEndpoint | undefined;
}

export interface Hosts {
  hosts: HostView[];
  /** Hosts by priority, most preferred first; levels without hosts are left out. */
  levels: HostView[][];
}

export class PlannedCluster {
  /** All endpoints of the service that fit the subset. */
  readonly endpoints: IstioEndpoint[];
  readonly #byAddress = new Map<string, IstioEndpoint>();
  readonly #hosts = new Map<ClusterLoadAssignment, Hosts>();

  constructor(
    readonly plan: ClusterPlan,
    ofService: readonly IstioEndpoint[],
  ) {
    const wanted = Object.entries(plan.subsetLabels ?? {});
    this.endpoints = ofService.filter(
      (endpoint) =>
        endpoint.servicePortName === plan.port.name &&
        wanted.every(([key, value]) => endpoint.labels[key] === value),
    );
    for (const endpoint of this.endpoints) {
      const key = `${endpoint.address}|${endpoint.endpointPort}`;
      if (!this.#byAddress.has(key)) this.#byAddress.set(key, endpoint);
    }
  }

  hostsOf(assignment: ClusterLoadAssignment): Hosts {
    return getOrCreate(this.#hosts, assignment, () => {
      const hosts = assignment.endpoints.flatMap((group) => {
        const { region = '', zone = '', subZone = '' } = group.locality ?? {};
        const locality = [region, zone, subZone].join('/').replace(/\/+$/, '');
        return group.lbEndpoints.map(({ endpoint, loadBalancingWeight, healthStatus }): HostView => {
          const { address, port } = endpoint;
          return {
            address,
            port,
            priority: group.priority ?? 0,
            locality,
            region,
            weight: loadBalancingWeight ?? 1,
            localityWeight: group.loadBalancingWeight,
            isHealthy:
              healthStatus === undefined || ['HEALTHY', 'UNKNOWN', 'DEGRADED'].includes(healthStatus),
            endpoint: this.#byAddress.get(`${address}|${port}`),
          };
        });
      });
      const priorities = [...new Set(hosts.map((host) => host.priority))].sort((a, b) => a - b);
      return {
        hosts,
        levels: priorities.map((priority) => hosts.filter((host) => host.priority === priority)),
      };
    });
  }
}

type ByRule = Map<EffectiveRule | null, PlannedCluster[]>;

export class PlannedClusters {
  readonly #known = new Map<ProxyNode['type'], Map<Service, ByRule>>();

  constructor(
    readonly context: TranslationContext,
    readonly endpointsOf: (service: Service) => readonly IstioEndpoint[],
  ) {}

  of(service: Service, rule: EffectiveRule | null, type: ProxyNode['type']): readonly PlannedCluster[] {
    const byService = getOrCreate(this.#known, type, () => new Map<Service, ByRule>());
    const byRule = getOrCreate(byService, service, (): ByRule => new Map());
    return getOrCreate(byRule, rule, () => {
      const plans = outboundPlans(service, rule, type, {
        profile: this.context.profile,
        settings: this.context.meshConfig,
        trafficDistributionOf: (of) => of.trafficDistribution,
      });
      const endpoints = this.endpointsOf(service);
      return plans.map((plan) => new PlannedCluster(plan, endpoints));
    });
  }
}
