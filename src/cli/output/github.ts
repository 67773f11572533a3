// GitHub Actions: an annotation per failed expectation, finding and diagnostic, and a table in the job's summary.
// Source: docs.github.com, "Workflow commands for GitHub Actions" (escapes of properties and data).
import { type Outcome, resultsOf, titleOf } from '../outcome.ts';
import { clean } from './layout.ts';
import type { ReporterDefinition } from './reporter.ts';

export const github: ReporterDefinition = {
  name: 'github',
  summary: 'GitHub Actions annotations and job summary',
  create: ({ env, appendFile }) => ({
    outcome: (outcome) => annotationsOf(outcome).join(''),
    end(outcomes) {
      const file = env['GITHUB_STEP_SUMMARY'];
      if (file) appendFile(file, summaryOf(outcomes));
      return '';
    },
  }),
};

function annotationsOf(outcome: Outcome): string[] {
  const diagnostics = outcome.diagnostics.map((d) =>
    annotation(d.severity, { file: d.file, line: d.line, col: d.col, title: d.code }, d.message),
  );
  const rest = resultsOf(outcome).flatMap((result) => [
    ...result.expectations
      .filter(({ ok }) => !ok)
      .map(({ name, expected, got, file, line }) =>
        annotation(
          'error',
          { file, line, col: 0, title: `${titleOf(result)}: expectation failed` },
          `${name}: expected ${expected}, got ${got}`,
        ),
      ),
    ...result.findings.map((f) =>
      annotation(
        f.severity === 'info' ? 'notice' : f.severity,
        { file: f.file, line: f.line, col: f.col, title: f.rule },
        f.hint ? `${f.message} (${f.hint})` : f.message,
      ),
    ),
  ]);
  return [...diagnostics, ...new Set(rest)];
}

function annotation(
  level: string,
  place: { file: string; line: number; col: number; title: string },
  text: string,
): string {
  const properties = [
    `file=${property(place.file)}`,
    ...(place.line > 0 ? [`line=${place.line}`] : []),
    ...(place.col > 0 ? [`col=${place.col}`] : []),
    `title=${property(place.title)}`,
  ];
  return `::${level} ${properties.join(',')}::${data(text)}\n`;
}

/** The runner knows three escapes; other control characters are made visible. */
function data(text: string): string {
  return text.split(/\r?\n/).map(clean).join('\n').replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function summaryOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap((outcome) => {
    if (outcome.result === null)
      return [`| ${cell(outcome.file)} | cannot run | ${cell(outcome.diagnostics[0]?.message ?? '')} |`];
    return resultsOf(outcome).map((result) => {
      const failed = result.expectations.filter(({ ok }) => !ok);
      const met = `${result.expectations.length - failed.length} of ${result.expectations.length} met`;
      const first = failed[0] ? `${failed[0].name}: got ${failed[0].got}` : '';
      return `| ${cell(titleOf(result))} | ${failed.length ? 'failed: ' : ''}${met} | ${cell(first)} |`;
    });
  });
  const title = outcomes.map(({ file }) => cell(file)).join(', ');
  return `### foresail: ${title}\n\n| Scenario | Expectations | First failure |\n|---|---|---|\n${rows.join('\n')}\n\n`;
}

/** In a table cell nothing is Markdown and nothing is HTML. */
function cell(text: string): string {
  return clean(text)
    .replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/[\\`*_{}[\]()#+!|~@$-]/g, '\\$&');
}
