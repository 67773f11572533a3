// The parts without charts: verdicts, findings with code frames, inputs, and how to repeat it.
import { count, duration, percent, plural } from '../../output/figures.ts';
import type { ReportData, ReportRun } from '../data.ts';
import { section } from './charts.ts';
import { copyButton, saveButton } from './copy.ts';
import { type Child, h } from './dom.ts';
import { Ids, permalink, runIds } from './links.ts';
import { dataTable } from './table.ts';

export function headerView(data: ReportData): HTMLElement {
  const all = data.runs.flatMap(({ expectations }) => expectations);
  const met = all.filter(({ ok }) => ok).length;
  const first = data.runs[0];
  const isMet = met === all.length && data.refused.length === 0;
  const { length: refused } = data.refused;
  const verdict =
    all.length === 0
      ? first
        ? 'Nothing was expected'
        : 'No scenario could run'
      : met === all.length
        ? `All ${plural(all.length, 'expectation')} met`
        : `${all.length - met} of ${plural(all.length, 'expectation')} not met`;
  return h(
    'header',
    {},
    h('h1', {}, first?.scenario.name ?? 'foresail report'),
    h(
      'p',
      { class: `verdict ${isMet ? 'good' : 'bad'}` },
      isMet ? '✓ ' : '✗ ',
      verdict,
      refused > 0 && first ? `; ${plural(refused, 'scenario')} cannot run` : null,
    ),
    first
      ? h(
          'p',
          { class: 'note' },
          `foresail ${data.foresail}, rules of Istio ${first.scenario.istioVersion}, seed ${first.scenario.seed}, ${plural(first.scenario.runs, 'run')}, ${first.scenario.file}`,
        )
      : null,
    first ? h('p', { class: 'tools' }, copyButton(data, 'the result'), saveButton(data)) : null,
  );
}

/** Scenarios that could not run: every mistake with its place, as the command line printed it. */
export function refusedView({ refused }: ReportData): HTMLElement | null {
  if (refused.length === 0) return null;
  return section(
    'refused',
    'What cannot run',
    ...refused.flatMap(({ file, diagnostics, lines }) => [
      h('h3', { class: 'code' }, file),
      ...diagnostics.map(({ code, severity, message, hint, file: of, line, col }) => {
        const known = new Map(
          lines.filter((one) => one.file === of && one.line === line).map((one) => [one.line, one.text]),
        );
        return h(
          'article',
          { class: `finding ${severity}` },
          h('h4', {}, h('span', { class: 'code' }, code), ` ${severity}`),
          h('p', {}, message),
          h('p', { class: 'code place' }, line > 0 ? `${of}:${line}:${col}` : of),
          codeFrame(known, line, col),
          hint ? h('p', {}, h('b', {}, 'Help: '), hint) : null,
        );
      }),
    ]),
  );
}

export function verdictsView(data: ReportData): HTMLElement {
  let number = 0;
  const ids = runIds(data);
  return section(
    'verdicts',
    'Verdicts',
    ...data.runs.map((run, index) => {
      const met = run.expectations.filter(({ ok }) => ok).length;
      const rows = run.expectations.map(({ ok, name, expected, got, file, line }) => {
        const id = `e${++number}`;
        return h(
          'tr',
          { id },
          h('td', { class: ok ? 'good' : 'bad' }, ok ? '✓ met' : '✗ not met'),
          h('th', { scope: 'row' }, name),
          h('td', {}, expected),
          h('td', {}, got),
          h('td', { class: 'code' }, `${file}:${line}`, permalink(id, `expectation ${number}`)),
        );
      });
      const head = ['verdict', 'expectation', 'expected', 'got', 'where'];
      return h(
        'div',
        { class: 'run', id: ids[index]!, 'data-run': index },
        h(
          'h3',
          {},
          `${run.title}: `,
          run.expectations.length === 0 ? 'expects nothing' : `${met} of ${run.expectations.length} met`,
          permalink(ids[index]!, run.title),
          data.runs.length > 1 ? copyButton(data, run.title, index) : null,
        ),
        rows.length === 0
          ? null
          : h(
              'div',
              { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Expectations of ${run.title}` },
              h(
                'table',
                { class: 'verdicts' },
                h('thead', {}, h('tr', {}, ...head.map((text) => h('th', { scope: 'col' }, text)))),
                h('tbody', {}, ...rows),
              ),
            ),
        loadsTable(run),
      );
    }),
  );
}

function loadsTable(run: ReportRun): HTMLElement {
  return h(
    'details',
    { class: 'figures', 'data-table': 'loads' },
    h(
      'summary',
      {},
      `What the users saw: ${run.loads.map(({ name, requests, errorRate }) => `${name} ${plural(requests, 'request')}, ${percent(errorRate)} failed`).join('; ')}`,
    ),
    dataTable({
      name: `loads of ${run.title}`,
      head: ['load', 'requests', 'failed', 'p50', 'p90', 'p95', 'p99', 'highest', 'tries per request'],
      rows: run.loads.map(({ name, requests, failed, latency, attemptsPerRequest }) => [
        name,
        requests,
        failed,
        ...[latency.p50, latency.p90, latency.p95, latency.p99, latency.max].map(duration),
        attemptsPerRequest.toFixed(2),
      ]),
    }),
  );
}

export function findingsView(data: ReportData): HTMLElement {
  const seen = new Map<string, { run: string; finding: ReportRun['findings'][number] }>();
  for (const run of data.runs)
    for (const finding of run.findings) {
      const key = JSON.stringify([finding.rule, finding.file, finding.line, finding.col, finding.message]);
      if (!seen.has(key)) seen.set(key, { run: run.title, finding });
    }
  const sources = new Map(
    data.inputs.map(({ file, lines }) => [file, new Map(lines.map(({ line, text }) => [line, text]))]),
  );
  const ids = new Ids();
  return section(
    'findings',
    'Findings in the files',
    ...(seen.size === 0 ? [h('p', {}, 'None.')] : []),
    ...[...seen.values()].map(({ finding: { rule, severity, message, hint, file, line, col } }) => {
      const id = ids.of('finding', rule);
      return h(
        'article',
        { class: `finding ${severity}`, id },
        h('h3', {}, h('span', { class: 'code' }, rule), ` ${severity}`, permalink(id, `finding ${rule}`)),
        h('p', {}, message),
        h('p', { class: 'code place' }, `${file}:${line}:${col}`),
        codeFrame(sources.get(file), line, col),
        hint ? h('p', {}, h('b', {}, 'Help: '), hint) : null,
      );
    }),
  );
}

/** The line, its neighbours, and a mark below the place. */
export function codeFrame(
  lines: ReadonlyMap<number, string> | undefined,
  line: number,
  col: number,
): HTMLElement | null {
  const text = lines?.get(line);
  if (!lines || text === undefined) return null;
  const width = String(line + 2).length;
  const children: Child[] = [];
  for (let at = line - 2; at <= line + 2; at++) {
    const one = lines.get(at);
    if (one === undefined) continue;
    children.push(
      h(
        'span',
        { class: at === line ? 'line here' : 'line' },
        `${String(at).padStart(width)} | ${one.replaceAll('\t', ' ')}\n`,
      ),
    );
    if (at !== line || col < 1 || col > one.length) continue;
    const length = /^[^\s:,#]+/.exec(one.slice(col - 1))?.[0].length ?? 1;
    children.push(
      h(
        'span',
        { class: 'line caret' },
        `${' '.repeat(width)} | ${' '.repeat(col - 1)}${'^'.repeat(length)}\n`,
      ),
    );
  }
  return h(
    'pre',
    { tabindex: 0, role: 'region', 'aria-label': `Source at line ${line}` },
    h('code', {}, ...children),
  );
}

export function inputsView(data: ReportData): HTMLElement {
  const notSimulated = unique(data.runs.flatMap((run) => run.notSimulated));
  const assumptions = [...new Set(data.runs.flatMap((run) => run.assumptions ?? []))];
  const cut = [...new Set(data.runs.flatMap((run) => run.cut))];
  const list = (title: string, texts: string[]): HTMLElement[] =>
    texts.length === 0 ? [] : [h('h3', {}, title), h('ul', {}, ...texts.map((text) => h('li', {}, text)))];
  return section(
    'inputs',
    'Inputs, and how to repeat it',
    ...data.runs.map((run) =>
      h(
        'pre',
        { tabindex: 0, role: 'region', 'aria-label': `How to repeat ${run.title}` },
        h('code', { class: 'rerun' }, run.rerun),
      ),
    ),
    data.inputs.length === 0
      ? h('p', {}, 'The saved run does not name the files it read.')
      : dataTable({
          name: `${plural(data.inputs.length, 'file')} as read`,
          head: ['file', 'bytes', 'SHA-256'],
          rows: data.inputs.map(({ file, bytes, sha256 }) => [file, bytes, sha256]),
        }),
    ...list(
      'Read, but not simulated',
      notSimulated.map(({ what, why, file, line }) => `${what} (${file}:${line}): ${why}`),
    ),
    ...list('Taken for granted', assumptions),
    ...list('Left out of this page', cut),
    h(
      'p',
      { class: 'note' },
      `Simulated: ${data.runs.map(({ run, title }) => `${title}: ${duration(run.end)}, ${plural(run.events, 'event')}, digest ${run.digest || 'none'}`).join('; ')}. ${count(data.runs.length)} in this page.`,
    ),
  );
}

function unique<T>(list: readonly T[]): T[] {
  return [...new Map(list.map((one) => [JSON.stringify(one), one])).values()];
}
