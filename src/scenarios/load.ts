// Files become a LoadedScenario: the base and each variant, read whole, with every mistake at its place. Nothing is thrown for a mistake of
// the user, and nothing is read but through `files`.

import { type Diagnostic, diagnosticAt, hintFor } from './diagnostics.ts';
import type { Files } from './files-contract.ts';
import { readBehavior } from './load-behavior.ts';
import { DumpReader, istioVersionOfDumps, readEnvoy } from './load-envoy.ts';
import { faultOf } from './load-faults.ts';
import { checkMeshSettings, readManifests } from './load-manifests.ts';
import type { LoadOptions } from './load-options.ts';
import { expectationOf, loadOf, topologyOf } from './load-parts.ts';
import { type Built, settleRefusals } from './load-refusals.ts';
import { withSettings } from './load-set.ts';
import { mergedWith, readTree } from './load-tree.ts';
import { checkVersion, DEFAULT_ISTIO_VERSION, istioVersionOf, withQuotedVersions } from './load-versions.ts';
import { ManifestReader } from './manifests.ts';
import { notSimulatedIn } from './manifests-unsimulated.ts';
import { patchManifests } from './patch.ts';
import { originAt, type Placed, placedAt, plainOf } from './position.ts';
import { checkReferences } from './references.ts';
import type { NotSimulated } from './result.ts';
import type { LoadedScenario, Scenario } from './scenario.ts';
import { SECTIONS, TOP_KEYS, variantSchema } from './schema.ts';
import { checked, described, words } from './schema-check.ts';

export type { FileProblem, Files } from './files-contract.ts';
export type { LoadOptions } from './load-options.ts';

export { DEFAULT_ISTIO_VERSION };

export function loadScenario(file: string, files: Files, options: LoadOptions = {}): LoadedScenario {
  const diagnostics: Diagnostic[] = [];
  const sources = new Map<string, string>();
  const reader = new ManifestReader(files, sources, diagnostics, options.manifestsFromStdin);
  const readers = { manifests: reader, dumps: new DumpReader(files, sources, diagnostics) };
  const read = readTree(file, { files, sources, diagnostics });
  const loaded: LoadedScenario = { base: emptyScenario(file), variants: [], diagnostics, sources };
  const built: Built[] = [];
  if (!read) return finished(loaded);
  const tree = withSettings(read, options.set ?? [], diagnostics);
  const build = (from: Placed, variant: string | null): Scenario => {
    const own: Diagnostic[] = [];
    const scenario = buildScenario(file, from, variant, options, readers, own);
    diagnostics.push(...own);
    built.push({ scenario, own, files: reader.takeAsked() });
    return scenario;
  };
  loaded.base = build(tree, null);
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
    loaded.variants.push(build(changed, variant.name));
  }
  if (options.only !== undefined && !names.has(options.only)) {
    const hint = hintFor(options.only, names);
    const message = `there is no variant "${options.only}"`;
    diagnostics.push(diagnosticAt('FS3015', { file, line: 0, col: 0 }, message, hint));
  }
  if (options.tellsRefusals !== true) settleRefusals(built, diagnostics);
  return finished(loaded);
}

/** The tree of the variant of a name, as it is loaded with `set`; undefined = there is none. */
export function treeOfVariant(
  tree: Placed,
  name: string,
  set: readonly string[],
  diagnostics: Diagnostic[],
): Placed | undefined {
  const variants = placedAt(tree, ['variants']);
  const count = variants?.kind === 'list' ? variants.items.length : 0;
  for (let i = 0; i < count; i++)
    if (plainOf(placedAt(tree, ['variants', i, 'name']) ?? tree) === name)
      return withSettings(variantTree(tree, i, diagnostics), set, diagnostics);
  return undefined;
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
  { manifests: reader, dumps }: { manifests: ManifestReader; dumps: DumpReader },
  diagnostics: Diagnostic[],
): Scenario {
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
  const envoy = readEnvoy(tree, options, dumps, diagnostics);
  if (envoy) {
    scenario.envoy = envoy;
    // What the proxies say of themselves, unless the file or the command says otherwise.
    if (options.istioVersion === undefined && !placedAt(tree, ['istioVersion']))
      scenario.istioVersion = istioVersionOfDumps(envoy) ?? scenario.istioVersion;
  } else scenario.manifests = readManifests(tree, scenario, options, reader, diagnostics);
  if (checked(SECTIONS.patch, tree, ['patch'], diagnostics))
    scenario.manifests = patchManifests(scenario.manifests, tree, diagnostics);
  // Without a topology each named cluster is plain Kubernetes somewhere.
  if (!placedAt(tree, ['topology', 'clusters']))
    for (const id of new Set(scenario.manifests.flatMap(({ cluster }) => cluster ?? [])))
      scenario.topology.clusters.push({ id });
  const lint = checked(SECTIONS.lint, tree, ['lint'], diagnostics);
  if (lint) scenario.lint = lint;
  scenario.behavior = readBehavior(tree, diagnostics);
  const items = (key: 'load' | 'faults' | 'expect' | 'properties'): number[] => {
    const list = placedAt(tree, [key]);
    if (list && list.kind !== 'list' && !(list.kind === 'scalar' && list.value === null))
      diagnostics.push(
        diagnosticAt('FS2001', list.origin(), `${key}: expected a list, got ${described(list)}`),
      );
    return list?.kind === 'list' ? [...list.items.keys()] : [];
  };
  const unsimulated: NotSimulated[] = [];
  for (const i of items('load')) {
    const load = checked(SECTIONS.load.unwrap().element, tree, ['load', i], diagnostics);
    if (!load) continue;
    scenario.load.push(loadOf(load, i, tree));
    if (load.request.body === undefined) continue;
    const { file: inFile, line } = originAt(tree, ['load', i, 'request', 'body']);
    unsimulated.push({
      what: `load[${i}].request.body`,
      why: 'a body takes no time to pass',
      file: inFile,
      line,
    });
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
  scenario.notSimulated = [...notSimulatedIn(objects), ...unsimulated];
  const isChecked = options.isOfEnvoyDump !== true && !diagnostics.some((each) => each.severity === 'error');
  if (isChecked) checkReferences(scenario, tree, diagnostics);
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
      assumesConcurrency: true,
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
  for (const scenario of [loaded.base, ...loaded.variants]) scenario.sources = loaded.sources;
  const seen = new Set<string>();
  loaded.diagnostics = loaded.diagnostics.filter(({ code, file, line, col, message }) => {
    const key = `${code} ${file}:${line}:${col} ${message}`;
    return !seen.has(key) && seen.add(key);
  });
  return loaded;
}
