// One YAML document becomes the Kubernetes objects in it (a List holds several). What the API server would refuse is an error here too;
// a misspelt field that it would drop silently is a warning.

import { validateIstioObject } from '../models/istio/validation/index.ts';
import type { ManifestObject } from '../models/kube/model.ts';
import { type Diagnostic, type DiagnosticCode, diagnosticAt, hintFor, nearestName } from './diagnostics.ts';
import { at, comparedPlaces, textOf } from './manifests-fields.ts';
import {
  ISTIO_GROUP,
  ISTIO_KINDS,
  ISTIO_KNOWN,
  ISTIO_VERSIONS,
  KNOWN_KINDS,
  READ_KINDS,
} from './manifests-kinds.ts';
import { checkMeshConfig, isMeshConfig } from './manifests-mesh-config.ts';
import { words } from './schema-check.ts';
import type { Path, YamlDocument } from './yaml-documents.ts';

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod'];
const MAX_ITEMS = 100_000;

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

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

type Say = (code: DiagnosticCode, path: Path, message: string, hint?: string) => void;

function checkKind(kind: string, apiVersion: string, group: string, say: Say): boolean {
  if (group === ISTIO_GROUP) {
    if (!ISTIO_KNOWN.includes(kind)) {
      say('FS2010', ['kind'], `${ISTIO_GROUP} has no kind "${kind}"`, hintFor(kind, ISTIO_KNOWN));
      return false;
    }
    const version = apiVersion.slice(group.length + 1);
    if (!ISTIO_VERSIONS.includes(version))
      say(
        'FS2010',
        ['apiVersion'],
        `${ISTIO_GROUP} has no version "${version}"`,
        `known: ${ISTIO_VERSIONS.join(', ')}`,
      );
    return true;
  }
  const meant = KNOWN_KINDS.find((known) => known.toLowerCase() === kind.toLowerCase());
  if (meant !== undefined && meant !== kind) {
    say('FS2010', ['kind'], `there is no kind "${kind}"`, `did you mean "${meant}"?`);
    return false;
  }
  if (ISTIO_KINDS.includes(kind) && kind !== 'Gateway') {
    say('FS2010', ['apiVersion'], `${kind} is not in "${apiVersion}"`, `write ${ISTIO_GROUP}/v1`);
    return false;
  }
  const home = READ_KINDS[kind];
  if (
    home !== undefined &&
    home !== group &&
    ['', 'apps'].includes(home) &&
    ['', 'apps', 'extensions'].includes(group)
  ) {
    say(
      'FS2010',
      ['apiVersion'],
      `${kind} is not in "${apiVersion}"`,
      `write ${home === '' ? 'v1' : `${home}/v1`}`,
    );
    return false;
  }
  return true;
}

const NAME_RULE =
  'small letters, digits and "-", starting and ending with a letter or digit, at most 63 characters';
const isLabelName = (text: string) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
const isSubdomain = (text: string) => text.length <= 253 && text.split('.').every(isLabelName);

/** Source: Kubernetes names (RFC 1123 subdomain; Services RFC 1035 label). Other kinds may be named more freely. */
function checkName(kind: string, name: string, path: Path, say: Say): void {
  if (READ_KINDS[kind] === undefined && kind !== 'Gateway') return;
  const isFine = kind === 'Service' ? isLabelName(name) && /^[a-z]/.test(name) : isSubdomain(name);
  if (isFine) return;
  const lower = name.toLowerCase().replaceAll('_', '-');
  say(
    'FS2011',
    path,
    `"${name}" is no name for a ${kind}`,
    isSubdomain(lower) && lower !== name ? `write ${lower}` : NAME_RULE,
  );
}

/** Labels, annotations and selectors hold text only; YAML 1.1 makes `yes`, `on` and 1.10 something else. */
function checkTexts(kind: string, fields: Fields, document: YamlDocument, base: Path, say: Say): void {
  const places: Path[] = [
    ['metadata', 'labels'],
    ['metadata', 'annotations'],
  ];
  if (kind === 'Service') places.push(['spec', 'selector']);
  if (WORKLOADS.includes(kind) && kind !== 'Pod')
    places.push(
      ['spec', 'selector', 'matchLabels'],
      ['spec', 'template', 'metadata', 'labels'],
      ['spec', 'template', 'metadata', 'annotations'],
    );
  for (const path of places) {
    const texts = at(fields, path);
    if (texts === undefined || texts === null) continue;
    if (!isFields(texts)) {
      say('FS2013', path, `${kind}: ${path.join('.')} must be a mapping of texts`);
      continue;
    }
    for (const [key, value] of Object.entries(texts)) {
      const source = document.sourceOf([...base, ...path, key]);
      const isYaml11 = typeof value === 'string' && /^(y|yes|on|n|no|off)$/i.test(source ?? '');
      if ((typeof value === 'string' && !isYaml11) || value === null) continue;
      say(
        'FS2013',
        [...path, key],
        `${kind}: ${path.join('.')}.${key} is no text${isYaml11 ? `: Kubernetes reads ${source} as a truth value` : ''}`,
        isFields(value) || Array.isArray(value)
          ? 'write a text'
          : `write it in quotes: "${source ?? textOf(value)}"`,
      );
    }
  }
}

function checkTypos(
  kind: string,
  fields: Fields,
  document: YamlDocument,
  base: Path,
  diagnostics: Diagnostic[],
): void {
  for (const { path, known } of comparedPlaces(kind, fields)) {
    const part = at(fields, path);
    if (!isFields(part)) continue;
    for (const key of Object.keys(part)) {
      const meant = known.includes(key) ? undefined : nearestName(key, known);
      if (meant === undefined || key === meant) continue;
      const origin = document.keyOriginOf([...base, ...path, key]);
      const where = ['', ...path].join('.').slice(1) || kind;
      const message = `unknown field "${key}" in ${where}: Kubernetes drops it`;
      diagnostics.push(diagnosticAt('FS2012', origin, message, `did you mean "${meant}"?`, 'warning'));
    }
  }
}

/** What Istio's webhook says, at the line that it is about; an unknown field points at its key. */
function checkIstio(
  object: ManifestObject,
  document: YamlDocument,
  base: Path,
  diagnostics: Diagnostic[],
): void {
  for (const verdict of validateIstioObject(object)) {
    const path = [...base, ...verdict.path];
    const isUnknown = /^unknown field/i.test(verdict.message);
    const code = verdict.severity === 'warning' ? 'FS2021' : isUnknown ? 'FS2004' : 'FS2020';
    const origin = isUnknown ? document.keyOriginOf(path) : document.originOf(path);
    const message = isUnknown
      ? `${verdict.message}${/ in \S/.test(verdict.message) ? '' : ` in ${words(verdict.path.slice(0, -1))}`}`
      : `${object.kind} ${object.metadata.name}: ${verdict.message}`;
    diagnostics.push(diagnosticAt(code, origin, message, verdict.hint, verdict.severity));
  }
}

function textsOf(value: unknown): Record<string, string> | undefined {
  if (!isFields(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, textOf(text)]));
}
