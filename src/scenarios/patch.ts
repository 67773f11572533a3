// `patch:` of the scenario file: fields of objects of the manifests that are other here, as a JSON merge patch (RFC 7386). Items of lists
// are reached by their index as key. So a variant, --set, a sweep or a property can change replicas or weights without another manifest.
import * as z from 'zod';
import type { ManifestObject } from '../models/kube/model.ts';
import { type Diagnostic, diagnosticAt, hintFor } from './diagnostics.ts';
import { objectsOf } from './manifests-object.ts';
import { keyOriginAt, originAt, type Placed, placedAt, plainOf } from './position.ts';
import type { ManifestSet } from './scenario.ts';
import { name } from './schema-values.ts';
import type { Path, YamlDocument } from './yaml-documents.ts';

/** "Kind/name" or "Kind/namespace/name", of every cluster or with "@cluster". */
export const patchSchema = z
  .record(name, z.looseObject({}))
  .describe(
    'fields of manifest objects that are other here: Deployment/reviews-v3: { spec: { replicas: 2 } }',
  );

export function patchManifests(
  sets: readonly ManifestSet[],
  tree: Placed,
  diagnostics: Diagnostic[],
): ManifestSet[] {
  const section = placedAt(tree, ['patch']);
  let patched = [...sets];
  for (const [key, entry] of section?.kind === 'map' ? section.entries : []) {
    let found = 0;
    patched = patched.map((set) => {
      if (!set.objects.some((object) => isMeant(key, object, set.cluster))) return set;
      const objects = set.objects.map((object) => {
        if (!isMeant(key, object, set.cluster)) return object;
        found++;
        return patchedObject(object, entry.value, diagnostics);
      });
      return { ...set, objects };
    });
    if (found > 0) continue;
    const known = sets.flatMap(({ objects }) =>
      objects.map((object) => `${object.kind}/${object.metadata.name}`),
    );
    diagnostics.push(
      diagnosticAt(
        'FS3018',
        entry.key(),
        `there is no ${key} to patch in the manifests`,
        hintFor(key, known),
      ),
    );
  }
  return patched;
}

function isMeant(key: string, object: ManifestObject, cluster: string | null): boolean {
  const [, path = key, wanted] = /^(.*?)(?:@([^@/]+))?$/.exec(key) ?? [];
  if (wanted !== undefined && wanted !== cluster) return false;
  const [kind, ...rest] = path.split('/');
  const namespace = rest.length > 1 ? rest[0] : undefined;
  return (
    kind === object.kind &&
    rest.at(-1) === object.metadata.name &&
    (namespace === undefined || namespace === (object.metadata.namespace ?? 'default'))
  );
}

/** The object is held against the same rules as one that was written so; places are the patch's where the patch says something. */
function patchedObject(object: ManifestObject, patch: Placed, diagnostics: Diagnostic[]): ManifestObject {
  const { origin, originOf, ...fields } = object;
  const value = mergePatch(fields, plainOf(patch));
  const isPatched = (path: Path) => path.length > 0 && placedAt(patch, path.slice(0, 1)) !== undefined;
  const nearest = (path: Path): Path => {
    let known = path;
    while (known.length > 0 && placedAt(patch, known) === undefined) known = known.slice(0, -1);
    return known;
  };
  const written = (path: Path) =>
    isPatched(path) && nearest(path).length === path.length
      ? originAt(patch, path)
      : (originOf?.(path) ?? origin ?? patch.origin());
  const document: YamlDocument = {
    file: origin?.file ?? patch.origin().file,
    index: 0,
    value,
    originOf: written,
    keyOriginOf: (path) => (placedAt(patch, path) ? keyOriginAt(patch, path) : written(path)),
    sourceOf: () => undefined,
  };
  return objectsOf(document, false, diagnostics)[0] ?? object;
}

/** null removes; a mapping whose keys are all indexes changes items of a list. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (patch === null || typeof patch !== 'object' || Array.isArray(patch)) return patch;
  const entries = Object.entries(patch);
  if (Array.isArray(target) && entries.every(([key]) => /^\d+$/.test(key) && Number(key) <= target.length)) {
    const list = [...target];
    for (const [key, value] of entries) list[Number(key)] = mergePatch(list[Number(key)], value);
    return list.filter((item) => item !== null);
  }
  const isMapping = target !== null && typeof target === 'object' && !Array.isArray(target);
  const merged = new Map<string, unknown>(isMapping ? Object.entries(target) : []);
  for (const [key, value] of entries) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  const object: Record<string, unknown> = Object.create(null);
  for (const [key, value] of merged) object[key] = value;
  return object;
}
