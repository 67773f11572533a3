// The report of foresail check: each property with its verdict; a counterexample in words, the numbers with and without it, and how to
// see it again.
import type { PropertyReport } from '../../scenarios/property/check.ts';
import type { Io } from '../io.ts';
import { count, plural } from './figures.ts';
import { clean } from './layout.ts';
import { Page } from './section.ts';
import { terminalOf } from './terminal.ts';

export function checkText(
  reports: readonly PropertyReport[],
  io: Io,
  options: { color: boolean; quiet?: boolean; verbose?: boolean },
): string {
  const page = new Page(terminalOf(io, options), options.quiet ? -1 : options.verbose ? 1 : 0);
  for (const report of reports) {
    if (page.verbosity < 0 && report.ok) continue;
    if (page.lines.length > 0 && report.counterexample) page.line();
    writeProperty(page, report);
  }
  const falsified = reports.filter((report) => report.counterexample).length;
  const untried = reports.filter((report) => !report.ok && !report.counterexample).length;
  if (page.lines.length > 0) page.line();
  const parts = [
    plural(reports.length, 'property', 'properties'),
    `${count(reports.length - falsified - untried)} held`,
    `${count(falsified)} falsified`,
    ...(untried > 0 ? [`${count(untried)} could not be tried`] : []),
  ];
  page.line((falsified + untried === 0 ? page.paint.green : page.paint.red)(parts.join(', ')));
  return page.text();
}

function writeProperty(page: Page, report: PropertyReport): void {
  page.paragraph(report.name, `${page.mark(report.ok)} `, page.paint.bold);
  const place = `${clean(report.file)}${report.line > 0 ? `:${report.line}` : ''}`;
  page.line(`  ${page.paint.dim(place)}`);
  page.paragraph(triedWords(report), '  ');
  if (report.skipped > 0)
    page.paragraph(
      `${plural(report.skipped, 'candidate')} cannot run: ${report.skippedWhy ?? 'unknown'}`,
      '  ',
      page.paint.yellow,
    );
  const found = report.counterexample;
  if (!found) return;
  const words = found.words.length > 0 ? found.words : ['the scenario as it is written'];
  page.line(page.paint.red('  counterexample'));
  for (const line of words) page.paragraph(line, '    ', page.paint.bold);
  if (found.reason !== undefined) page.paragraph(found.reason, '    says      ');
  for (const [i, expectation] of found.expectations.entries()) {
    if (expectation.ok && page.verbosity < 1) continue;
    page.paragraph(expectation.name.replace(/^\{\s*(.*\S)\s*\}$/s, '$1'), '    expected  ');
    page.paragraph(expectation.got, '    with it   ', page.paint.bold);
    const without = found.without[i];
    if (without)
      page.paragraph(`${without.got}${without.ok ? '' : ' (it does not hold either)'}`, '    without   ');
  }
  if (found.replay !== undefined) page.line(`    replay    ${clean(found.replay)}`);
  if (found.again !== undefined) page.line(`    again     ${clean(found.again)}`);
  const others = report.exhaustive?.falsified.slice(1) ?? [];
  const most = page.verbosity > 0 ? others.length : 5;
  if (others.length > 0) page.line(`  ${plural(others.length, 'further counterexample')}`);
  for (const line of others.slice(0, most)) page.paragraph(line, '    ');
  if (others.length > most) page.line(`    and ${count(others.length - most)} more (-v lists them)`);
}

function triedWords({ runs, ok, seed, counterexample, exhaustive, isInterrupted }: PropertyReport): string {
  const ended = isInterrupted ? ' (ended before it was through)' : '';
  if (exhaustive) {
    const doubles = exhaustive.doubles > 0 ? ` and ${plural(exhaustive.doubles, 'pair')} of faults` : '';
    const missing = exhaustive.allDoubles ? '' : '; pairs are too many to try';
    const outcome =
      exhaustive.falsified.length > 0 ? `${count(exhaustive.falsified.length)} fail` : 'none fails';
    return `all ${plural(exhaustive.singles, 'single fault or setting', 'single faults and settings')}${doubles}: ${outcome}${missing}${ended}`;
  }
  if (counterexample)
    return `falsified by candidate ${count(runs)} (seed ${seed}), shrunk in ${plural(counterexample.shrinks, 'step')}${ended}`;
  return ok
    ? `held for ${plural(runs, 'candidate')} (seed ${seed})${ended}`
    : `nothing could be tried${ended}`;
}

export function checkJson(reports: readonly PropertyReport[], exitCode: number, version: string): string {
  const properties = reports.map((report) => {
    if (!report.counterexample) return report;
    const { candidate, ...counterexample } = report.counterexample;
    return { ...report, counterexample };
  });
  return `${JSON.stringify({ foresail: version, ok: exitCode === 0, exitCode, properties }, null, 2)}\n`;
}
