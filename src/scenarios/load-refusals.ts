// `expect: [{ refused: FS2020 }]`: a scenario that says what must not pass. Where just that is refused while it is loaded, it runs without a
// mesh and the expectation is met; whatever else is wrong stays a mistake.
import type { Diagnostic } from './diagnostics.ts';
import type { Scenario } from './scenario.ts';

export interface Built {
  scenario: Scenario;
  /** Of the scenario file. */
  own: readonly Diagnostic[];
  /** Manifests that were read for it; their mistakes are told once for all scenarios. */
  files: ReadonlySet<string>;
}

export function settleRefusals(built: readonly Built[], diagnostics: Diagnostic[]): void {
  const meets = ({ own, files }: Built, diagnostic: Diagnostic) =>
    own.includes(diagnostic) || files.has(diagnostic.file);
  for (const one of built) {
    const expected = new Set(one.scenario.expect.flatMap(({ refused = [] }) => refused));
    if (expected.size === 0) continue;
    const errors = diagnostics.filter(
      (diagnostic) => diagnostic.severity === 'error' && meets(one, diagnostic),
    );
    const codes = new Set<string>(errors.map(({ code }) => code));
    if (codes.size !== expected.size || [...codes].some((code) => !expected.has(code))) continue;
    // Nobody can ask anything of a mesh that was not taken.
    Object.assign(one.scenario, { refused: errors, load: [], faults: [] });
  }
  // A mistake stays one unless everybody who meets it expects it.
  const left = diagnostics.filter((diagnostic) => {
    const users = built.filter((one) => meets(one, diagnostic));
    return users.length === 0 || !users.every(({ scenario }) => scenario.refused?.includes(diagnostic));
  });
  diagnostics.splice(0, diagnostics.length, ...left);
}
