// Where the requests went: a table of the loads, then a block per service with a column of bars per load, how certain the split is, and why.
import type { ByLabel, Count, ScenarioResult, ServiceReport } from '../../scenarios/result.ts';
import { bar, count, duration, percent, plural } from './figures.ts';
import { clean, displayWidth, fit, padEnd, padStart } from './layout.ts';
import type { Page } from './section.ts';
import { writeCertainty } from './text-certainty.ts';

const SERVICES_SHOWN = 12;
const DESTINATIONS_SHOWN = 12;
/** Columns of loads side by side; more are wrapped below. */
const LEAST_COLUMN = 26;

export function writeLoads(page: Page, result: ScenarioResult): void {
  const { loads } = result;
  if (result.refused) page.paragraph('nothing ran: these files are refused, as expected', '  ');
  if (loads.length === 0) return;
  const hasLines = loads.some(({ lines }) => lines !== undefined);
  const head = ['requests', 'ok', 'failed', 'p50', 'p95', 'tries', ...(hasLines ? ['lines'] : [])];
  const rows = loads.map((load) => [
    count(load.requests),
    count(load.ok),
    count(load.failed),
    duration(load.latency.p50),
    duration(load.latency.p95),
    load.attemptsPerRequest.toFixed(2),
    ...(hasLines ? [load.lines === undefined ? '' : count(load.lines)] : []),
  ]);
  const widest = Math.min(26, Math.max(...loads.map(({ name }) => displayWidth(clean(name))), 8));
  const roomy = Math.min(10, Math.max(8, Math.floor((page.width - 2 - widest) / head.length)));
  // A column is wider where its numbers are: two of them must not touch.
  const widths = head.map((_, i) => Math.max(roomy, ...rows.map((cells) => cells[i]!.length + 2)));
  const whole = widths.reduce((sum, width) => sum + width, 0);
  const nameWidth = Math.max(4, Math.min(widest, page.width - 2 - whole));
  const row = (name: string, cells: string[]) =>
    `  ${padEnd(fit(name, nameWidth, page.terminal.unicode), nameWidth)}${cells.map((text, i) => padStart(text, widths[i]!)).join('')}`;
  page.line(page.paint.dim(row('', head)));
  for (const [i, load] of loads.entries()) {
    page.line(row(clean(load.name), rows[i]!));
    if (load.failed > 0) {
      const why = [answers(load.codes), flags(load.flags)].filter(Boolean).join('; ');
      page.paragraph(`answers ${why}`, '    ', page.paint.yellow);
    }
  }
}

export function writeTraffic(page: Page, result: ScenarioResult, base?: ScenarioResult): void {
  const groups = new Map<string, ServiceReport[]>();
  for (const report of result.services) {
    if (report.requests === 0 && report.attempts === 0) continue;
    groups.set(report.service, [...(groups.get(report.service) ?? []), report]);
  }
  const split: [string, ServiceReport[]][] = [];
  const single: [string, ServiceReport[]][] = [];
  for (const group of groups) {
    const isPlain =
      destinationsOf(group[1], labelOf(group[1])).length <= 1 &&
      group[1].every(({ errorRate }) => errorRate === 0);
    (isPlain && page.verbosity < 1 ? single : split).push(group);
  }
  let same = 0;
  for (const [service, reports] of split.slice(0, page.verbosity === 1 ? Infinity : SERVICES_SHOWN)) {
    if (
      base &&
      isSame(
        reports,
        base.services.filter((other) => other.service === service),
      )
    )
      same++;
    else writeService(page, result, service, reports);
  }
  if (split.length > SERVICES_SHOWN && page.verbosity < 1)
    page.line(`  and ${plural(split.length - SERVICES_SHOWN, 'more service')} (-v shows them)`);
  if (same > 0)
    page.line(
      `  ${same === split.length ? '' : 'Otherwise '}the split is the base's, request for request.`.replace(
        '  the',
        '  The',
      ),
    );
  if (single.length > 0 && !base) writeSingle(page, single);
}

function isSame(ours: readonly ServiceReport[], theirs: readonly ServiceReport[]): boolean {
  const shape = (reports: readonly ServiceReport[]) =>
    JSON.stringify(
      reports.map(({ load, requests, by, codes }) => [load, requests, by.workload, by.region, codes]),
    );
  return shape(ours) === shape(theirs);
}

function writeService(page: Page, result: ScenarioResult, service: string, reports: ServiceReport[]): void {
  const { paint } = page;
  const label = labelOf(reports);
  const rows = destinationsOf(reports, label);
  const callers = [...new Set(reports.flatMap((report) => Object.keys(report.callers)))].map(clean);
  page.line();
  const by = label === 'workload' ? '' : `, by ${label}`;
  const from = callers.length > 0 ? ` (called by ${list(callers, 3)}${by})` : by;
  page.paragraph(`${service}${from}`, '  ', paint.bold);

  const widest = Math.max(...rows.map((row) => displayWidth(clean(row))), 8);
  const nameWidth = Math.min(widest, Math.max(16, Math.floor(page.width / 3)));
  const perRow = Math.max(1, Math.min(3, Math.floor((page.width - 5 - nameWidth) / LEAST_COLUMN)));
  for (let i = 0; i < reports.length; i += perRow)
    writeColumns(page, reports.slice(i, i + perRow), rows, label, nameWidth);

  for (const report of reports) writeTries(page, report, reports.length > 1);
  writeRegions(page, reports, label);
  writeCertainty(page, result, reports, label);
  if (reports.length > 1 && label === 'workload') writeFormulas(page, reports);
  writeReasons(page, reports);
}

function writeColumns(
  page: Page,
  reports: readonly ServiceReport[],
  rows: readonly string[],
  label: ByLabel,
  nameWidth: number,
): void {
  const { paint, terminal } = page;
  const hasTheory = label === 'workload' && reports.length === 1 && reports[0]!.closedForm !== undefined;
  const room = page.width - 5 - nameWidth - (hasTheory ? 10 : 0);
  const width = Math.min(64, Math.floor(room / reports.length));
  const barWidth = Math.max(4, width - 18);
  const heads = reports.map((report) => {
    const text = fit(`${clean(report.load)} ${count(report.requests)}`, width - 2, terminal.unicode);
    return padEnd(text, width);
  });
  page.line(
    paint.dim(`    ${padEnd('', nameWidth)} ${heads.join('')}${hasTheory ? 'by formula' : ''}`.trimEnd()),
  );
  for (const row of rows) {
    const cells = reports.map((report) => {
      const entry: Count | undefined = report.by[label][row];
      const share = entry?.share ?? 0;
      const drawn = padEnd(bar(share, barWidth, terminal.unicode), barWidth);
      const figures = `${padStart(count(entry?.mean ?? 0), 7)} ${padStart(percent(share), 7)}`;
      const color = row === 'none' ? paint.red : paint.cyan;
      return `${color(drawn)}${share > 0 ? figures : paint.dim(figures)}${' '.repeat(Math.max(1, width - barWidth - 15))}`;
    });
    const formula = hasTheory ? reports[0]!.closedForm!.by[row] : undefined;
    const name = padEnd(fit(row === 'none' ? 'nobody' : clean(row), nameWidth, terminal.unicode), nameWidth);
    const line = `    ${row === 'none' ? paint.red(name) : name} ${cells.join('')}`;
    page.line(
      hasTheory ? `${line}${padStart(formula === undefined ? '' : percent(formula), 10)}` : line.trimEnd(),
    );
  }
}

function writeTries(page: Page, report: ServiceReport, isNamed: boolean): void {
  if (report.requests === 0) return;
  const during = isNamed ? `${clean(report.load)}: ` : '';
  if (report.attempts > report.requests * 1.0001) {
    const by = Object.entries(report.attemptsBy.workload)
      .filter(([, tries]) => tries > 0)
      .map(([name, tries]) => `${clean(name)} ${count(tries)}`);
    const each = (report.attempts / report.requests).toFixed(2);
    page.paragraph(
      `${during}${plural(report.attempts, 'try', 'tries')} for ${plural(report.requests, 'request')} (${each} each), retries included${by.length ? `: ${list(by, 4)}` : ''}`,
      '    tries    ',
    );
  }
  if (report.errorRate > 0) {
    const parts = [answers(report.codes), flags(report.flags)].filter(Boolean).join('; ');
    page.paragraph(
      `${during}${percent(report.errorRate)} of the calls failed: ${parts}`,
      '    failed   ',
      page.paint.yellow,
    );
  }
}

/** Side by side there is no room for a column: the closed-form shares in words, where they say more than the bars. */
function writeFormulas(page: Page, reports: readonly ServiceReport[]): void {
  const texts = reports.flatMap(({ load, by, closedForm }) => {
    if (!closedForm) return [];
    const shares = Object.entries(closedForm.by).filter(([, share]) => share > 0);
    const isPlain =
      shares.every(([name, share]) => share === (by.workload[name]?.share ?? 0)) && shares.length < 2;
    return isPlain
      ? []
      : [`${clean(load)}: ${shares.map(([name, share]) => `${clean(name)} ${percent(share)}`).join(', ')}`];
  });
  if (texts.length > 0) page.paragraph(texts.join('; '), '    formula  ');
}

/** Where a split by workload also crosses regions. */
function writeRegions(page: Page, reports: readonly ServiceReport[], label: ByLabel): void {
  if (label === 'region') return;
  const named = (report: ServiceReport) =>
    Object.entries(report.by.region).filter(([name]) => name !== 'none' && name !== '');
  if (new Set(reports.flatMap((report) => named(report).map(([name]) => name))).size < 2) return;
  const texts = reports.map((report) => {
    const shares = named(report).map(([name, { share }]) => `${clean(name)} ${percent(share)}`);
    return `${reports.length > 1 ? `${clean(report.load)}: ` : ''}${shares.join(', ')}`;
  });
  page.paragraph(texts.join('; '), '    regions  ');
}

/** The reasons a result gives, or what its formula rests on; told per load where loads differ. */
function writeReasons(page: Page, reports: readonly ServiceReport[]): void {
  const reasonsOf = ({ reasons, closedForm }: ServiceReport) =>
    reasons?.length ? reasons : closedForm ? [closedForm.basis] : [];
  const loadsBy = new Map<string, string[]>();
  for (const report of reports)
    for (const reason of reasonsOf(report))
      loadsBy.set(reason, [...(loadsBy.get(reason) ?? []), report.load]);
  let label = 'why';
  for (const [reason, loads] of loadsBy) {
    const during = loads.length < reports.length ? `${loads.map(clean).join(', ')}: ` : '';
    page.paragraph(during + reason, `    ${padEnd(label, 9)}`);
    label = '';
  }
}

/** Services that one workload answers alone, in a few lines. */
function writeSingle(page: Page, groups: [string, ServiceReport[]][]): void {
  page.line();
  page.line('  One destination each:');
  const shown = groups.slice(0, DESTINATIONS_SHOWN);
  const width = Math.min(40, Math.max(...shown.map(([service]) => displayWidth(clean(service)))));
  for (const [service, reports] of shown) {
    const label = labelOf(reports);
    const counts = reports.map((report) => count(report.requests)).join(', ');
    const name = padEnd(fit(clean(service), width, page.terminal.unicode), width);
    page.paragraph(`${destinationsOf(reports, label)[0] ?? 'none'} ${counts}`, `    ${name}  `);
  }
  if (groups.length > shown.length)
    page.line(`    and ${plural(groups.length - shown.length, 'more', 'more')}`);
}

/** The label that tells the destinations apart: workloads, or where equal workloads run. */
export function labelOf(reports: readonly ServiceReport[]): ByLabel {
  const order: ByLabel[] = ['workload', 'version', 'region', 'cluster', 'zone'];
  return (
    order.find((label) => destinationsOf(reports, label).filter((name) => name !== 'none').length > 1) ??
    'workload'
  );
}

function destinationsOf(reports: readonly ServiceReport[], label: ByLabel): string[] {
  const names = new Set(reports.flatMap((report) => Object.keys(report.by[label])));
  const total = (name: string) => reports.reduce((sum, { by }) => sum + (by[label][name]?.mean ?? 0), 0);
  const used = [...names].filter((name) => name !== 'none' || total(name) > 0).sort();
  return [...used.filter((name) => name !== 'none'), ...used.filter((name) => name === 'none')];
}

function answers(codes: Record<string, number>): string {
  return Object.entries(codes)
    .filter(([, times]) => times > 0)
    .map(([code, times]) => `${code === '0' ? 'none' : clean(code)}: ${count(times)}`)
    .join(', ');
}

/** Response flags in words. Source: Envoy, access log format, %RESPONSE_FLAGS%. */
const FLAG_TEXT: Record<string, string> = {
  UH: 'no healthy upstream',
  UF: 'connection failed',
  UO: 'overflow, circuit breaker',
  NR: 'no route',
  NC: 'no cluster',
  UT: 'timeout',
  UR: 'upstream reset',
  LR: 'local reset',
  UC: 'connection broken',
  URX: 'retries used up',
  DC: 'caller gone',
  FI: 'fault injected',
  DI: 'delay injected',
  RL: 'rate limited',
};

function flags(counts: Record<string, number>): string {
  return Object.entries(counts)
    .filter(([, times]) => times > 0)
    .map(
      ([flag, times]) => `${clean(flag)}${FLAG_TEXT[flag] ? ` (${FLAG_TEXT[flag]})` : ''}: ${count(times)}`,
    )
    .join(', ');
}

function list(names: readonly string[], most: number): string {
  return names.length <= most
    ? names.join(', ')
    : `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
