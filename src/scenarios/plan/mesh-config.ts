// The mesh-wide settings in force: ConfigMap istio, IstioOperator or a bare MeshConfig document, and over them the topology's own.
import type { ManifestObject } from '../../models/kube/model.ts';
import type { Scenario } from '../scenario.ts';
import { parseYamlDocuments } from '../yaml-documents.ts';

type Settings = Record<string, unknown>;

const settingsOf = (value: unknown): Settings =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Settings) : {};

/** `data.mesh` and `data.meshNetworks` are YAML inside YAML. */
function embedded(object: ManifestObject, key: string): unknown {
  const text = settingsOf(object.data)[key];
  if (typeof text !== 'string') return text;
  return parseYamlDocuments(object.origin?.file ?? key, text).documents[0]?.value;
}

export function meshConfigOf(scenario: Scenario): { meshConfig: Settings; meshNetworks: unknown } {
  const meshConfig: Settings = {};
  let meshNetworks: unknown;
  for (const set of scenario.manifests) {
    for (const object of set.objects) {
      if (object.kind === 'ConfigMap' && object.metadata.name === 'istio') {
        Object.assign(meshConfig, settingsOf(embedded(object, 'mesh')));
        meshNetworks = embedded(object, 'meshNetworks') ?? meshNetworks;
      } else if (object.kind === 'IstioOperator') {
        Object.assign(meshConfig, settingsOf(settingsOf(object.spec)['meshConfig']));
      } else if (object.kind === 'MeshConfig') {
        Object.assign(meshConfig, settingsOf(object.spec));
      }
    }
  }
  Object.assign(meshConfig, scenario.topology.mesh.meshConfig);
  return { meshConfig, meshNetworks };
}
