// From a tree of manifests to a scenario that runs: guesses, writes, loads what it wrote, and leaves out what cannot be read until it does.
import type { Diagnostic } from '../diagnostics.ts';
import type { Files } from '../files-contract.ts';
import { DEFAULT_ISTIO_VERSION, loadScenario } from '../load.ts';
import type { ScenarioResult } from '../result.ts';
import { runScenario, ScenarioError } from '../run.ts';
import type { LoadedScenario } from '../scenario.ts';
import {
  at,
  type FoundFile,
  type FoundObject,
  findObjects,
  isMeshObject,
  isWorkload,
  type LeftOut,
  listAt,
  podLabelsOf,
  podSpecOf,
  selects,
  textsAt,
} from './found.ts';
import { type Calls, guessCalls } from './guess-calls.ts';
import { type ClusterGuess, guessClusters } from './guess-clusters.ts';
import { guessEntry } from './guess-entry.ts';
import { guessPlaces, localitiesNamed } from './guess-places.ts';
import { type ScenarioParts, scenarioText, word } from './scenario-text.ts';

export interface StartOptions {
  /** The cluster of a file where that is known, null = the mesh; absent = guessed from the folders. */
  clusterOf?(file: string): string | null;
  /** Who calls whom where that is known better than from the files. */
  calls?: Calls;
  name?: string;
  /** First comment line. */
  head?: string;
}

export interface Started {
  text: string;
  counts: Record<string, number>;
  clusters: string[];
  leftOut: LeftOut[];
  /** Mistakes that remain: the file is written, but does not run. */
  diagnostics: Diagnostic[];
  /** Of the trial run. */
  result: ScenarioResult | null;
}

const MOST_ROUNDS = 20;

/** @param paths YAML files, as files.list gave them @param out the scenario's path */
export function startScenario(
  files: Files,
  paths: readonly string[],
  out: string,
  options: StartOptions = {},
): Started | { problem: string } {
  const { found, leftOut } = findObjects(
    files,
    paths.filter((path) => path !== out),
  );
  leftOut.push(...repeated(found));
  let parts: ScenarioParts | { problem: string } = { problem: '' };
  let isSilent = false;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const kept = found.filter(({ file }) => !leftOut.some((left) => left.file === file));
    parts = partsOf(files, kept, out, options, leftOut);
    if ('problem' in parts) return parts;
    if (isSilent) parts.calls = new Map();
    const text = scenarioText(parts);
    const trial = tryOut(files, out, text);
    const errors = trial.diagnostics.filter(({ severity }) => severity === 'error');
    const bad = badFiles(errors, kept);
    if (bad.length > 0) {
      leftOut.push(...bad);
      continue;
    }
    // A guess of ours that does not hold: the calls are the boldest one.
    if (errors.length > 0 && !isSilent) {
      isSilent = true;
      continue;
    }
    if (trial.result) parts.expect = expectationsOf(trial.result);
    return {
      text: scenarioText(parts),
      counts: countsOf(kept),
      clusters: [...new Set(parts.sets.flatMap(({ cluster }) => cluster ?? []))],
      leftOut,
      diagnostics: errors,
      result: trial.result,
    };
  }
  const last = leftOut.at(-1);
  return {
    problem: `${leftOut.length} files had to be left out and the rest still does not run, such as ${last?.file}: ${last?.why}; name a folder of manifests that belong together`,
  };
}

/** istiod has one object of a name: files with a second one are for another day. */
function repeated(found: readonly FoundFile[]): LeftOut[] {
  const first = new Map<string, string>();
  return found.flatMap(({ file, objects }): LeftOut[] => {
    const keys = objects
      .filter(isMeshObject)
      .map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    const twice = keys.find((key) => (first.get(key) ?? file) !== file);
    if (twice !== undefined) return [{ file, why: `${twice} stands in ${first.get(twice)} already` }];
    for (const key of keys) first.set(key, file);
    return [];
  });
}

/** Files with mistakes. Of two that hold the same object one goes, and then the other may be right. */
function badFiles(errors: readonly Diagnostic[], kept: readonly FoundFile[]): LeftOut[] {
  const names = new Set(kept.map(({ file }) => file));
  const bad = new Map<string, LeftOut>();
  const ours = errors.filter(({ file }) => names.has(file));
  const certain = ours.filter(({ code }) => code !== 'FS3009' && code !== 'FS3008');
  for (const { file, line, message } of certain.length > 0 ? certain : ours.slice(0, 1))
    if (!bad.has(file)) bad.set(file, { file, why: `line ${line}: ${message}` });
  return [...bad.values()];
}

/** Runs a scenario that is not written yet. */
export function tryOut(
  files: Files,
  out: string,
  text: string,
): { diagnostics: Diagnostic[]; result: ScenarioResult | null } {
  const view: Files = {
    list: (path) => files.list(path),
    read: (path, most) => (path === out ? text : files.read(path, most)),
  };
  const loaded: LoadedScenario = loadScenario(out, view);
  if (loaded.diagnostics.some(({ severity }) => severity === 'error'))
    return { diagnostics: loaded.diagnostics, result: null };
  try {
    return { diagnostics: loaded.diagnostics, result: runScenario(loaded.base, { runs: 1 }) };
  } catch (error) {
    if (error instanceof ScenarioError) return { diagnostics: error.diagnostics, result: null };
    throw error;
  }
}

function partsOf(
  files: Files,
  found: readonly FoundFile[],
  out: string,
  options: StartOptions,
  leftOut: readonly LeftOut[],
): ScenarioParts | { problem: string } {
  const objects = found.flatMap((file) => file.objects);
  const workloads = objects.filter(isWorkload);
  if (workloads.length === 0)
    return {
      problem: `no Deployment, StatefulSet, DaemonSet or Pod was found${leftOut.length > 0 ? ` (${leftOut.length} files could not be read, such as ${leftOut[0]!.file}: ${leftOut[0]!.why})` : ''}`,
    };
  const guess = options.clusterOf ? knownClusters(found, options.clusterOf) : guessClusters(found);
  const calls = options.calls ?? guessCalls(objects);
  const entry = guessEntry(objects, calls);
  if (entry.loads.length === 0)
    return {
      problem: 'there is no Gateway with a route, and no Service that selects a workload: nothing to ask',
    };
  const folder = out.includes('/') ? out.replace(/\/[^/]*$/, '') : '.';
  const relative = (file: string) => (folder === '.' ? file : file.slice(folder.length + 1));
  const sets: ScenarioParts['sets'] = guess.clusters.map(({ id, files: own, why }) => ({
    cluster: id,
    paths: shortPaths(
      files,
      folder,
      own.map(({ file }) => file),
    ).map(relative),
    ...(guess.clusters.length > 1 && why !== '' && { why }),
  }));
  if (guess.mesh.length > 0)
    sets.push({
      cluster: null,
      paths: shortPaths(
        files,
        folder,
        guess.mesh.map(({ file }) => file),
      ).map(relative),
    });
  const version = istioVersionIn(objects);
  const gateway = entry.gateways.find(({ isMissing }) => isMissing);
  const isGateway = (workload: FoundObject) =>
    entry.gateways.some(({ labels }) => selects(labels, podLabelsOf(workload)));
  return {
    name: options.name ?? (folder === '.' ? 'foresail' : folder.replace(/^.*\//, '')),
    head: [
      options.head ??
        'Written by foresail init from the manifests below; everything in it is yours to change.',
      'foresail run            where the requests go          foresail explain        why',
      'foresail run --runs 200 how certain that is            foresail lint           what looks wrong',
    ],
    istioVersion: version ?? DEFAULT_ISTIO_VERSION,
    istioWhy: version ? 'from the image of istiod' : 'an assumption: write the version you run',
    sets,
    places: guessPlaces(guess.clusters, localitiesNamed(objects)),
    entry,
    gatewayCluster: gateway ? (guess.clusters[0]?.id ?? 'main') : '',
    isBookinfo: ['productpage-v1', 'reviews-v1'].every((name) =>
      workloads.some((each) => each.name === name),
    ),
    calls,
    workloads: distinct(workloads.filter((workload) => !isGateway(workload))).map((workload) => ({
      name: workload.name,
      namespace: workload.namespace,
      isCalled: isServed(workload, objects),
    })),
    expect: [],
  };
}

function knownClusters(
  found: readonly FoundFile[],
  clusterOf: (file: string) => string | null,
): ClusterGuess {
  const guess: ClusterGuess = { clusters: [], mesh: [] };
  for (const file of found) {
    const id = clusterOf(file.file);
    if (id === null) {
      guess.mesh.push(file);
      continue;
    }
    let cluster = guess.clusters.find((entry) => entry.id === id);
    if (!cluster) {
      cluster = { id, files: [], why: '' };
      guess.clusters.push(cluster);
    }
    cluster.files.push(file);
  }
  return guess;
}

function distinct(workloads: readonly FoundObject[]): FoundObject[] {
  const seen = new Set<string>();
  return workloads.filter(({ name, namespace }) => {
    const key = `${namespace}/${name}`;
    return !seen.has(key) && seen.add(key);
  });
}

const isServed = (workload: FoundObject, objects: readonly FoundObject[]): boolean =>
  objects.some(
    (service) =>
      service.kind === 'Service' &&
      service.namespace === workload.namespace &&
      selects(textsAt(service.fields, 'spec', 'selector'), podLabelsOf(workload)),
  );

/** A folder stands for its files where everything that would be read from it belongs to the set. */
function shortPaths(files: Files, folder: string, wanted: readonly string[]): string[] {
  const set = new Set(wanted);
  const paths = new Set<string>();
  const whole = new Map<string, boolean>();
  const isWhole = (path: string): boolean => {
    let known = whole.get(path);
    if (known === undefined) {
      const listed = files.list(`${path}/`);
      known = Array.isArray(listed) && listed.length > 0 && listed.every((file) => set.has(file));
      whole.set(path, known);
    }
    return known;
  };
  for (const file of [...wanted].sort()) {
    const base = folder === '.' ? '' : `${folder}/`;
    const steps = file.slice(base.length).split('/');
    let path = file;
    for (let depth = 1; depth < steps.length; depth++) {
      const above = base + steps.slice(0, depth).join('/');
      if (!isWhole(above)) continue;
      path = `${above}/`;
      break;
    }
    paths.add(path);
  }
  return [...paths];
}

/** The tag of istiod's image, or of an IstioOperator: "1.24.3" -> "1.24". */
function istioVersionIn(objects: readonly FoundObject[]): string | undefined {
  for (const object of objects) {
    const images = listAt(podSpecOf(object), 'containers').map((container) =>
      String(at(container, 'image') ?? ''),
    );
    const tag =
      images.map((image) => /(?:pilot|proxyv2)[^:]*:(\d+\.\d+)/.exec(image)?.[1]).find(Boolean) ??
      (object.kind === 'IstioOperator'
        ? /^(\d+\.\d+)/.exec(String(at(object.fields, 'spec', 'tag') ?? ''))?.[1]
        : undefined);
    if (tag && Number(tag.split('.')[1]) >= 18 && tag.startsWith('1.')) return tag;
  }
  return undefined;
}

function countsOf(found: readonly FoundFile[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { objects } of found)
    for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

/** What the trial run had, as expectations: that all was answered, and the share of each service that several workloads answer. */
export function expectationsOf(result: ScenarioResult): string[] {
  const lines: string[] = [];
  const failed = result.loads.some(({ errorRate }) => errorRate > 0);
  if (!failed && result.loads.some(({ requests }) => requests > 0)) lines.push('{ errorRate: 0 }');
  const [load] = result.loads;
  for (const { service, load: own, by, requests } of result.services) {
    const shares = Object.entries(by.workload);
    if (own !== load?.name || shares.length < 2 || shares.length > 6 || requests === 0) continue;
    if (!/^[\w.-]+$/.test(service)) continue;
    // Wide enough for chance: five standard errors, in whole percents.
    const ranges = shares.map(([name, { share }]) => {
      const error = 5 * Math.sqrt(Math.max(share * (1 - share), 0.01) / requests);
      const [low, high] = [
        Math.max(0, Math.floor((share - error) * 100)),
        Math.min(100, Math.ceil((share + error) * 100)),
      ];
      return `${word(name)}: ${low}%..${high}%`;
    });
    lines.push(`{ of: ${word(service)}, during: ${word(own)}, share: { ${ranges.join(', ')} } }`);
  }
  return lines.slice(0, 8);
}
