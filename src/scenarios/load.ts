// Files become a LoadedScenario: the base and each variant, read whole, with every mistake at its place. Nothing is thrown for a mistake of
// the user, and nothing is read but through `files`.

import { type Diagnostic, diagnosticAt, hintFor } from './diagnostics.ts';
import type { Files } from './files.ts';
import { readBehavior } from './load-behavior.ts';
import { faultOf } from './load-faults.ts';
import { expectationOf, loadOf, topologyOf } from './load-parts.ts';
import { withSettings } from './load-set.ts';
import { mergedWith, readTree } from './load-tree.ts';
import { ManifestReader, notSimulatedKinds, STDIN } from './manifests.ts';
import { checkMeshConfig } from './manifests-mesh-config.ts';
import { keyOriginAt, originAt, type Placed, placedAt, plainOf, replacedAt } from './position.ts';
import { checkReferences } from './references.ts';
import type { LoadedScenario, ManifestSet, Scenario } from './scenario.ts';
import { SECTIONS, TOP_KEYS, variantSchema } from './schema.ts';
import { checked, described, words } from './schema-check.ts';

export type { FileProblem, Files } from './files.ts';

export interface LoadOptions {
  /** `path=value`, each replacing one value of the file and of its variants. */
  set?: readonly string[];
  seed?: string | number;
  istioVersion?: string;
  runs?: number;
  /** A variant's name: the others are left out. */
  only?: string;
  /** What `-` in the paths means; without such a path it belongs to the only cluster. */
  manifestsFromStdin?: string;
}

/** The rule set for those who name none. */
export const DEFAULT_ISTIO_VERSION = '1.24';

export function loadScenario(file: string, files: Files, options: LoadOptions = {}): LoadedScenario {
  const diagnostics: Diagnostic[] = [];
  const sources = new Map<string, string>();
  const reader = new ManifestReader(files, sources, diagnostics, options.manifestsFromStdin);
  const read = readTree(file, { files, sources, diagnostics });
  const loaded: LoadedScenario = { base: emptyScenario(file), variants: [], diagnostics, sources };
  if (!read) return finished(loaded);
  const tree = withSettings(read, options.set ?? [], diagnostics);
  loaded.base = buildScenario(file, tree, null, options, reader, diagnostics);
  const variants = placedAt(tree, ['variants']);
  const names = new Set<string>();
  if (variants && variants.kind !== 'list')
    diagnostics.push(
      diagnosticAt('FS2001', variants.origin(), `variants: expected a list, got ${described(variants)}`),
    );
  for (const i of variants?.kind === 'list' ? variants.items.keys() : []) {
    const variant = checked(variantSchema, tree, ['variants', i], diagnostics);
    if (!variant) continue;
    if (names.has(variant.name))
      diagnostics.push(
        diagnosticAt(
          'FS3014',
          originAt(tree, ['variants', i, 'name']),
          `two variants are named "${variant.name}"`,
        ),
      );
    names.add(variant.name);
    if (options.only !== undefined && options.only !== variant.name) continue;
    const changed = withSettings(variantTree(tree, i, diagnostics), options.set ?? [], []);
    loaded.variants.push(buildScenario(file, changed, variant.name, options, reader, diagnostics));
  }
  if (options.only !== undefined && !names.has(options.only)) {
    const hint = hintFor(options.only, names);
    const message = `there is no variant "${options.only}"`;
    diagnostics.push(diagnosticAt('FS3015', { file, line: 0, col: 0 }, message, hint));
  }
  return finished(loaded);
}

/** The base with `set` merged in, and the variant's own expectations in place of the base's. */
function variantTree(tree: Placed, index: number, diagnostics: Diagnostic[]): Placed {
  const set = placedAt(tree, ['variants', index, 'set']);
  let changed = set?.kind === 'map' ? mergedWith(tree, set, diagnostics) : tree;
  if (set?.kind === 'map')
    for (const key of ['variants', 'variants+', 'extends', 'version'])
      if (set.entries.has(key)) {
        const origin = set.entries.get(key)!.key();
        diagnostics.push(diagnosticAt('FS2007', origin, `a variant cannot set ${key}`));
      }
  const expect = placedAt(tree, ['variants', index, 'expect']);
  if (expect && changed.kind === 'map')
    changed = {
      ...changed,
      entries: new Map(changed.entries).set('expect', { key: expect.origin, value: expect }),
    };
  return changed;
}

function buildScenario(
  file: string,
  written: Placed,
  variant: string | null,
  options: LoadOptions,
  reader: ManifestReader,
  all: Diagnostic[],
): Scenario {
  const diagnostics: Diagnostic[] = [];
  const tree = withQuotedVersions(written);
  checkTopKeys(tree, diagnostics);
  checkVersion(tree, diagnostics);
  const scenario = emptyScenario(file);
  scenario.variant = variant;
  scenario.name =
    checked(SECTIONS.name, tree, ['name'], diagnostics) ??
    file.replace(/^.*\//, '').replace(/\.(ya?ml|json)$/, '');
  scenario.seed = options.seed ?? checked(SECTIONS.seed, tree, ['seed'], diagnostics) ?? 1;
  scenario.runs = options.runs ?? checked(SECTIONS.runs, tree, ['runs'], diagnostics) ?? 1;
  checked(SECTIONS.description, tree, ['description'], diagnostics);
  const topology = checked(SECTIONS.topology, tree, ['topology'], diagnostics);
  if (topology) {
    scenario.topology = topologyOf(topology, tree);
    checkMeshSettings(scenario, tree, diagnostics);
  }
  scenario.istioVersion = istioVersionOf(
    checked(SECTIONS.istioVersion, tree, ['istioVersion'], diagnostics),
    tree,
    scenario,
    options,
    diagnostics,
  );
  scenario.manifests = readManifests(tree, scenario, options, reader, diagnostics);
  // Without a topology each named cluster is plain Kubernetes somewhere.
  if (!placedAt(tree, ['topology', 'clusters']))
    for (const id of new Set(scenario.manifests.flatMap(({ cluster }) => cluster ?? [])))
      scenario.topology.clusters.push({ id });
  scenario.behavior = readBehavior(tree, diagnostics);
  const items = (key: 'load' | 'faults' | 'expect' | 'properties'): number[] => {
    const list = placedAt(tree, [key]);
    if (list && list.kind !== 'list' && !(list.kind === 'scalar' && list.value === null))
      diagnostics.push(
        diagnosticAt('FS2001', list.origin(), `${key}: expected a list, got ${described(list)}`),
      );
    return list?.kind === 'list' ? [...list.items.keys()] : [];
  };
  for (const i of items('load')) {
    const load = checked(SECTIONS.load.unwrap().element, tree, ['load', i], diagnostics);
    if (load) scenario.load.push(loadOf(load, i, tree));
  }
  for (const i of items('faults')) {
    const fault = checked(SECTIONS.faults.unwrap().element, tree, ['faults', i], diagnostics);
    if (!fault) continue;
    const readPaths = (paths: string[], at: (string | number)[]) =>
      reader.read(
        paths.map((path, j) => ({ path, origin: originAt(tree, [...at, 'apply', j]) })),
        fault.cluster === undefined,
      );
    scenario.faults.push(faultOf(fault, i, tree, readPaths));
  }
  for (const i of items('expect')) {
    const expectation = checked(SECTIONS.expect.unwrap().element, tree, ['expect', i], diagnostics);
    if (expectation) scenario.expect.push(expectationOf(expectation, i, tree));
  }
  for (const i of items('properties'))
    if (checked(SECTIONS.properties.unwrap().element, tree, ['properties', i], diagnostics))
      scenario.properties.push(plainOf(placedAt(tree, ['properties', i])!));
  const objects = scenario.manifests.flatMap((set) => set.objects);
  scenario.notSimulated = notSimulatedKinds(objects);
  if (!diagnostics.some((each) => each.severity === 'error')) checkReferences(scenario, tree, diagnostics);
  all.push(...diagnostics);
  return scenario;
}

function checkTopKeys(tree: Placed, diagnostics: Diagnostic[]): void {
  if (tree.kind !== 'map') return;
  for (const [key, entry] of tree.entries) {
    if (TOP_KEYS.includes(key)) continue;
    diagnostics.push(
      diagnosticAt('FS2004', entry.key(), `unknown field "${key}" in ${words([])}`, hintFor(key, TOP_KEYS)),
    );
  }
}

function checkVersion(tree: Placed, diagnostics: Diagnostic[]): void {
  const version = placedAt(tree, ['version']);
  if (!version)
    diagnostics.push(
      diagnosticAt('FS2008', originAt(tree, []), 'the file has no version', 'start with version: 1'),
    );
  else if (plainOf(version) !== 1)
    diagnostics.push(
      diagnosticAt(
        'FS2008',
        version.origin(),
        `version ${JSON.stringify(plainOf(version))} is not read`,
        'write version: 1',
      ),
    );
}

/** `1.30` without quotes is the number 1.3: the text tells what was meant. */
function withQuotedVersions(tree: Placed): Placed {
  return [['istioVersion'], ['topology', 'mesh', 'version']].reduce((node, path) => {
    const placed = placedAt(node, path);
    if (placed?.kind !== 'scalar' || typeof placed.value !== 'number') return node;
    return replacedAt(node, path, { ...placed, value: placed.source ?? String(placed.value) });
  }, tree);
}

/** The option, the file, the mesh's own version, or the default; only major and minor matter. */
function istioVersionOf(
  inFile: string | undefined,
  tree: Placed,
  scenario: Scenario,
  options: LoadOptions,
  diagnostics: Diagnostic[],
): string {
  const written = options.istioVersion ?? inFile;
  if (written === undefined) {
    const mesh = /^v?(1\.\d+)/.exec(scenario.topology.mesh.version ?? '')?.[1];
    return mesh ?? DEFAULT_ISTIO_VERSION;
  }
  if (/^v?1\.\d{1,3}([.-].*)?$/.test(written)) return written;
  const origin =
    options.istioVersion === undefined
      ? originAt(tree, ['istioVersion'])
      : { file: `--istio ${options.istioVersion}`, line: 0, col: 0 };
  diagnostics.push(diagnosticAt('FS2009', origin, `"${written}" is no Istio version`, 'write e.g. "1.24"'));
  return DEFAULT_ISTIO_VERSION;
}

/** Fields of topology.mesh are MeshConfig's, under their own name or as localityLoadBalancing. */
function checkMeshSettings(scenario: Scenario, tree: Placed, diagnostics: Diagnostic[]): void {
  const real = (path: readonly (string | number)[]) =>
    path.map((step, i) =>
      i === 2 && step === 'localityLbSetting' && !placedAt(tree, path.slice(0, 3))
        ? 'localityLoadBalancing'
        : step,
    );
  const places = {
    originOf: (path: readonly (string | number)[]) => originAt(tree, real(path)),
    keyOriginOf: (path: readonly (string | number)[]) => keyOriginAt(tree, real(path)),
  };
  checkMeshConfig(scenario.topology.mesh.meshConfig, places, ['topology', 'mesh'], diagnostics);
}

function readManifests(
  tree: Placed,
  scenario: Scenario,
  options: LoadOptions,
  reader: ManifestReader,
  diagnostics: Diagnostic[],
): ManifestSet[] {
  const list = placedAt(tree, ['manifests']);
  if (list && list.kind !== 'list')
    diagnostics.push(
      diagnosticAt('FS2001', list.origin(), `manifests: expected a list, got ${described(list)}`),
    );
  const sets: ManifestSet[] = [];
  let isStdinNamed = false;
  for (const i of list?.kind === 'list' ? list.items.keys() : []) {
    const set = checked(SECTIONS.manifests.unwrap().element, tree, ['manifests', i], diagnostics);
    if (!set) continue;
    if ((set.cluster === undefined) === (set.mesh === undefined)) {
      const origin = originAt(tree, ['manifests', i]);
      const message = 'manifests belong either to a cluster or to the mesh';
      diagnostics.push(diagnosticAt('FS2007', origin, message, 'write cluster: NAME, or mesh: true'));
      continue;
    }
    isStdinNamed ||= set.paths.includes(STDIN);
    const paths = set.paths.map((path, j) => ({
      path,
      origin: originAt(tree, ['manifests', i, 'paths', j]),
    }));
    sets.push({ cluster: set.cluster ?? null, objects: reader.read(paths, set.mesh === true) });
  }
  if (options.manifestsFromStdin !== undefined && !isStdinNamed) {
    const [cluster, second] = scenario.topology.clusters;
    const origin = { ...originAt(tree, ['topology', 'clusters']), path: '' };
    if (second) {
      const message = 'manifests from standard input: which cluster are they for?';
      diagnostics.push(diagnosticAt('FS2007', origin, message, 'write - among the paths of a cluster'));
    } else if (cluster)
      sets.push({ cluster: cluster.id, objects: reader.read([{ path: STDIN, origin }], false) });
  }
  return sets;
}

function emptyScenario(file: string): Scenario {
  return {
    file,
    name: file,
    variant: null,
    istioVersion: DEFAULT_ISTIO_VERSION,
    seed: 1,
    runs: 1,
    manifests: [],
    topology: {
      mesh: { meshConfig: {} },
      clusters: [],
      gateways: [],
      links: [],
      proxies: { default: { concurrency: 2 } },
    },
    behavior: {},
    load: [],
    faults: [],
    expect: [],
    properties: [],
    notSimulated: [],
  };
}

/** The same mistake in the base and in its variants is told once; in the order of the files. */
function finished(loaded: LoadedScenario): LoadedScenario {
  const seen = new Set<string>();
  loaded.diagnostics = loaded.diagnostics.filter(({ code, file, line, col, message }) => {
    const key = `${code} ${file}:${line}:${col} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
  return loaded;
}
