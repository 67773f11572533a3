// The result as JSON: one object, or an array when several files were asked for. Fields are only ever added.
// A scenario that cannot run is an object too, with ok: false and its diagnostics.
import type { ScenarioResult } from '../../scenarios/result.ts';
import type { Outcome } from '../outcome.ts';
import type { ReporterDefinition } from './reporter.ts';

export const json: ReporterDefinition = {
  name: 'json',
  summary: 'the result as JSON',
  create: ({ hasMany, version }) => ({
    end(outcomes) {
      const objects = outcomes.map((outcome) =>
        outcome.result ? withoutRecord(outcome.result) : cannotRun(outcome, version),
      );
      return `${JSON.stringify(hasMany ? objects : objects[0], null, 2)}\n`;
    },
  }),
};

/** The recording is for files that are replayed; see record.ts. */
export function withoutRecord({
  record: _,
  inputs: __,
  variants,
  ...result
}: ScenarioResult): ScenarioResult {
  return { ...result, variants: variants.map(withoutRecord) };
}

export function cannotRun(outcome: Outcome, version: string) {
  return {
    foresail: version,
    ok: false,
    exitCode: 1,
    scenario: { file: outcome.file },
    diagnostics: outcome.diagnostics,
  };
}
