// Which locality setting is in force for a service: the first that is present hides everything below it, nothing is merged.
// Source: istio/istio pilot/pkg/networking/core/loadbalancer/loadbalancer.go GetEffectiveLbSetting (1.31). Rules LO-3, LO-4, TD-1.
import type { LocalityLbSetting } from './locality-lb.ts';
import type { IstioProfile } from './profile.ts';

export interface EffectiveSetting {
  kind: 'locality' | 'zone';
  setting: LocalityLbSetting;
  /** True = priorities even without outlierDetection. */
  forcesFailover: boolean;
}

const SAME_ZONE = [
  'topology.istio.io/network',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
];
const SAME_SUBZONE = [...SAME_ZONE, 'topology.istio.io/subzone'];
const SAME_NODE = [...SAME_SUBZONE, 'kubernetes.io/hostname'];

export interface SettingSources {
  /** DestinationRule trafficPolicy.loadBalancer after all merging. */
  destinationRuleLoadBalancer?: {
    localityLbSetting?: LocalityLbSetting;
    zoneAwareLbSetting?: LocalityLbSetting;
  } | null;
  /** "Any", "PreferClose", "PreferSameZone", "PreferSameNode"; unknown text counts as Any. */
  trafficDistribution?: string;
  meshZoneAware?: LocalityLbSetting | null;
  meshLocality?: LocalityLbSetting | null;
}

/** null = locality load balancing is off. */
export function effectiveLbSetting(sources: SettingSources, profile: IstioProfile): EffectiveSetting | null {
  const rule = sources.destinationRuleLoadBalancer;
  if (rule?.zoneAwareLbSetting && profile.minor >= 31) return zone(rule.zoneAwareLbSetting);
  if (rule?.localityLbSetting) return locality(rule.localityLbSetting);
  const failoverPriority = labelsOf(sources.trafficDistribution, profile);
  if (failoverPriority)
    return { kind: 'locality', setting: { failoverPriority, enabled: true }, forcesFailover: true };
  if (sources.meshZoneAware && profile.minor >= 31) return zone(sources.meshZoneAware);
  return sources.meshLocality ? locality(sources.meshLocality) : null;
}

const zone = (setting: LocalityLbSetting): EffectiveSetting => ({
  kind: 'zone',
  setting,
  forcesFailover: setting.enabled !== false,
});

const locality = (setting: LocalityLbSetting): EffectiveSetting | null =>
  setting.enabled === false ? null : { kind: 'locality', setting, forcesFailover: false };

/** PreferClose since 1.25 (until 1.26 down to the subzone), PreferSameZone and PreferSameNode since 1.27. */
function labelsOf(trafficDistribution: string | undefined, profile: IstioProfile): string[] | null {
  if (trafficDistribution === 'PreferClose' && profile.minor >= 25)
    return profile.minor < 27 ? SAME_SUBZONE : SAME_ZONE;
  if (profile.minor < 27) return null;
  if (trafficDistribution === 'PreferSameZone') return SAME_ZONE;
  return trafficDistribution === 'PreferSameNode' ? SAME_NODE : null;
}
