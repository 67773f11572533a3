// The report for people: verdict first, then where the requests went and why, what happened when, findings, variants, the line that repeats it.
import type { ScenarioResult } from '../../scenarios/result.ts';
import { type Outcome, titleOf } from '../outcome.ts';
import { duration, plural } from './figures.ts';
import { clean, displayWidth } from './layout.ts';
import { Page } from './section.ts';
import type { Terminal } from './terminal.ts';
import { writeEvents } from './text-events.ts';
import { writeFindings } from './text-notes.ts';
import { writeLoads, writeTraffic } from './text-traffic.ts';
import { writeVerdict } from './text-verdict.ts';

/** One outcome; empty when it has no result. What is not simulated is written once, after the last outcome. */
export function renderText(outcome: Outcome, terminal: Terminal, verbosity: -1 | 0 | 1): string {
  const { result } = outcome;
  if (result === null) return '';
  const page = new Page(terminal, verbosity);
  if (verbosity >= 0) writeHeader(page, result);
  writeVerdict(page, outcome);
  if (verbosity < 0) return page.text();
  page.heading(`Where the requests went${meansOf(result)}`);
  writeLoads(page, result);
  writeTraffic(page, result);
  writeEvents(page, result);
  for (const variant of result.variants) writeVariant(page, variant, result);
  writeFindings(page, outcome);
  writeFooter(page, outcome, result);
  return page.text();
}

function writeHeader(page: Page, { foresail, scenario }: ScenarioResult): void {
  const parts = [
    `foresail ${clean(foresail)}`,
    `istio ${clean(scenario.istioVersion)}`,
    `seed ${clean(String(scenario.seed))}`,
    ...(scenario.runs > 1 ? [plural(scenario.runs, 'run')] : []),
  ];
  const line = parts.join('   ');
  const file = clean(scenario.file);
  if (displayWidth(line) + 3 + displayWidth(file) <= page.width)
    page.line(page.paint.dim(`${line}   ${file}`));
  else page.line(page.paint.dim(`${line}\n${file}`));
  page.line();
}

function meansOf({ scenario }: ScenarioResult): string {
  return scenario.runs > 1 ? ` (means over ${plural(scenario.runs, 'run')})` : '';
}

function writeVariant(page: Page, variant: ScenarioResult, base: ScenarioResult): void {
  page.heading(`${page.terminal.unicode ? '── ' : '-- '}${clean(titleOf(variant))}`);
  writeLoads(page, variant);
  writeTraffic(page, variant, base);
  writeEvents(page, variant, base);
}

function writeFooter(page: Page, outcome: Outcome, result: ScenarioResult): void {
  page.line();
  if (outcome.isInterrupted)
    page.line(
      page.paint.yellow(
        `Interrupted: this covers the ${plural(result.scenario.runs, 'run')} finished until then.`,
      ),
    );
  const { end, events, path } = result.run;
  if (page.verbosity === 1)
    page.paragraph(
      `${plural(events, 'event')} in ${duration(end)} of simulated time (${path}), digest ${result.run.digest}`,
    );
  if (result.scenario.runs === 1) page.line(page.paint.dim('One run; --runs 1000 tells how certain it is.'));
  page.paragraph(result.rerun, 'again: ', page.paint.dim);
}
