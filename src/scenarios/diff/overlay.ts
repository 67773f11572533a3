// Manifests of a folder in place of a scenario's own, for comparing two sets of manifests on one scenario. A folder that is laid out as the
// scenario's is read instead of it (rebased). Else its objects are laid over the scenario's: whatever either of the two folders holds is
// taken from the folders alone, so that an object that only one of them has is missing on the other side.
import type { ManifestObject } from '../../models/kube/model.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { type Files, isProblem } from '../files-contract.ts';
import { ManifestReader } from '../manifests.ts';
import { isIstioObject, istioKey } from '../plan/istio-objects.ts';
import type { LoadedScenario, ManifestSet, Scenario } from '../scenario.ts';

export interface Rebased {
  files: Files;
  /** How many of the scenario's manifest paths the folder has. */
  hits(): number;
}

/** Manifests below the scenario's folder are read from `root` where it has them; names stay the scenario's, so that places compare. */
export function rebased(files: Files, scenarioFile: string, root: string): Rebased {
  const base = scenarioFile.includes('/') ? scenarioFile.replace(/\/[^/]*$/, '/') : '';
  const top = root.replace(/\/+$/, '');
  const moved = new Map<string, string>();
  let hits = 0;
  return {
    hits: () => hits,
    files: {
      list(path) {
        if (!path.startsWith(base)) return files.list(path);
        const below = path.slice(base.length);
        const found = files.list(`${top}/${below}`);
        if (isProblem(found) || found.length === 0) return files.list(path);
        hits++;
        return found.map((file) => {
          const name = `${base}${file.slice(top.length + 1)}`;
          moved.set(name, file);
          return name;
        });
      },
      read: (path, most) => files.read(moved.get(path) ?? path, most),
    },
  };
}

/** Objects of a folder or file; mistakes go to `diagnostics`. */
export function objectsBelow(
  files: Files,
  path: string,
  sources: Map<string, string>,
  diagnostics: Diagnostic[],
): ManifestObject[] {
  const reader = new ManifestReader(files, sources, diagnostics);
  return reader.read([{ path, origin: { file: '', line: 0, col: 0 } }], true);
}

const keyOf = (object: ManifestObject): string =>
  `${isIstioObject(object) ? '' : object.apiVersion.replace(/\/.*/, '')}/${istioKey(object)}`;

/** @param ours objects of this side's folder @param theirs of the other side's; returns sentences about objects that have no place */
export function layOver(
  loaded: LoadedScenario,
  ours: readonly ManifestObject[],
  theirs: readonly ManifestObject[],
): string[] {
  const problems = new Set<string>();
  for (const scenario of [loaded.base, ...loaded.variants])
    for (const problem of layOverOne(scenario, ours, theirs)) problems.add(problem);
  return [...problems];
}

function layOverOne(
  scenario: Scenario,
  ours: readonly ManifestObject[],
  theirs: readonly ManifestObject[],
): string[] {
  const homes = new Map<string, ManifestSet[]>();
  const taken = new Set([...ours, ...theirs].map(keyOf));
  const sets = scenario.manifests.map((set) => ({ ...set, objects: [...set.objects] }));
  for (const set of sets) {
    for (const object of set.objects)
      if (taken.has(keyOf(object))) homes.set(keyOf(object), [...(homes.get(keyOf(object)) ?? []), set]);
    set.objects = set.objects.filter((object) => !taken.has(keyOf(object)));
  }
  const problems: string[] = [];
  for (const object of ours) {
    const known = [...new Set(homes.get(keyOf(object)) ?? [])];
    const home = known.length > 0 ? known : homeOf(scenario, sets, object);
    if (typeof home === 'string') problems.push(home);
    else for (const set of home) set.objects.push(object);
  }
  scenario.manifests = sets;
  return problems;
}

/** Of an object that the scenario does not have: istiod's go to the mesh; others to the only cluster, or to the one whose name the path has. */
function homeOf(scenario: Scenario, sets: ManifestSet[], object: ManifestObject): ManifestSet[] | string {
  const isMesh = isIstioObject(object) || ['MeshConfig', 'IstioOperator'].includes(object.kind);
  const clusters = scenario.topology.clusters.map(({ id }) => id);
  const steps = (object.origin?.file ?? '').split('/');
  const cluster = isMesh
    ? null
    : clusters.length === 1
      ? clusters[0]!
      : clusters.find((id) => steps.includes(id));
  if (cluster === undefined)
    return `${object.kind} ${object.metadata.name}: for which cluster? Put it in a folder with the name of one (${clusters.join(', ')})`;
  let set = sets.find((entry) => entry.cluster === cluster);
  if (!set) {
    set = { cluster, objects: [] };
    sets.push(set);
  }
  return [set];
}
