// How sure a split is, in words: the same in every run, or a band that holds 95 % of the runs.
import type { ByLabel, Count, ScenarioResult, ServiceReport } from '../../scenarios/result.ts';
import { count, percent } from './figures.ts';
import { clean, padEnd } from './layout.ts';
import type { Page } from './section.ts';

/** Rows named in the sentence about a band. */
const MOST_NAMED = 4;

export function writeCertainty(
  page: Page,
  result: ScenarioResult,
  reports: readonly ServiceReport[],
  label: ByLabel,
): void {
  const { runs } = result.scenario;
  if (runs < 2) return;
  let before = '';
  for (const report of reports) {
    if (report.requests === 0) continue;
    const during = reports.length > 1 ? `${clean(report.load)}: ` : '';
    const isCertain = Object.values(report.by[label]).every(({ min, max }) => min === max);
    const name = isCertain ? 'certain' : 'likely';
    page.paragraph(
      during + certainty(report.by[label], runs),
      `    ${padEnd(name === before ? '' : name, 9)}`,
    );
    before = name;
  }
}

/** "9 : 1 in every one of 1,000 runs", or "reviews-v2 between 4 and 15 in 95 % of 1,000 runs". */
export function certainty(by: Record<string, Count>, runs: number): string {
  const rows = Object.entries(by)
    .filter(([, { max }]) => max > 0)
    .sort(([a], [b]) => (a === 'none' ? 1 : b === 'none' ? -1 : a < b ? -1 : 1));
  const every = `in every one of ${count(runs)} runs`;
  if (rows.every(([, { min, max }]) => min === max)) {
    const counts = rows.map(([, { mean }]) => count(mean)).join(' : ');
    return rows.length === 1 ? `all ${counts} to ${clean(rows[0]![0])} ${every}` : `${counts} ${every}`;
  }
  const bands = rows.slice(0, MOST_NAMED).map(([name, { min, max, p2_5, p97_5 }]) => {
    if (min === max) return `${clean(name)} ${count(min)} always`;
    const band = p2_5 === p97_5 ? `${count(p2_5)}` : `between ${count(p2_5)} and ${count(p97_5)}`;
    return `${clean(name)} ${band}`;
  });
  return `${bands.join(', ')} in ${percent(0.95)} of ${count(runs)} runs (in all: ${rows
    .slice(0, MOST_NAMED)
    .map(([, { min, max }]) => `${count(min)}..${count(max)}`)
    .join(', ')})`;
}
