// MeshConfig wherever it is written: ConfigMap istio (YAML inside YAML), IstioOperator, a bare document, topology.mesh. Only checked here;
// plan/ puts it in force. Source: istio/api mesh/v1alpha1/config.proto (1.31); validation.go ValidateMeshConfig.
import type { Origin } from '../models/envoy/config.ts';
import { validateIstioObject } from '../models/istio/validation/index.ts';
import type { ManifestObject } from '../models/kube/model.ts';
import { type Diagnostic, diagnosticAt, hintFor } from './diagnostics.ts';
import { at } from './manifests-fields.ts';
import { type Path, parseYamlDocuments } from './yaml-documents.ts';

export const MESH_CONFIG_FIELDS =
  `accessLogEncoding accessLogFile accessLogFormat ca caCertificates certificates configSources
  connectTimeout defaultConfig defaultDestinationRuleExportTo defaultHttpRetryPolicy defaultInboundHttpRetryPolicy defaultProviders
  defaultServiceExportTo defaultTrafficPolicy defaultVirtualServiceExportTo disableEnvoyListenerLog discoverySelectors dnsRefreshRate
  enableAutoMtls enableEnvoyAccessLogService enablePrometheusMerge enableTracing extensionProviders h2UpgradePolicy hboneIdleTimeout
  inboundClusterStatName inboundTrafficPolicy ingressClass ingressControllerMode ingressSelector ingressService localityLbSetting
  meshMTLS outboundClusterStatName outboundTrafficPolicy pathNormalization protocolDetectionTimeout proxyHttpPort
  proxyInboundListenPort proxyListenPort rootNamespace serviceScopeConfigs serviceSettings tcpKeepalive tlsDefaults trustDomain
  trustDomainAliases verifyCertificateAtClient zoneAwareLbSetting`.split(/\s+/);

/** Where to find the places of a MeshConfig's values. */
interface Places {
  originOf(path: Path): Origin;
  keyOriginOf(path: Path): Origin;
}

/** A bare MeshConfig document: no object, and it has at least one field of MeshConfig. */
export function isMeshConfig(value: unknown): value is Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  return !('apiVersion' in value) && !('kind' in value) && MESH_CONFIG_FIELDS.some((field) => field in value);
}

/** @param base path of the MeshConfig within the document */
export function checkMeshConfig(
  config: Record<string, unknown>,
  places: Places,
  base: Path,
  diagnostics: Diagnostic[],
): void {
  for (const key of Object.keys(config)) {
    if (MESH_CONFIG_FIELDS.includes(key)) continue;
    const origin = places.keyOriginOf([...base, key]);
    diagnostics.push(
      diagnosticAt(
        'FS2004',
        origin,
        `unknown field "${key}" in MeshConfig`,
        hintFor(key, MESH_CONFIG_FIELDS),
      ),
    );
  }
  for (const key of ['localityLbSetting', 'zoneAwareLbSetting'])
    if (config[key] !== undefined)
      checkPolicy(
        { loadBalancer: { localityLbSetting: config[key] } },
        2,
        places,
        [...base, key],
        diagnostics,
      );
  const policy = config['defaultTrafficPolicy'];
  if (policy !== undefined) checkPolicy(policy, 0, places, [...base, 'defaultTrafficPolicy'], diagnostics);
}

/** A locality setting or traffic policy is checked as it would be in a DestinationRule. */
export function checkPolicy(
  trafficPolicy: unknown,
  depth: number,
  places: Places,
  base: Path,
  diagnostics: Diagnostic[],
): void {
  const verdicts = validateIstioObject({
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'mesh', namespace: 'istio-system' },
    spec: { host: 'mesh.example', trafficPolicy },
  });
  for (const verdict of verdicts) {
    // A mesh-wide failover without outlierDetection beside it is usual: the rules of each host add it.
    if (verdict.severity === 'warning' || verdict.path[1] !== 'trafficPolicy') continue;
    const path = [...base, ...verdict.path.slice(2 + depth)];
    const isUnknown = /^unknown field/i.test(verdict.message);
    const origin = isUnknown ? places.keyOriginOf(path) : places.originOf(path);
    diagnostics.push(diagnosticAt(isUnknown ? 'FS2004' : 'FS2020', origin, verdict.message, verdict.hint));
  }
}

/** ConfigMap `istio` holds YAML as text: its mistakes are shown at the line of the outer file. */
export function checkConfigMap(
  object: ManifestObject,
  source: string | undefined,
  diagnostics: Diagnostic[],
): void {
  for (const key of ['mesh', 'meshNetworks']) {
    const text = at(object.data, [key]);
    if (text === undefined || text === null) continue;
    const outer = object.originOf?.(['data', key]) ?? object.origin;
    if (!outer) continue;
    if (typeof text !== 'string') {
      diagnostics.push(
        diagnosticAt('FS2022', outer, `data.${key} must be a text that holds YAML`, `write ${key}: |-`),
      );
      continue;
    }
    const { documents, diagnostics: inner } = parseYamlDocuments(outer.file, text);
    const lines = source?.split('\n') ?? [];
    const isBlock = /^[|>]/.test((lines[outer.line - 1] ?? '').slice(outer.col - 1));
    const indent = isBlock ? Math.max(0, (lines[outer.line] ?? '').search(/\S/)) : 0;
    const shift = <O extends { line: number; col: number }>(origin: O): O =>
      isBlock && origin.line > 0
        ? { ...origin, line: outer.line + origin.line, col: origin.col + indent }
        : { ...origin, line: outer.line, col: outer.col };
    for (const each of inner) if (each.code !== 'FS1006') diagnostics.push(shift(each));
    const document = documents[0];
    const value = document?.value;
    if (!document || value === null) continue;
    if (typeof value !== 'object' || Array.isArray(value))
      diagnostics.push(diagnosticAt('FS2022', outer, `data.${key} must hold a mapping`));
    else if (key === 'mesh') {
      const places = {
        originOf: (path: Path) => shift(document.originOf(path)),
        keyOriginOf: (path: Path) => shift(document.keyOriginOf(path)),
      };
      checkMeshConfig(value as Record<string, unknown>, places, [], diagnostics);
    }
  }
}
