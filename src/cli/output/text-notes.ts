// What the reader must know beside the numbers: findings with their code frame, and what was read but is not simulated.
import type { Finding, NotSimulated } from '../../scenarios/result.ts';
import { type Outcome, resultsOf } from '../outcome.ts';
import { count, plural } from './figures.ts';
import { clean, fit } from './layout.ts';
import type { Page } from './section.ts';

const MOST_FINDINGS = 10;
const MOST_NOT_SIMULATED = 8;

export function writeFindings(page: Page, outcome: Outcome): void {
  const findings = distinct(
    resultsOf(outcome).flatMap((result) => result.findings),
    (finding) => `${finding.rule}|${finding.file}|${finding.line}|${finding.message}`,
  );
  if (findings.length === 0) return;
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  page.heading(`Findings: ${plural(errors, 'error')}, ${plural(findings.length - errors, 'other')}`);
  const shown = page.verbosity === 1 ? findings : findings.slice(0, MOST_FINDINGS);
  for (const finding of shown) writeFinding(page, finding, outcome);
  if (shown.length < findings.length)
    page.line(`  and ${count(findings.length - shown.length)} more (-v lists them)`);
}

function writeFinding(page: Page, finding: Finding, outcome: Outcome): void {
  const { rule, severity, message, hint, file, line, col } = finding;
  const isError = severity === 'error';
  page.paragraph(
    `${rule} ${severity}: ${message}`,
    `${isError ? page.marks.bad : page.marks.note} `,
    isError ? page.paint.red : page.paint.yellow,
  );
  page.line(`    ${clean(file)}:${line}:${col}`);
  const text = outcome.lines[`${file}:${line}`];
  if (text !== undefined) {
    const number = String(line);
    page.line(
      page.paint.dim(
        `    ${number} | ${fit(clean(text), page.width - number.length - 7, page.terminal.unicode)}`,
      ),
    );
  }
  if (hint) page.paragraph(hint, '    hint: ');
}

export function writeNotSimulated(page: Page, outcomes: readonly Outcome[]): void {
  const all: NotSimulated[] = outcomes.flatMap(resultsOf).flatMap((result) => result.notSimulated);
  const items = distinct(all, ({ what, why }) => `${what}|${why}`);
  if (items.length === 0) return;
  page.heading('Read, but not simulated');
  const shown = page.verbosity === 1 ? items : items.slice(0, MOST_NOT_SIMULATED);
  for (const { what, why, file, line } of shown)
    page.paragraph(`${what}: ${why} (${file}${line > 0 ? `:${line}` : ''})`, '  ');
  if (shown.length < items.length)
    page.line(`  and ${count(items.length - shown.length)} more (-v lists them)`);
}

function distinct<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}
