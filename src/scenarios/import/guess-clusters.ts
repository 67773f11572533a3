// Which folders of a tree belong to which cluster. The same object in two folders cannot be in one cluster; names of folders say the rest.
import type { FoundFile, FoundObject } from './found.ts';
import { isMeshObject } from './found.ts';

export interface GuessedCluster {
  id: string;
  files: FoundFile[];
  /** How it was found, for the comment. */
  why: string;
}

export interface ClusterGuess {
  clusters: GuessedCluster[];
  /** Files with nothing but what istiod holds. */
  mesh: FoundFile[];
}

const SHARED = /^(common|shared|base|global|all|infra)$/i;
const PARENTS = /^(clusters|regions|contexts)$/i;
const CLUSTERLIKE = /cluster|region|east|west|north|south|central|primary|remote|[a-z]\d+$|-\d+$/i;
const MOST_DEPTH = 8;
/** Kinds of which a cluster has one of a name. */
const TELLING = new Set(['Service', 'Deployment', 'StatefulSet', 'DaemonSet', 'Node']);

export function guessClusters(found: readonly FoundFile[]): ClusterGuess {
  const mesh = found.filter(({ objects }) => objects.every(isMeshObject));
  const kube = found.filter((file) => !mesh.includes(file));
  return { mesh, clusters: kube.length === 0 ? [] : split(kube) };
}

const stepsOf = (file: string): string[] =>
  file
    .replace(/\.[^./]+$/, '')
    .split('/')
    .filter((step) => step !== '.');

function split(files: readonly FoundFile[]): GuessedCluster[] {
  const pairs = partingPairs(conflicts(files));
  const byName = depthOfParent(files);
  if (pairs.length === 0 && byName === null)
    return [{ id: nameOfAll(files), files: [...files], why: 'all manifests' }];
  const depth = pairs.length === 0 ? byName! : depthThatParts(pairs);
  const groups = new Map<string, FoundFile[]>();
  for (const file of files) {
    const key = stepsOf(file.file)
      .slice(0, depth + 1)
      .join('/');
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  const why =
    pairs.length === 0 ? 'by the name of its folder' : `${pairs[0]!.what} stands in several folders`;
  return named(groups, why);
}

interface Conflict {
  a: string;
  b: string;
  what: string;
}

/** Files that hold the same object. */
function conflicts(files: readonly FoundFile[]): Conflict[] {
  const seen = new Map<string, string>();
  const pairs: Conflict[] = [];
  for (const { file, objects } of files)
    for (const object of objects) {
      // Namespaces and the like are often repeated beside each application.
      if (isMeshObject(object) || !TELLING.has(object.kind)) continue;
      const key = `${object.kind}/${object.namespace}/${object.name}`;
      const before = seen.get(key);
      if (before === undefined) seen.set(key, file);
      else if (before !== file) pairs.push({ a: before, b: file, what: words(object) });
    }
  return pairs;
}

const words = ({ kind, name }: FoundObject) => `${kind} ${name}`;

/** Files of one folder are alternatives rather than clusters, unless that is all there is and their names say so (cluster-1.yaml). */
function partingPairs(pairs: readonly Conflict[]): readonly Conflict[] {
  const folderOf = (file: string) => file.replace(/[^/]*$/, '');
  const apart = pairs.filter(({ a, b }) => folderOf(a) !== folderOf(b));
  if (apart.length > 0) return apart;
  return pairs.filter(({ a, b }) => [a, b].every((file) => CLUSTERLIKE.test(stepsOf(file).at(-1)!)));
}

/** The step at which most of the conflicting files part. */
function depthThatParts(pairs: readonly Conflict[]): number {
  const counts = new Map<number, number>();
  for (const { a, b } of pairs) {
    const [left, right] = [stepsOf(a), stepsOf(b)];
    let step = 0;
    while (step < MOST_DEPTH && left[step] === right[step] && left[step] !== undefined) step++;
    counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  return [...counts].sort(([a, x], [b, y]) => y - x || a - b)[0]![0];
}

/** clusters/east, clusters/west */
function depthOfParent(files: readonly FoundFile[]): number | null {
  const steps = files.map(({ file }) => stepsOf(file));
  for (let depth = 0; depth < MOST_DEPTH; depth++) {
    const below = steps.filter((each) => PARENTS.test(each[depth] ?? '') && each.length > depth + 2);
    if (new Set(below.map((each) => each[depth + 1])).size > 1) return depth + 1;
  }
  return null;
}

function named(groups: ReadonlyMap<string, FoundFile[]>, why: string): GuessedCluster[] {
  const last = (key: string) => key.split('/').at(-1)!;
  const shared = [...groups].filter(([key]) => SHARED.test(last(key)));
  const own = [...groups].filter(([key]) => !SHARED.test(last(key)));
  const clusters: (GuessedCluster & { key: string })[] = [];
  const taken = new Set<string>();
  for (const [key, files] of own.sort(([a], [b]) => last(a).length - last(b).length || (a < b ? -1 : 1))) {
    // shanghai-productpage goes with shanghai, unless both hold the same object.
    const whole = clusters.find(
      (cluster) =>
        last(key).startsWith(`${last(cluster.key)}-`) && conflicts([...cluster.files, ...files]).length === 0,
    );
    if (whole) {
      whole.files.push(...files);
      continue;
    }
    let id = nameFrom(last(key));
    for (let n = 2; taken.has(id); n++) id = `${nameFrom(last(key))}-${n}`;
    taken.add(id);
    clusters.push({ id, key, files: [...files], why });
  }
  for (const [, files] of shared) for (const cluster of clusters) cluster.files.push(...files);
  if (clusters.length === 0)
    return [{ id: 'main', files: [...groups.values()].flat(), why: 'all manifests' }];
  return clusters.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ key: _, ...cluster }) => cluster);
}

const nameFrom = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60) || 'cluster';

/** The folder that holds them all, when it has a telling name. */
function nameOfAll(files: readonly FoundFile[]): string {
  const folders = files.map(({ file }) => stepsOf(file).slice(0, -1));
  const first = folders[0] ?? [];
  const common = first.filter((step, i) => folders.every((each) => each[i] === step)).at(-1) ?? '';
  return common === '' ||
    common === '..' ||
    /^(k8s|kubernetes|manifests?|deploy(ment)?s?|yaml|base|kube)$/i.test(common)
    ? 'main'
    : nameFrom(common);
}
