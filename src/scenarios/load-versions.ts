// The version of the file format and the Istio version: which rules the file is read by, and which rules are simulated.
import { type Diagnostic, diagnosticAt } from './diagnostics.ts';
import type { LoadOptions } from './load-options.ts';
import { originAt, type Placed, placedAt, plainOf, replacedAt } from './position.ts';
import type { Scenario } from './scenario.ts';

/** The rule set for those who name none. */
export const DEFAULT_ISTIO_VERSION = '1.24';

export function checkVersion(tree: Placed, diagnostics: Diagnostic[]): void {
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
export function withQuotedVersions(tree: Placed): Placed {
  return [['istioVersion'], ['topology', 'mesh', 'version']].reduce((node, path) => {
    const placed = placedAt(node, path);
    if (placed?.kind !== 'scalar' || typeof placed.value !== 'number') return node;
    return replacedAt(node, path, { ...placed, value: placed.source ?? String(placed.value) });
  }, tree);
}

/** The option, the file, the mesh's own version, or the default; only major and minor matter. */
export function istioVersionOf(
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
