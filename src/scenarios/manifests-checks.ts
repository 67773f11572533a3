// What the API server and Istio's webhook would say about one object.
import { validateIstioObject } from '../models/istio/validation/index.ts';
import type { ManifestObject } from '../models/kube/model.ts';
import { type Diagnostic, type DiagnosticCode, diagnosticAt, hintFor, nearestName } from './diagnostics.ts';
import { at, comparedPlaces, type Fields, isFields, textOf } from './manifests-fields.ts';
import {
  ISTIO_GROUP,
  ISTIO_KINDS,
  ISTIO_KNOWN,
  ISTIO_VERSIONS,
  KNOWN_KINDS,
  READ_KINDS,
} from './manifests-kinds.ts';
import { words } from './schema-check.ts';
import type { Path, YamlDocument } from './yaml-documents.ts';

export const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod'];

export type Say = (code: DiagnosticCode, path: Path, message: string, hint?: string) => void;

/** @returns false when nothing further can be said about the object */
export function checkKind(kind: string, apiVersion: string, group: string, say: Say): boolean {
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

export const NAME_RULE =
  'small letters, digits and "-", starting and ending with a letter or digit, at most 63 characters';
export const isLabelName = (text: string) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);
const isSubdomain = (text: string) => text.length <= 253 && text.split('.').every(isLabelName);

/** Source: Kubernetes names (RFC 1123 subdomain; Services RFC 1035 label). Other kinds may be named more freely. */
export function checkName(kind: string, name: string, path: Path, say: Say): void {
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
export function checkTexts(kind: string, fields: Fields, document: YamlDocument, base: Path, say: Say): void {
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

export function checkTypos(
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
export function checkIstio(
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
