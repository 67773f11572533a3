// Whatever is referred to must exist: each missing name is an error at the place of the reference, with the nearest known name.
import { type Diagnostic, diagnosticAt, hintFor } from './diagnostics.ts';
import { keyOriginAt, originAt, type Placed, placedAt } from './position.ts';
import { checkBehavior } from './references-behavior.ts';
import type { Check } from './references-check.ts';
import { checkDumpNames, namesOfDumps } from './references-dumps.ts';
import { checkExpectations } from './references-expect.ts';
import { checkMesh } from './references-mesh.ts';
import { namesOf } from './references-names.ts';
import { checkFaults, checkLoads } from './references-run.ts';
import { checkTopology } from './references-topology.ts';
import type { Scenario } from './scenario.ts';

export function checkReferences(scenario: Scenario, tree: Placed, diagnostics: Diagnostic[]): void {
  const dumps = scenario.envoy;
  const names = dumps ? namesOfDumps(dumps) : namesOf(scenario);
  const check: Check = {
    scenario,
    names,
    originAt: (path) => originAt(tree, path),
    keyOriginAt: (path) => keyOriginAt(tree, path),
    isWritten: (path) => placedAt(tree, path) !== undefined,
    report(code, origin, message, hint, severity) {
      diagnostics.push(diagnosticAt(code, origin, message, hint, severity));
    },
    known(code, what, name, known, path, isKey = false) {
      const all = [...known];
      if (all.includes(name)) return;
      const origin = isKey ? keyOriginAt(tree, path) : originAt(tree, path);
      diagnostics.push(diagnosticAt(code, origin, `there is no ${what} "${name}"`, hintFor(name, all)));
    },
    place(name, path) {
      const { clusters, regions, zones, networks, nodes } = names;
      const all = [...clusters, ...regions, ...zones, ...networks, ...nodes];
      if (all.includes(name)) return;
      const message = `there is no cluster, region or zone "${name}"`;
      diagnostics.push(diagnosticAt('FS3007', originAt(tree, path), message, hintFor(name, all)));
    },
  };
  if (dumps) {
    checkTopology(check);
    checkDumpNames(check, dumps);
    checkExpectations(check);
    return;
  }
  for (const [i, set] of scenario.manifests.entries())
    if (set.cluster !== null)
      check.known('FS3002', 'cluster', set.cluster, names.clusters, ['manifests', i, 'cluster']);
  checkTopology(check);
  checkMesh(check);
  checkBehavior(check);
  checkLoads(check);
  checkFaults(check);
  checkExpectations(check);
}
