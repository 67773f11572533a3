// One YAML document becomes the Kubernetes objects in it (a List holds several). What the API server would refuse is an error here too;
// a misspelt field that it would drop silently is a warning.
import type { ManifestObject } from '../models/kube/model.ts';
import { type Diagnostic, type DiagnosticCode, diagnosticAt, nearestName } from './diagnostics.ts';
import {
  checkIstio,
  checkKind,
  checkName,
  checkTexts,
  checkTypos,
  isLabelName,
  NAME_RULE,
  WORKLOADS,
} from './manifests-checks.ts';
import { at, type Fields, isFields, textOf } from './manifests-fields.ts';
import { ISTIO_GROUP, ISTIO_KINDS } from './manifests-kinds.ts';
import { checkMeshConfig, isMeshConfig } from './manifests-mesh-config.ts';
import type { Path, YamlDocument } from './yaml-documents.ts';

const MAX_ITEMS = 100_000;

/** @param isMesh a bare MeshConfig document is meant as such only among the mesh's manifests */
export function objectsOf(
  document: YamlDocument,
  isMesh: boolean,
  diagnostics: Diagnostic[],
): ManifestObject[] {
  const value = document.value;
  if (isMesh && isMeshConfig(value)) {
    checkMeshConfig(value, document, [], diagnostics);
    return [
      {
        apiVersion: 'mesh.istio.io/v1alpha1',
        kind: 'MeshConfig',
        metadata: { name: 'mesh' },
        spec: value,
        origin: document.originOf([]),
        originOf: (path) => document.originOf(path[0] === 'spec' ? path.slice(1) : path),
      },
    ];
  }
  const found: ManifestObject[] = [];
  const visit = (fields: unknown, path: Path, depth: number) => {
    if (
      isFields(fields) &&
      Array.isArray(fields['items']) &&
      /List$/.test(textOf(fields['kind'])) &&
      depth < 3
    ) {
      for (const [i] of fields['items'].slice(0, MAX_ITEMS).entries())
        visit(fields['items'][i], [...path, 'items', i], depth + 1);
      return;
    }
    const object = objectOf(fields, document, path, diagnostics);
    if (object) found.push(object);
  };
  visit(value, [], 0);
  return found;
}

function objectOf(
  fields: unknown,
  document: YamlDocument,
  base: Path,
  diagnostics: Diagnostic[],
): ManifestObject | undefined {
  const say = (code: DiagnosticCode, path: Path, message: string, hint?: string) =>
    void diagnostics.push(diagnosticAt(code, document.originOf([...base, ...path]), message, hint));
  if (!isFields(fields)) {
    say('FS2010', [], 'the document is no Kubernetes object', 'an object has apiVersion, kind and metadata');
    return undefined;
  }
  for (const key of ['apiVersion', 'kind'] as const) {
    if (typeof fields[key] === 'string' && fields[key] !== '') continue;
    const near = fields[key] === undefined && nearestName(key, Object.keys(fields));
    const hint = near
      ? `"${near}" is not known: is ${key} meant?`
      : NO_OBJECT_HINTS.find(([test]) => test(fields))?.[1];
    say('FS2010', fields[key] === undefined ? [] : [key], `the object has no ${key}`, hint);
    return undefined;
  }
  const [kind, apiVersion] = [String(fields['kind']), String(fields['apiVersion'])];
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  if (!checkKind(kind, apiVersion, group, say)) return undefined;
  const metadata = isFields(fields['metadata']) ? fields['metadata'] : {};
  const name = metadata['name'];
  if (typeof name !== 'string' || name === '') {
    if (kind === 'Kustomization' || kind === 'IstioOperator') metadata['name'] ??= kind.toLowerCase();
    else {
      const hint =
        name !== undefined && name !== null
          ? `write it in quotes: "${document.sourceOf([...base, 'metadata', 'name']) ?? textOf(name)}"`
          : metadata['generateName'] !== undefined
            ? 'generateName is filled in by the API server: give it a name to read it here'
            : undefined;
      say('FS2010', ['metadata', 'name'], `${kind}: metadata.name must be a name`, hint);
      return undefined;
    }
  } else checkName(kind, name, ['metadata', 'name'], say);
  const namespace = metadata['namespace'];
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string')
    say(
      'FS2010',
      ['metadata', 'namespace'],
      `${kind} ${textOf(name)}: metadata.namespace must be text`,
      'write it in quotes',
    );
  else if (typeof namespace === 'string' && !isLabelName(namespace))
    say('FS2011', ['metadata', 'namespace'], `"${namespace}" is no namespace name`, NAME_RULE);
  checkTexts(kind, fields, document, base, say);
  if (kind === 'Service' || WORKLOADS.includes(kind)) checkTypos(kind, fields, document, base, diagnostics);
  const object: ManifestObject = {
    ...fields,
    apiVersion,
    kind,
    metadata: {
      ...metadata,
      name: textOf(metadata['name']),
      namespace: typeof namespace === 'string' ? namespace : undefined,
      labels: textsOf(metadata['labels']),
      annotations: textsOf(metadata['annotations']),
    },
    origin: document.originOf(base),
    originOf: (path) => document.originOf([...base, ...path]),
  };
  if (group === ISTIO_GROUP && ISTIO_KINDS.includes(kind)) checkIstio(object, document, base, diagnostics);
  if (kind === 'IstioOperator' && isFields(at(fields, ['spec', 'meshConfig'])))
    checkMeshConfig(
      at(fields, ['spec', 'meshConfig']) as Fields,
      document,
      [...base, 'spec', 'meshConfig'],
      diagnostics,
    );
  return object;
}

const NO_OBJECT_HINTS: [(fields: Fields) => boolean, string][] = [
  [
    (fields) => 'version' in fields && ('load' in fields || 'manifests' in fields),
    'this is a scenario file, not a manifest',
  ],
  [
    (fields) => 'appVersion' in fields,
    'this is a Helm chart: render it with `helm template` and read the result',
  ],
];

function textsOf(value: unknown): Record<string, string> | undefined {
  if (!isFields(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, textOf(text)]));
}
