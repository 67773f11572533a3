// For `foresail test`: one line per scenario, the failed expectations below it, and a summary.
import { type Outcome, resultsOf, titleOf } from '../outcome.ts';
import { count, plural } from './figures.ts';
import { clean, displayWidth, fit, padEnd } from './layout.ts';
import type { ReporterDefinition } from './reporter.ts';
import { Page } from './section.ts';
import { writeNotSimulated } from './text-notes.ts';
import { tally, writeFailed } from './text-verdict.ts';

export const lines: ReporterDefinition = {
  name: 'lines',
  summary: 'one line per scenario (default of test)',
  create: ({ terminal, verbosity }) => ({
    outcome(outcome) {
      const page = new Page(terminal, verbosity);
      writeOutcome(page, outcome);
      return page.lines.length > 0 ? page.text() : '';
    },
    end(outcomes) {
      const page = new Page(terminal, verbosity);
      if (verbosity === 1) writeNotSimulated(page, outcomes);
      page.line();
      page.line(summaryOf(page, outcomes));
      return page.text();
    },
  }),
};

function writeOutcome(page: Page, outcome: Outcome): void {
  const results = resultsOf(outcome);
  const { met, all } = total(results.map(tally));
  const isOk = outcome.result !== null && met === all;
  if (isOk && page.verbosity < 0) return;
  const variants = results.length > 1 ? `, ${plural(results.length - 1, 'variant')}` : '';
  const verdict =
    outcome.result === null
      ? 'cannot run'
      : all === 0
        ? `expects nothing${variants}`
        : `${met} of ${all} met${variants}`;
  const file = clean(outcome.file);
  const room = page.width - displayWidth(verdict) - page.marks.bad.length - 4;
  const name = padEnd(fit(file, room, page.terminal.unicode), Math.min(room, 48));
  page.line(`${page.mark(isOk)} ${name}  ${(isOk ? page.paint.dim : page.paint.red)(verdict)}`);
  for (const result of results) {
    const failed = result.expectations.filter(({ ok }) => !ok);
    if (failed.length > 0) page.line(`  ${page.paint.bold(clean(titleOf(result)))}`);
    for (const expectation of failed) writeFailed(page, expectation);
  }
}

function summaryOf(page: Page, outcomes: readonly Outcome[]): string {
  const { met, all } = total(outcomes.flatMap(resultsOf).map(tally));
  const broken = outcomes.filter(({ result }) => result === null).length;
  const failed = outcomes.filter(
    ({ result }) =>
      result !== null && [result, ...result.variants].some((r) => r.expectations.some(({ ok }) => !ok)),
  ).length;
  const parts = [
    plural(outcomes.length, 'scenario'),
    `${count(outcomes.length - broken - failed)} passed`,
    `${count(failed)} failed`,
    ...(broken > 0 ? [`${count(broken)} cannot run`] : []),
    `${count(met)} of ${plural(all, 'expectation')} met`,
  ];
  const isOk = broken + failed === 0;
  return (isOk ? page.paint.green : page.paint.red)(parts.join(', '));
}

function total(tallies: readonly { met: number; all: number }[]): { met: number; all: number } {
  return {
    met: tallies.reduce((sum, { met }) => sum + met, 0),
    all: tallies.reduce((sum, { all }) => sum + all, 0),
  };
}
