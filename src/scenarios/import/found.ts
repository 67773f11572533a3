// Objects as they are found in a tree of YAML files, whatever else lies in it: what is no Kubernetes or Istio object is left out with a reason.
import type { Files } from '../files-contract.ts';
import { isProblem } from '../files-contract.ts';
import { type Fields, isFields, textOf } from '../manifests-fields.ts';
import { isRead } from '../manifests-kinds.ts';
import { parseYamlDocuments } from '../yaml-documents.ts';

export interface FoundObject {
  file: string;
  kind: string;
  apiVersion: string;
  name: string;
  namespace: string;
  fields: Fields;
}

export interface FoundFile {
  file: string;
  objects: FoundObject[];
}

export interface LeftOut {
  file: string;
  why: string;
}

/** Folders of charts and patches hold no objects that could be applied as they are. */
const NO_MANIFESTS =
  /(^|\/)(kustomization|values|chart|docker-compose[^/]*|compose|package(-lock)?|tsconfig[^/]*)\.(ya?ml|json)$/i;

export function findObjects(
  files: Files,
  paths: readonly string[],
): { found: FoundFile[]; leftOut: LeftOut[] } {
  const found: FoundFile[] = [];
  const leftOut: LeftOut[] = [];
  for (const path of paths) {
    if (NO_MANIFESTS.test(path)) continue;
    const text = files.read(path);
    if (isProblem(text)) {
      leftOut.push({ file: path, why: text.problem });
      continue;
    }
    // Cheap: most other YAML and JSON of a repository says neither.
    if (!/\bapiVersion\b/.test(text) || !/\bkind\b/.test(text)) continue;
    if (/^[^#\n]*\{\{/m.test(text)) {
      leftOut.push({ file: path, why: 'a template: render it first (helm template, kustomize build)' });
      continue;
    }
    const { documents, diagnostics } = parseYamlDocuments(path, text);
    const mistake = diagnostics.find(({ severity, code }) => severity === 'error' && code !== 'FS1006');
    if (mistake) {
      leftOut.push({ file: path, why: `line ${mistake.line}: ${mistake.message}` });
      continue;
    }
    const objects = documents.flatMap(({ value }) => objectsIn(value, path));
    if (objects === null || objects.length === 0) continue;
    if (objects.some(({ kind }) => kind === 'Kustomization')) continue;
    if (documents.some(({ value }) => objectsIn(value, path).length === 0)) {
      leftOut.push({ file: path, why: 'a document in it is no Kubernetes object' });
      continue;
    }
    found.push({ file: path, objects });
  }
  return { found, leftOut };
}

/** A document's object, or the items of a List. */
export function objectsIn(value: unknown, file: string, depth = 0): FoundObject[] {
  if (!isFields(value) || depth > 3) return [];
  const [kind, apiVersion] = [value['kind'], value['apiVersion']];
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return [];
  if (/List$/.test(kind) && Array.isArray(value['items']))
    return value['items'].flatMap((item) => objectsIn(withKind(item, kind, apiVersion), file, depth + 1));
  const metadata = isFields(value['metadata']) ? value['metadata'] : {};
  const name = metadata['name'];
  if (typeof name !== 'string' && kind !== 'Kustomization' && kind !== 'IstioOperator') return [];
  return [
    {
      file,
      kind,
      apiVersion,
      name: textOf(name),
      namespace: typeof metadata['namespace'] === 'string' ? metadata['namespace'] : 'default',
      fields: value,
    },
  ];
}

/** Items of a typed list ("DeploymentList") may leave out their kind. */
function withKind(item: unknown, listKind: string, apiVersion: string): unknown {
  if (!isFields(item) || typeof item['kind'] === 'string' || listKind === 'List') return item;
  return { apiVersion, kind: listKind.replace(/List$/, ''), ...item };
}

const groupOf = (apiVersion: string): string =>
  apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';

/** What istiod holds, whichever cluster it was applied to. */
export function isMeshObject({ apiVersion, kind, name }: FoundObject): boolean {
  return (
    /(^|\.)istio\.io$/.test(groupOf(apiVersion)) ||
    groupOf(apiVersion) === 'gateway.networking.k8s.io' ||
    (kind === 'ConfigMap' && name === 'istio')
  );
}

/** Does the simulation read such an object? */
export const isSimulated = ({ apiVersion, kind }: FoundObject): boolean => isRead(groupOf(apiVersion), kind);

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Pod'];
export const isWorkload = ({ kind }: FoundObject): boolean => WORKLOADS.includes(kind);

/** A value deep in an object; undefined where the way ends. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let node = value;
  for (const step of path) {
    if (Array.isArray(node) && typeof step === 'number') node = node[step];
    else if (isFields(node)) node = node[String(step)];
    else return undefined;
  }
  return node;
}

export const listAt = (value: unknown, ...path: (string | number)[]): unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};

export function textsAt(value: unknown, ...path: (string | number)[]): Record<string, string> {
  const found = at(value, ...path);
  if (!isFields(found)) return {};
  return Object.fromEntries(Object.entries(found).map(([key, text]) => [key, textOf(text)]));
}

/** Labels of the pods that a workload makes. */
export const podLabelsOf = (object: FoundObject): Record<string, string> =>
  object.kind === 'Pod'
    ? textsAt(object.fields, 'metadata', 'labels')
    : textsAt(object.fields, 'spec', 'template', 'metadata', 'labels');

export const podSpecOf = (object: FoundObject): unknown =>
  object.kind === 'Pod' ? at(object.fields, 'spec') : at(object.fields, 'spec', 'template', 'spec');

export const selects = (selector: Record<string, string>, labels: Record<string, string>): boolean =>
  Object.keys(selector).length > 0 && Object.entries(selector).every(([key, value]) => labels[key] === value);
