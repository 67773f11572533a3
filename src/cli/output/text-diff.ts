// A difference for a terminal: traffic that moved, reliability, verdicts, findings, and what changed in Envoy's configuration.
import type { Band, Difference, Figure, LoadChange, ServiceChange } from '../../scenarios/diff/difference.ts';
import { count, duration, percent, plural } from './figures.ts';
import { clean, displayWidth, fit, padEnd, padStart } from './layout.ts';
import { Page } from './section.ts';
import type { Terminal } from './terminal.ts';

const MOST_CONFIG = 12;

export function renderDifference(difference: Difference, terminal: Terminal, verbosity: -1 | 0 | 1): string {
  const page = new Page(terminal, verbosity);
  writeHead(page, difference);
  page.line();
  page.paragraph(summaryOf(difference), '', difference.isChanged ? page.paint.yellow : page.paint.green);
  if (verbosity < 0) return page.text();
  writeBody(page, difference);
  for (const variant of difference.variants) {
    page.heading(`${terminal.unicode ? '──' : '--'} variant ${clean(variant.new.variant ?? '')}`);
    page.paragraph(summaryOf(variant));
    writeBody(page, variant);
  }
  for (const note of difference.notes) {
    page.line();
    page.paragraph(note, 'note: ', page.paint.dim);
  }
  return page.text();
}

function writeHead(page: Page, { foresail, old, new: now }: Difference): void {
  const runs = now.runs > 1 ? `   ${plural(now.runs, 'run')} a side` : '';
  const versions =
    old.istioVersion === now.istioVersion ? now.istioVersion : `${old.istioVersion}..${now.istioVersion}`;
  page.line(page.paint.dim(clean(`foresail ${foresail}   istio ${versions}   seed ${now.seed}${runs}`)));
  page.paragraph(old.label || old.file, 'old  ');
  page.paragraph(now.label || now.file, 'new  ');
}

/** "Traffic of 2 services moves, 1 expectation breaks, 3 configuration changes." */
export function summaryOf({
  isChanged,
  services,
  loads,
  ejections,
  expectations,
  findings,
  config,
  variants,
}: Difference): string {
  if (!isChanged) return 'Nothing changes: the same traffic, the same verdicts, the same configuration.';
  const broken = expectations.filter(({ change }) => change === 'broken').length;
  const fixed = expectations.filter(({ change }) => change === 'fixed').length;
  const others = expectations.length - broken - fixed;
  const added = findings.filter(({ change }) => change === 'added').length;
  const gone = findings.length - added;
  const figures = loads.some((load) => Object.keys(load).length > 2 || load.flags.length > 0) || ejections;
  const parts = [
    ...(services.length > 0
      ? [`traffic to ${plural(new Set(services.map(({ service }) => service)).size, 'service')} moves`]
      : []),
    ...(services.length === 0 && figures ? ['figures change'] : []),
    ...(broken > 0 ? [`${plural(broken, 'expectation')} ${broken === 1 ? 'breaks' : 'break'}`] : []),
    ...(fixed > 0 ? [`${plural(fixed, 'expectation')} ${fixed === 1 ? 'is' : 'are'} met now`] : []),
    ...(others > 0 ? [`${plural(others, 'expectation')} ${others === 1 ? 'is' : 'are'} another`] : []),
    ...(added > 0 ? [plural(added, 'new finding')] : []),
    ...(gone > 0 ? [`${plural(gone, 'finding')} gone`] : []),
    ...(config.length > 0 ? [plural(config.length, 'configuration change')] : []),
    ...(variants.length > 0
      ? [`${plural(variants.length, 'variant')} ${variants.length === 1 ? 'changes' : 'change'}`]
      : []),
  ];
  const text = parts.join(', ') || 'something changes';
  return `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

function writeBody(page: Page, difference: Difference): void {
  const { services, loads, ejections, expectations, findings } = difference;
  if (services.length > 0) page.heading('Traffic that moves');
  for (const service of services) writeService(page, service);
  if (loads.length > 0 || ejections) page.heading('What callers see');
  for (const load of loads) writeLoad(page, load);
  if (ejections) page.line(`  ejections per run  ${count(ejections.old)} -> ${count(ejections.new)}`);
  if (expectations.length > 0) page.heading('Expectations');
  for (const { name, change, old, new: now, file, line } of expectations) {
    const mark = now ? page.mark(now.ok) : page.paint.dim('-');
    page.paragraph(`${change}: ${name}`, `${mark} `);
    if (old && now) page.paragraph(`${old.got} -> ${now.got}`, '    ', page.paint.dim);
    page.paragraph(`${file}:${line}`, '    ', page.paint.cyan);
  }
  if (findings.length > 0) page.heading('Findings');
  for (const { change, finding } of findings) {
    const sign = change === 'added' ? '+' : '-';
    page.paragraph(
      `${finding.severity} ${finding.rule} ${finding.message}`,
      `${sign} `,
      change === 'added' ? page.paint.yellow : page.paint.green,
    );
    page.paragraph(`${finding.file}:${finding.line}`, '    ', page.paint.cyan);
  }
  writeConfig(page, difference);
}

function writeService(page: Page, { service, load, by, requests, shares }: ServiceChange): void {
  const size =
    requests.old === requests.new
      ? plural(requests.new, 'request')
      : `${count(requests.old)} -> ${count(requests.new)} requests`;
  page.line(clean(`  ${service}, load ${load}, by ${by} (${size})`));
  const width = Math.min(36, Math.max(...shares.map(({ name }) => displayWidth(clean(name)))));
  for (const { name, old, new: now, isMoved } of shares) {
    const points = (now.share - old.share) * 100;
    const text = `    ${padEnd(fit(clean(name), width, page.terminal.unicode), width)}  ${padStart(shareText(old), 20)} -> ${padEnd(shareText(now), 20)} ${isMoved ? `${points > 0 ? '+' : ''}${Number(points.toFixed(1))} points` : 'within the band'}`;
    page.line(isMoved ? text.trimEnd() : page.paint.dim(text.trimEnd()));
  }
}

/** "90% (88..92%)" */
export function shareText({ share, low, high }: Band): string {
  const round = (value: number) => Number((value * 100).toFixed(1));
  return round(low) === round(high) ? percent(share) : `${percent(share)} (${round(low)}..${round(high)}%)`;
}

export function loadFigures(load: LoadChange): [string, string, string][] {
  const rows: [string, string, string][] = [];
  const put = (name: string, figure: Figure | undefined, text: (value: number) => string) => {
    if (figure) rows.push([name, text(figure.old), text(figure.new)]);
  };
  put('requests', load.requests, count);
  put('error rate', load.errorRate, percent);
  put('tries per request', load.attemptsPerRequest, (value) => value.toFixed(2));
  put('worst case tries', load.worstCaseAttempts, count);
  put('p50', load.p50, duration);
  put('p95', load.p95, duration);
  put('p99', load.p99, duration);
  put('matching lines', load.lines, count);
  for (const { flag, old, new: now } of load.flags) rows.push([`flag ${flag}`, count(old), count(now)]);
  return rows;
}

function writeLoad(page: Page, load: LoadChange): void {
  page.line(clean(`  load ${load.load}`));
  for (const [name, old, now] of loadFigures(load))
    page.line(`    ${padEnd(clean(name), 18)}  ${padStart(old, 9)} -> ${now}`);
}

function writeConfig(page: Page, { config }: Difference): void {
  if (config.length === 0) return;
  page.heading("Envoy's configuration at the start");
  const most = page.verbosity === 1 ? config.length : MOST_CONFIG;
  const signs = { added: '+', removed: '-', changed: '~' };
  for (const { change, kind, names, details, callers, proxies } of config.slice(0, most)) {
    page.paragraph(`${kind} ${some(names)}  (${whoSees(callers, proxies)})`, `${signs[change]} `);
    for (const detail of details) page.paragraph(detail, '    ', page.paint.dim);
  }
  if (config.length > most) page.line(page.paint.dim(`  and ${config.length - most} more; -v lists them`));
}

export const some = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;

export const whoSees = (callers: readonly string[], proxies: number): string =>
  callers.length === 1 && proxies === 1
    ? callers[0]!
    : `${plural(proxies, 'proxy', 'proxies')}: ${callers.slice(0, 3).join(', ')}${callers.length > 3 ? ', ...' : ''}`;
