// The report as reporters: --out run.html, run.md, run.csv, and what foresail report writes from a saved run.

import type { Outcome } from '../outcome.ts';
import { resultsOf } from '../outcome.ts';
import type { ReporterDefinition } from '../output/reporter.ts';
import type { SavedRun } from '../read-run.ts';
import { clientAssets } from './client-assets.ts';
import { csvReport } from './csv.ts';
import { markdownReport } from './markdown.ts';
import { htmlPage } from './page.ts';
import { reportData } from './reduce.ts';

export async function html(): Promise<ReporterDefinition> {
  const assets = await clientAssets();
  return reporter('html', 'one HTML page with charts', (runs, outcomes) =>
    htmlPage(reportData(runs, outcomes), assets),
  );
}

export const markdown = reporter('markdown', 'tables for a pull request', markdownReport);
export const csv = reporter('csv', 'every figure in a row of its own', csvReport);

/** Text of a report by the name of its format. */
export async function reportText(format: string, runs: readonly SavedRun[]): Promise<string> {
  if (format === 'markdown') return markdownReport(runs);
  if (format === 'csv') return csvReport(runs);
  return htmlPage(reportData(runs), await clientAssets());
}

function reporter(
  name: string,
  summary: string,
  write: (runs: readonly SavedRun[], outcomes: readonly Outcome[]) => string,
): ReporterDefinition {
  return {
    name,
    summary,
    create: () => ({ end: (outcomes) => write(outcomes.flatMap(savedRuns), outcomes) }),
  };
}

const savedRuns = (outcome: Outcome): SavedRun[] =>
  resultsOf(outcome).flatMap((result) => (result.record ? [{ result, record: result.record }] : []));
