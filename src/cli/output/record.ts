// The result as JSON together with the recording that report, dash and explain replay: what `--out run.json` saves. The result's
// fields are indented for people, the recording is not: it would be three times as long.
import type { ScenarioResult } from '../../scenarios/result.ts';
import { cannotRun } from './json.ts';
import type { ReporterDefinition } from './reporter.ts';

export const record: ReporterDefinition = {
  name: 'record',
  summary: 'the result as JSON, with what report, dash and explain replay',
  create: ({ hasMany, version }) => ({
    end(outcomes) {
      const objects = outcomes.map((outcome) =>
        outcome.result ? written(outcome.result) : JSON.stringify(cannotRun(outcome, version), null, 2),
      );
      return `${hasMany ? `[\n${objects.join(',\n')}\n]` : objects[0]}\n`;
    },
  }),
};

function written(result: ScenarioResult): string {
  const fields = Object.entries(result).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (key === 'record') return [`  "record": ${JSON.stringify(value)}`];
    if (key === 'variants') return [`  "variants": [${result.variants.map(written).join(',\n')}]`];
    return [`  ${JSON.stringify(key)}: ${JSON.stringify(value, null, 2).replaceAll('\n', '\n  ')}`];
  });
  return `{\n${fields.join(',\n')}\n}`;
}
