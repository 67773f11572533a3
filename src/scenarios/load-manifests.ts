// `manifests:` of the file: which objects belong to which cluster or to the mesh, and the mesh settings of the topology beside them.
import { EXCLUDE_EACH_OTHER, isBothEnabled } from '../models/asm/checks.ts';
import { type Diagnostic, diagnosticAt } from './diagnostics.ts';
import type { LoadOptions } from './load-options.ts';
import { type ManifestReader, STDIN } from './manifests.ts';
import { checkMeshConfig } from './manifests-mesh-config.ts';
import { keyOriginAt, originAt, type Placed, placedAt } from './position.ts';
import type { ManifestSet, Scenario } from './scenario.ts';
import { SECTIONS } from './schema.ts';
import { checked, described } from './schema-check.ts';

export function readManifests(
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

/** Fields of topology.mesh are MeshConfig's, under their own name or as localityLoadBalancing. */
export function checkMeshSettings(scenario: Scenario, tree: Placed, diagnostics: Diagnostic[]): void {
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
  const { meshConfig, provider } = scenario.topology.mesh;
  const found: Diagnostic[] = [];
  checkMeshConfig(meshConfig, places, ['topology', 'mesh'], found);
  const setting = meshConfig['localityLbSetting'];
  // Istio's verdict, in the words of the console that people sit in front of.
  for (const each of found)
    if (provider === 'asm' && isBothEnabled(setting) && /exclude each other/.test(each.message))
      Object.assign(each, { message: EXCLUDE_EACH_OTHER, hint: 'remove distribute or failover' });
  diagnostics.push(...found);
}
