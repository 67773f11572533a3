// What stands in the manifests but is not simulated: whole kinds, and single fields of kinds that are; each told once, with what leaving it
// out could change.
import type { ManifestObject } from '../models/kube/model.ts';
import { at } from './manifests-fields.ts';
import { effectOf, isRead, isSilent } from './manifests-kinds.ts';
import type { NotSimulated } from './result.ts';

/** `[]` in a path stands for every item of a list. */
interface Field {
  kinds: string[];
  path: string[];
  why: string;
  /** Values that mean nothing happens. */
  idle?: unknown[];
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'];
const CONTAINERS = ['spec', 'template', 'spec', 'containers', '[]'];

const FIELDS: Field[] = [
  {
    kinds: ['Service'],
    path: ['spec', 'sessionAffinity'],
    why: 'callers without a sidecar would stay with one pod',
    idle: ['None'],
  },
  {
    kinds: ['Service'],
    path: ['spec', 'externalTrafficPolicy'],
    why: 'which node takes a request from outside is not simulated',
    idle: ['Cluster'],
  },
  {
    kinds: WORKLOADS,
    path: [...CONTAINERS, 'livenessProbe'],
    why: 'pods are restarted by `crash` faults only',
  },
  {
    kinds: WORKLOADS,
    path: [...CONTAINERS, 'startupProbe'],
    why: 'a pod is ready after `startup` of its behaviour',
  },
  {
    kinds: ['VirtualService'],
    path: ['spec', 'http', '[]', 'corsPolicy'],
    why: 'browsers ask first (OPTIONS); these requests are not made',
  },
  {
    kinds: ['DestinationRule'],
    path: ['spec', 'trafficPolicy', 'tls'],
    why: 'certificates count as valid, and handshakes take no time',
  },
  {
    kinds: ['DestinationRule'],
    path: ['spec', 'trafficPolicy', 'proxyProtocol'],
    why: 'addresses of callers are not passed on',
  },
];

interface Found {
  count: number;
  first: ManifestObject;
  path: (string | number)[];
}

export function notSimulatedIn(objects: readonly ManifestObject[]): NotSimulated[] {
  return [...notSimulatedKinds(objects), ...notSimulatedFields(objects)];
}

function notSimulatedKinds(objects: readonly ManifestObject[]): NotSimulated[] {
  const kinds = new Map<string, Found>();
  for (const object of objects) {
    const { apiVersion, kind } = object;
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    if (kind === 'MeshConfig' || isSilent(kind) || isRead(group, kind)) continue;
    const known = kinds.get(kind);
    if (known) known.count++;
    else kinds.set(kind, { count: 1, first: object, path: [] });
  }
  return [...kinds].map(([kind, found]) => {
    const { count, first } = found;
    return entry(
      count === 1 ? `${kind} ${first.metadata.name}` : `${count} objects of kind ${kind}`,
      effectOf(kind),
      found,
    );
  });
}

function notSimulatedFields(objects: readonly ManifestObject[]): NotSimulated[] {
  const fields = new Map<string, { field: Field; found: Found }>();
  for (const object of objects) {
    for (const field of FIELDS) {
      if (!field.kinds.includes(object.kind)) continue;
      const path = firstAt(object, field.path, [], field.idle ?? []);
      if (!path) continue;
      const key = `${object.kind} ${field.path.join('.').replaceAll('.[]', '[]')}`;
      const known = fields.get(key);
      if (known) known.found.count++;
      else fields.set(key, { field, found: { count: 1, first: object, path } });
    }
  }
  return [...fields].map(([key, { field, found }]) =>
    entry(found.count === 1 ? key : `${key} (${found.count} objects)`, field.why, found),
  );
}

function entry(what: string, why: string, { first, path }: Found): NotSimulated {
  const origin = first.originOf?.(path) ?? first.origin;
  return { what, why, file: origin?.file ?? '', line: origin?.line ?? 0 };
}

/** Where the field stands first, with list indexes; undefined = nowhere. */
function firstAt(
  object: unknown,
  pattern: readonly string[],
  path: (string | number)[],
  idle: readonly unknown[],
): (string | number)[] | undefined {
  const star = pattern.indexOf('[]');
  const straight = star < 0 ? pattern : pattern.slice(0, star);
  const value = at(object, straight);
  const here = [...path, ...straight];
  if (star < 0) return value === undefined || value === null || idle.includes(value) ? undefined : here;
  if (!Array.isArray(value)) return undefined;
  for (const [i, item] of value.entries()) {
    const found = firstAt(item, pattern.slice(star + 1), [...here, i], idle);
    if (found) return found;
  }
  return undefined;
}
