// Saved runs as Markdown, for a comment on a pull request: verdicts, where the requests went, findings.
import { BY_LABELS, type ScenarioResult } from '../../scenarios/result.ts';
import { type Outcome, titleOf } from '../outcome.ts';
import { count, duration, percent, plural } from '../output/figures.ts';
import { cell, code } from '../output/markdown-diff.ts';
import type { SavedRun } from '../read-run.ts';

const MOST_ROWS = 30;

/** @param outcomes those of them that cannot run are told too */
export function markdownReport(runs: readonly SavedRun[], outcomes: readonly Outcome[] = []): string {
  const lines: string[] = outcomes.flatMap(refusalLines);
  for (const { result } of runs) lines.push(...runLines(result));
  const findings = unique(runs.flatMap(({ result }) => result.findings));
  table(
    lines,
    ['Finding', 'severity', 'text', 'where'],
    findings.map(({ rule, severity, message, file, line }) => [
      cell(rule),
      severity,
      cell(message),
      code(`${file}:${line}`),
    ]),
  );
  if (lines.length === 0) lines.push('_No scenario could run._', '');
  const inputs = runs.flatMap(({ result }) => result.inputs ?? []);
  if (inputs.length > 0) {
    lines.push(`<details><summary>Inputs: ${plural(inputs.length, 'file')}</summary>`, '');
    for (const { file, sha256 } of inputs) lines.push(`- ${code(file)} ${code(sha256.slice(0, 12))}`);
    lines.push('', '</details>', '');
  }
  return `${lines.join('\n')}\n`;
}

function refusalLines({ file, result, diagnostics }: Outcome): string[] {
  if (result !== null) return [];
  const lines = [`### ❌ foresail: ${cell(file)} cannot run`, ''];
  table(
    lines,
    ['', 'mistake', 'hint', 'where'],
    diagnostics.map(({ code: id, message, hint, file: of, line, col }) => [
      cell(id),
      cell(message),
      cell(hint ?? ''),
      code(line > 0 ? `${of}:${line}:${col}` : of),
    ]),
  );
  return lines;
}

function runLines(result: ScenarioResult): string[] {
  const { scenario, expectations, services, loads } = result;
  const met = expectations.filter(({ ok }) => ok).length;
  const verdict =
    expectations.length === 0 ? 'ran' : `${met} of ${plural(expectations.length, 'expectation')} met`;
  const lines = [
    `### ${met === expectations.length ? '✅' : '❌'} foresail: ${cell(titleOf(result))}: ${verdict}`,
    '',
  ];
  table(
    lines,
    ['', 'expected', 'got', 'where'],
    [...expectations]
      .sort((a, b) => Number(a.ok) - Number(b.ok))
      .map(({ ok, name, expected, got, file, line }) => [
        `${ok ? '✅' : '❌'} ${cell(name)}`,
        cell(expected),
        cell(got),
        code(`${file}:${line}`),
      ]),
  );
  const label = BY_LABELS[0];
  table(
    lines,
    [
      'Traffic to',
      'load',
      'answered by',
      'requests',
      'share',
      ...(scenario.runs > 1 ? ['95 % of the runs'] : []),
    ],
    services.flatMap((service) =>
      Object.entries(service.by[label])
        .filter(([, { mean }]) => mean > 0)
        .map(([name, { mean, share, p2_5, p97_5 }]) => [
          cell(service.service),
          cell(service.load),
          cell(name),
          count(mean),
          percent(share),
          ...(scenario.runs > 1 ? [`${count(p2_5)}..${count(p97_5)}`] : []),
        ]),
    ),
  );
  table(
    lines,
    ['Load', 'requests', 'failed', 'p50', 'p95', 'p99', 'tries per request'],
    loads.map(({ name, requests, errorRate, latency, attemptsPerRequest }) => [
      cell(name),
      count(requests),
      percent(errorRate),
      duration(latency.p50),
      duration(latency.p95),
      duration(latency.p99),
      attemptsPerRequest.toFixed(2),
    ]),
  );
  lines.push(
    `<sub>${code(result.rerun)} · foresail ${cell(result.foresail)} · istio ${cell(scenario.istioVersion)} · seed ${cell(String(scenario.seed))} · ${plural(scenario.runs, 'run')}</sub>`,
    '',
  );
  return lines;
}

function table(lines: string[], head: readonly string[], rows: readonly string[][]): void {
  if (rows.length === 0) return;
  lines.push(`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`);
  for (const row of rows.slice(0, MOST_ROWS)) lines.push(`| ${row.join(' | ')} |`);
  lines.push('');
  if (rows.length > MOST_ROWS) lines.push(`_and ${rows.length - MOST_ROWS} more rows_`, '');
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Map(list.map((entry) => [JSON.stringify(entry), entry])).values()];
}
