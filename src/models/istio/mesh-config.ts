// MeshConfig with its defaults: what istiod assumes where the mesh owner wrote nothing.
// Source: istio/istio pkg/config/mesh/mesh.go DefaultMeshConfig, istio/api mesh/v1alpha1/config.proto (1.31). Rules LO-3, EP-5, EP-8, SC-4.
import type { TrafficPolicy } from './destination-rule.ts';
import { isGoDuration } from './duration.ts';
import type { LocalityLbSetting } from './locality-lb.ts';
import type { MeshConfigSpec } from './model.ts';
import { arrayOf, booleanOf, recordOf, stringOf, stringsOf } from './plain.ts';
import type { IstioProfile } from './profile.ts';
import type { RetrySpec } from './retry-policy.ts';

export interface ServiceSetting {
  hosts: string[];
  clusterLocal: boolean;
}

export interface MeshSettings {
  /** Namespace of istiod and of mesh-wide rules. Default istio-system. */
  rootNamespace: string;
  trustDomain: string;
  /** Default 10s. */
  connectTimeout: string;
  /** Default {enabled: true}; an owner's {enabled: false} switches it off. */
  localityLbSetting: LocalityLbSetting;
  /** 1.31. */
  zoneAwareLbSetting: LocalityLbSetting | null;
  /** 1.31; fills connectionPool and outlierDetection blocks that no rule set (DR-12). */
  defaultTrafficPolicy: Pick<TrafficPolicy, 'connectionPool' | 'outlierDetection'> | null;
  defaultHttpRetryPolicy: RetrySpec | null;
  defaultInboundHttpRetryPolicy: RetrySpec | null;
  outboundTrafficPolicy: 'ALLOW_ANY' | 'REGISTRY_ONLY';
  h2UpgradePolicy: 'DO_NOT_UPGRADE' | 'UPGRADE';
  enableAutoMtls: boolean;
  /** Default 0s = wait for the client's first bytes for ever. */
  protocolDetectionTimeout: string;
  /** Default 60s. */
  dnsRefreshRate: string;
  defaultServiceExportTo: string[];
  defaultVirtualServiceExportTo: string[];
  defaultDestinationRuleExportTo: string[];
  serviceSettings: ServiceSetting[];
  /** Namespaces that istiod looks at; empty = all. */
  discoverySelectors: LabelSelector[];
  ingressService: string;
  ingressSelector: string;
  ingressClass: string;
  ingressControllerMode: string;
  /** defaultConfig.concurrency; null = by CPU limit. */
  concurrency: number | null;
  terminationDrainDuration: string;
  drainDuration: string;
  holdApplicationUntilProxyStarts: boolean;
  /** defaultConfig.proxyMetadata. */
  proxyMetadata: Record<string, string>;
}

export interface LabelSelector {
  matchLabels: Record<string, string>;
  matchExpressions: { key: string; operator: string; values: string[] }[];
}

/** @param spec MeshConfig as a plain object, from wherever it was read. Values of the wrong kind count as absent. */
export function meshSettings(spec: MeshConfigSpec, profile: IstioProfile): MeshSettings {
  const proxy = recordOf(spec['defaultConfig']);
  const isNew = profile.minor >= 31;
  const exportTo = (field: string) => {
    const list = stringsOf(spec[field]);
    return list.length > 0 ? list : ['*'];
  };
  return {
    rootNamespace: stringOf(spec['rootNamespace']) || 'istio-system',
    trustDomain: stringOf(spec['trustDomain']) || 'cluster.local',
    connectTimeout: durationOf(spec['connectTimeout'], '10s'),
    localityLbSetting: localitySetting(spec['localityLbSetting']) ?? { enabled: true },
    zoneAwareLbSetting: isNew ? localitySetting(spec['zoneAwareLbSetting']) : null,
    defaultTrafficPolicy:
      isNew && isRecord(spec['defaultTrafficPolicy']) ? spec['defaultTrafficPolicy'] : null,
    defaultHttpRetryPolicy: isRecord(spec['defaultHttpRetryPolicy']) ? spec['defaultHttpRetryPolicy'] : null,
    defaultInboundHttpRetryPolicy: isRecord(spec['defaultInboundHttpRetryPolicy'])
      ? spec['defaultInboundHttpRetryPolicy']
      : null,
    outboundTrafficPolicy:
      recordOf(spec['outboundTrafficPolicy'])['mode'] === 'REGISTRY_ONLY' ? 'REGISTRY_ONLY' : 'ALLOW_ANY',
    h2UpgradePolicy: spec['h2UpgradePolicy'] === 'UPGRADE' ? 'UPGRADE' : 'DO_NOT_UPGRADE',
    enableAutoMtls: booleanOf(spec['enableAutoMtls']) ?? true,
    protocolDetectionTimeout: durationOf(spec['protocolDetectionTimeout'], '0s'),
    dnsRefreshRate: durationOf(spec['dnsRefreshRate'], '60s'),
    defaultServiceExportTo: exportTo('defaultServiceExportTo'),
    defaultVirtualServiceExportTo: exportTo('defaultVirtualServiceExportTo'),
    defaultDestinationRuleExportTo: exportTo('defaultDestinationRuleExportTo'),
    serviceSettings: arrayOf(spec['serviceSettings']).map((entry) => ({
      hosts: stringsOf(recordOf(entry)['hosts']),
      clusterLocal: recordOf(recordOf(entry)['settings'])['clusterLocal'] === true,
    })),
    discoverySelectors: arrayOf(spec['discoverySelectors']).map(labelSelector),
    ingressService: stringOf(spec['ingressService']) || 'istio-ingressgateway',
    ingressSelector: stringOf(spec['ingressSelector']) || 'ingressgateway',
    ingressClass: stringOf(spec['ingressClass']) || 'istio',
    ingressControllerMode: stringOf(spec['ingressControllerMode']) || 'STRICT',
    concurrency: typeof proxy['concurrency'] === 'number' ? proxy['concurrency'] : null,
    terminationDrainDuration: durationOf(proxy['terminationDrainDuration'], '5s'),
    drainDuration: durationOf(proxy['drainDuration'], '45s'),
    holdApplicationUntilProxyStarts: booleanOf(proxy['holdApplicationUntilProxyStarts']) ?? false,
    proxyMetadata: Object.fromEntries(
      Object.entries(recordOf(proxy['proxyMetadata'])).map(([key, value]) => [key, String(value)]),
    ),
  };
}

const isRecord = (value: unknown): value is Record<string, never> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** What is no duration counts as absent. */
function durationOf(value: unknown, absent: string): string {
  const text = stringOf(value);
  return isGoDuration(text) ? text : absent;
}

function localitySetting(value: unknown): LocalityLbSetting | null {
  return isRecord(value) ? (value as LocalityLbSetting) : null;
}

function labelSelector(value: unknown): LabelSelector {
  const selector = recordOf(value);
  return {
    matchLabels: Object.fromEntries(
      Object.entries(recordOf(selector['matchLabels'])).map(([key, entry]) => [key, String(entry)]),
    ),
    matchExpressions: arrayOf(selector['matchExpressions']).map((entry) => ({
      key: stringOf(recordOf(entry)['key']),
      operator: stringOf(recordOf(entry)['operator']),
      values: stringsOf(recordOf(entry)['values']),
    })),
  };
}

/** Does a namespace's label set satisfy one of the selectors? No selector at all selects everything. */
export function isDiscovered(labels: Record<string, string>, selectors: readonly LabelSelector[]): boolean {
  return selectors.length === 0 || selectors.some((selector) => selects(selector, labels));
}

function selects(selector: LabelSelector, labels: Record<string, string>): boolean {
  return (
    Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value) &&
    selector.matchExpressions.every(({ key, operator, values }) => {
      const has = Object.hasOwn(labels, key);
      if (operator === 'In') return has && values.includes(labels[key]!);
      if (operator === 'NotIn') return !has || !values.includes(labels[key]!);
      if (operator === 'Exists') return has;
      return operator === 'DoesNotExist' && !has;
    })
  );
}
