// The verdict: how many expectations each scenario and variant met, then those that failed, with what was got and where they are written.
import type { ExpectationReport, ScenarioResult } from '../../scenarios/result.ts';
import { type Outcome, resultsOf, titleOf } from '../outcome.ts';
import { count, plural } from './figures.ts';
import { clean, displayWidth, fit, padEnd } from './layout.ts';
import type { Page } from './section.ts';

/** Met expectations that are listed without -v. */
const MOST_MET = 8;

export function writeVerdict(page: Page, outcome: Outcome): void {
  const results = resultsOf(outcome);
  const names = results.map((result) => nameOf(result, outcome));
  const widest = Math.min(Math.max(...names.map(displayWidth)), page.width - 34);
  for (const [i, result] of results.entries()) {
    const { met, all } = tally(result);
    const verdict = all === 0 ? 'ran; it expects nothing' : `${met} of ${plural(all, 'expectation')} met`;
    const name = padEnd(fit(names[i]!, widest, page.terminal.unicode), widest);
    const paint = met === all ? page.paint.green : page.paint.red;
    page.line(`${page.mark(met === all)} ${page.paint.bold(name)}  ${paint(verdict)}`);
  }
  for (const result of results) writeExpectations(page, result, result === outcome.result);
}

/** Variants stand indented below their base; one that ran alone has its full name. */
function nameOf(result: ScenarioResult, outcome: Outcome): string {
  if (result === outcome.result) return clean(titleOf(result));
  return clean(`  ${result.scenario.variant}`);
}

export function tally(result: ScenarioResult): { met: number; all: number } {
  return {
    met: result.expectations.filter(({ ok }) => ok).length,
    all: result.expectations.length,
  };
}

function writeExpectations(page: Page, result: ScenarioResult, isMain: boolean): void {
  const failed = result.expectations.filter(({ ok }) => !ok);
  const isMetShown = page.verbosity === 1 || (page.verbosity === 0 && isMain);
  const met = isMetShown ? result.expectations.filter(({ ok }) => ok) : [];
  const listed = page.verbosity === 1 ? met : met.slice(0, MOST_MET);
  if (failed.length + listed.length === 0) return;
  page.line();
  if (!isMain && result.scenario.variant !== null)
    page.line(page.paint.bold(`variant ${clean(result.scenario.variant)}`));
  for (const expectation of failed) writeFailed(page, expectation);
  for (const expectation of listed) writeMet(page, expectation);
  if (listed.length < met.length)
    page.line(`  and ${count(met.length - listed.length)} more met (-v lists them)`);
}

export function writeFailed(page: Page, { name, expected, got, file, line }: ExpectationReport): void {
  const indent = ' '.repeat(page.marks.bad.length + 1);
  page.paragraph(unbraced(name), `${page.marks.bad} `, page.paint.red);
  page.paragraph(expected, `${indent}expected  `);
  page.paragraph(got, `${indent}got       `, page.paint.bold);
  page.line(`${indent}at        ${clean(file)}:${line}`);
}

/** One line when it fits: the expectation, what was got, and where it is written. */
function writeMet(page: Page, { name, got, file, line }: ExpectationReport): void {
  const { ok } = page.marks;
  const place = `${clean(file).split('/').at(-1)}:${line}`;
  page.paragraph(unbraced(name), `${ok} `);
  const indent = ' '.repeat(ok.length + 1);
  const text = `got ${clean(got)}`;
  const room = page.width - indent.length - displayWidth(place) - 2;
  if (displayWidth(text) <= room) page.line(`${indent}${page.paint.dim(`${padEnd(text, room)}  ${place}`)}`);
  else page.paragraph(`${text} (${place})`, indent, page.paint.dim);
}

/** The file writes `{ of: reviews, ... }`; the braces tell a reader nothing. */
function unbraced(name: string): string {
  return name.replace(/^\{\s*(.*\S)\s*\}$/s, '$1');
}
