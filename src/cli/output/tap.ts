// Test Anything Protocol 14: one point per expectation, one per scenario that cannot run. Source: testanything.org/tap-version-14-specification.
import { type Outcome, resultsOf, titleOf } from '../outcome.ts';
import { clean } from './layout.ts';
import type { ReporterDefinition } from './reporter.ts';

export const tap: ReporterDefinition = {
  name: 'tap',
  summary: 'TAP 14, one point per expectation',
  create: () => ({
    end(outcomes) {
      const points = outcomes.flatMap(pointsOf);
      const body = points.map(({ ok, name, why }, i) => {
        const lines = [`${ok ? 'ok' : 'not ok'} ${i + 1} - ${escaped(name)}`];
        if (why)
          lines.push(
            '  ---',
            ...Object.entries(why).map(([k, v]) => `  ${k}: ${JSON.stringify(v)}`),
            '  ...',
          );
        return lines.join('\n');
      });
      return `${['TAP version 14', `1..${points.length}`, ...body].join('\n')}\n`;
    },
  }),
};

interface Point {
  ok: boolean;
  name: string;
  why?: Record<string, string | number>;
}

function pointsOf(outcome: Outcome): Point[] {
  if (outcome.result === null) {
    const first = outcome.diagnostics[0];
    return [
      {
        ok: false,
        name: `${outcome.file} cannot run`,
        why: { message: first?.message ?? 'unknown', at: `${first?.file}:${first?.line}` },
      },
    ];
  }
  return resultsOf(outcome).flatMap((result) => {
    const title = titleOf(result);
    if (result.expectations.length === 0) return [{ ok: true, name: `${title}: ran, expects nothing` }];
    return result.expectations.map(({ name, ok, expected, got, file, line }) => ({
      ok,
      name: `${title}: ${name}`,
      ...(ok ? {} : { why: { expected, got, at: `${file}:${line}` } }),
    }));
  });
}

/** `#` would start a directive, such as a skip. */
function escaped(text: string): string {
  return clean(text).replace(/[\\#]/g, '\\$&');
}
