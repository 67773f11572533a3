// View 1: who calls whom, where the chosen service's requests went against what was expected, rate, errors, latency, and what happened.
import { count, duration, percent } from '../output/figures.ts';
import type { Glyphs } from './glyphs.ts';
import { beside, cell, highlighted, type Line, type Segment, say, strong, toHeight } from './line.ts';
import { selectedRow, serviceRows } from './rows.ts';
import { countIn, eventsUntil, Moment, type Span, shortName } from './run-in-time.ts';
import { barText, secondsLabel, sparkText, timeAxis } from './scale.ts';
import { type State, savedRun } from './state.ts';

/** Narrower, and the two halves stand one below the other. */
const LEAST_FOR_TWO = 76;

export function overview(state: State, width: number, height: number, glyphs: Glyphs): Line[] {
  const now = new Moment(savedRun(state), state.at);
  const services = serviceRows(state);
  const service = services[selectedRow(state)];
  const eventLines = Math.min(6, Math.max(2, Math.floor(height / 6)));
  const top = height - eventLines - 1;
  const right = width >= LEAST_FOR_TWO ? Math.floor(width * 0.56) : width;
  const left = width - right - 1;
  const figures = [...shares(now, service, right, glyphs), [], ...curves(now, right, glyphs)];
  // What room is left tells of other services with a choice.
  for (const other of services) {
    if (other === service || answersByWorkload(now, other).size < 2) continue;
    const more = [[], ...shares(now, other, right, glyphs)];
    if (figures.length + more.length > top) break;
    figures.push(...more);
  }
  const upper =
    width >= LEAST_FOR_TWO
      ? beside(
          [
            { lines: toHeight(topology(now, services, service, left, glyphs), top), width: left },
            { lines: toHeight(figures, top), width: right },
          ],
          say(glyphs.wall, 'dim'),
        )
      : toHeight(figures, top);
  return [...upper, ...toHeight(events(now, width, eventLines + 1, glyphs), eventLines + 1)];
}

/** Callers by place, each with the services that it calls and who answers them now. */
function topology(
  now: Moment,
  services: readonly number[],
  chosen: number | undefined,
  width: number,
  glyphs: Glyphs,
): Line[] {
  const { record } = now;
  const lines: Line[] = [[strong(' TOPOLOGY')]];
  const places = new Map<string, Line[]>();
  const linesAt = (place: { zone: string; region: string; cluster: string }) => {
    const key = `${place.zone || place.region || '(nowhere)'}  ${place.cluster}`;
    const list = places.get(key) ?? [];
    places.set(key, list);
    return list;
  };
  const order = record.callers
    .map((caller, index) => ({ caller, index }))
    .sort((a, b) => Number(b.caller.kind === 'gateway') - Number(a.caller.kind === 'gateway'));
  for (const { caller, index } of order) {
    const target = linesAt(caller);
    target.push(
      caller.kind === 'gateway'
        ? [say(`  ${glyphs.gateway} `, 'accent'), say(caller.name)]
        : workload(now, caller, glyphs),
    );
    for (const row of record.traffic) {
      if (row.caller !== index || !services.includes(row.service)) continue;
      const line = call(now, row, width, glyphs);
      target.push(row.service === chosen ? highlighted(line) : line);
    }
  }
  for (const [place, list] of places)
    lines.push([say(` ${cell(place, width - 2, glyphs.unicode)}`, 'accent')], ...list);
  return lines;
}

function workload(
  now: Moment,
  caller: { name: string; cluster: string; zone: string; pods: readonly string[] },
  glyphs: Glyphs,
): Line {
  const { record } = now;
  const servers = record.servers.flatMap((server, index) =>
    server.workload === caller.name && server.cluster === caller.cluster && server.zone === caller.zone
      ? [{ state: now.stateOf(index), ejected: now.ejectedNow(index).length > 0 }]
      : [],
  );
  const up = servers.filter(({ state }) => state === 'ok').length;
  const isEjected = servers.some(({ ejected }) => ejected);
  const isDown = servers.length > 0 && servers.every(({ state }) => isGone(state));
  const isWell = up === servers.length && !isEjected;
  const sign = isDown ? glyphs.down : isWell ? glyphs.up : glyphs.partly;
  const tone = isDown ? 'bad' : isWell ? 'good' : 'warn';
  const ill = servers.find(({ state }) => state !== 'ok')?.state;
  const note = [ill, isEjected ? 'ejected' : undefined]
    .filter(Boolean)
    .map((word) => ` ${word}`)
    .join('');
  return [
    say(`  ${sign} `, tone),
    say(`${caller.name} `),
    say(`${up}/${servers.length}`, 'dim'),
    say(note, 'bad'),
  ];
}

/** It answers nobody; slow, or failing some or all of its answers, is another matter. */
const isGone = (state: string): boolean => /^(absent|refuse|reset|hang|blackhole)$/.test(state);

function call(now: Moment, row: Moment['record']['traffic'][number], width: number, glyphs: Glyphs): Line {
  const recent = countIn(row.series.requests, now.recent);
  const span = recent > 0 ? now.recent : now.total;
  const all = countIn(row.series.requests, span);
  const failed = countIn(row.series.failed, span);
  const rate = now.perSecond(recent, now.recent);
  const name = cell(
    shortName(now.record.services[row.service]!),
    Math.max(6, Math.min(16, width - 24)),
    glyphs.unicode,
  );
  const figures: Segment[] =
    all === 0
      ? [say('no requests yet', 'dim')]
      : [
          say(`${rate.toFixed(1).padStart(6)}/s `, recent > 0 ? undefined : 'dim'),
          failed > 0
            ? say(`${glyphs.bad} ${percent(failed / all)}`, 'bad')
            : say(glyphs.ok, recent > 0 ? 'good' : 'dim'),
        ];
  const answers = width >= 46 && all > 0 ? answersInWords(now, row, span) : '';
  return [
    say(`    ${glyphs.branch}${glyphs.arrow} `, 'dim'),
    say(`${name} `),
    ...figures,
    say(answers ? `  ${cell(answers, width - 34, glyphs.unicode)}` : '', 'dim'),
  ];
}

/** "v2 100%": who answers this caller, where there are several. */
function answersInWords(now: Moment, row: Moment['record']['traffic'][number], span: Span): string {
  if (row.answers.length < 2) return '';
  const kinds = new Map<string, number>();
  for (const { server, counts } of row.answers) {
    const name = now.record.servers[server]?.workload ?? 'nobody';
    kinds.set(name, (kinds.get(name) ?? 0) + countIn(counts, span));
  }
  const all = [...kinds.values()].reduce((sum, value) => sum + value, 0);
  return [...kinds]
    .filter(([, value]) => value > 0)
    .map(([name, value]) => `${name} ${percent(value / all)}`)
    .join(' ');
}

/** Who answers the service: in the window, in all, and what was expected. */
function shares(now: Moment, service: number | undefined, width: number, glyphs: Glyphs): Line[] {
  if (service === undefined) return [[say(' no service is called')]];
  const { record } = now;
  const window = `${secondsLabel(now.windowSeconds)}`;
  const barWidth = width >= 50 ? 10 : 6;
  const nameWidth = Math.max(8, width - barWidth - 27);
  const lines: Line[] = [
    [
      strong(
        ` SHARE of ${cell(shortName(record.services[service]!), nameWidth + barWidth - 8, glyphs.unicode)}`,
      ),
      say(`${`last ${window}`.padStart(8)}${'total'.padStart(7)}${'expect'.padStart(9)} `, 'dim'),
    ],
  ];
  const kinds = answersByWorkload(now, service);
  const expected = expectedOf(now, service);
  for (const name of expected.keys())
    if (!kinds.has(name) && !name.includes('=')) kinds.set(name, { recent: 0, total: 0 });
  const all = [...kinds.values()].reduce(
    (sum, kind) => ({ recent: sum.recent + kind.recent, total: sum.total + kind.total }),
    { recent: 0, total: 0 },
  );
  for (const [name, { recent, total }] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const share = all.recent > 0 ? recent / all.recent : 0;
    const want = expected.get(name);
    lines.push([
      say(` ${cell(name === 'none' ? 'nobody' : name, nameWidth - 1, glyphs.unicode)} `),
      say(
        cell(barText(share, barWidth, glyphs), barWidth, glyphs.unicode),
        name === 'none' ? 'bad' : 'accent',
      ),
      say(`${all.recent > 0 ? percent(share) : '-'}`.padStart(8)),
      say(`${all.total > 0 ? percent(total / all.total) : '-'}`.padStart(7)),
      say(cell(want ?? '', 9, glyphs.unicode, 'right'), 'dim'),
    ]);
  }
  for (const [name, want] of expected)
    if (name.includes('=')) lines.push([say(` ${name}  expected ${want}`, 'dim')]);
  return lines;
}

function answersByWorkload(now: Moment, service: number): Map<string, { recent: number; total: number }> {
  const kinds = new Map<string, { recent: number; total: number }>();
  for (const row of now.trafficTo(service))
    for (const { server, counts } of row.answers) {
      const name = now.record.servers[server]?.workload ?? 'none';
      const kind = kinds.get(name) ?? { recent: 0, total: 0 };
      kind.recent += countIn(counts, now.recent);
      kind.total += countIn(counts, now.total);
      kinds.set(name, kind);
    }
  return kinds;
}

/** For the load that runs: what an expectation asks, else what the formula gives. By workload, or "label=value". */
function expectedOf(now: Moment, service: number): Map<string, string> {
  const { record, result } = now;
  const name = record.services[service]!;
  const begun = record.loads.filter(({ from }) => from <= now.at);
  const load = begun.findLast(({ to }) => to === null || to >= now.at) ?? begun.at(-1) ?? record.loads[0];
  const expected = new Map<string, string>();
  if (!load) return expected;
  const report = result.services.find((entry) => entry.service === name && entry.load === load.name);
  for (const [workload, share] of Object.entries(report?.closedForm?.by ?? {}))
    expected.set(workload, `~${percent(share)}`);
  for (const wanted of record.wanted) {
    const isOurs = wanted.of === name || wanted.of === shortName(name) || wanted.of === name.split('.')[0];
    if (!isOurs || wanted.caller !== null || (wanted.during !== null && wanted.during !== load.name))
      continue;
    if (wanted.from !== null && wanted.from > now.at) continue;
    if (wanted.what !== 'share' && wanted.what !== 'requests') continue;
    for (const { key, text } of wanted.entries) expected.set(key.replace(/^workload=/, ''), text);
  }
  return expected;
}

function curves(now: Moment, width: number, glyphs: Glyphs): Line[] {
  const { record } = now;
  const cells = Math.max(8, width - 24);
  const axis = timeAxis(0, record.end, cells);
  const binsOf = (index: number) => ({
    from: Math.floor(axis.timeOf(index) / record.binSeconds),
    to: Math.max(
      Math.floor(axis.timeOf(index) / record.binSeconds) + 1,
      Math.floor(axis.timeOf(index + 1) / record.binSeconds),
    ),
  });
  const values = (of: (span: { from: number; to: number }) => number) =>
    Array.from({ length: cells }, (_, index) => {
      const span = binsOf(index);
      return span.from >= now.bins ? undefined : of({ from: span.from, to: Math.min(span.to, now.bins) });
    });
  const series = record.loads.map((load) => load.series);
  const requests = now.user('requests', now.recent);
  const failed = now.user('failed', now.recent);
  const totalFailed = now.user('failed', now.total);
  const row = (name: string, spark: string, figure: string, tone?: Segment['tone']): Line => [
    strong(` ${name.padEnd(7)}`),
    say(spark, tone),
    say(figure.padStart(width - cells - 9)),
  ];
  return [
    row(
      'RATE',
      sparkText(
        values((span) => now.perSecond(now.user('requests', span), span)),
        glyphs,
      ),
      `${count(now.perSecond(requests, now.recent))} req/s`,
      'accent',
    ),
    row(
      'ERRORS',
      sparkText(
        values((span) => {
          const all = now.user('requests', span);
          return all > 0 ? now.user('failed', span) / all : 0;
        }),
        glyphs,
        1,
      ),
      `${requests > 0 ? percent(failed / requests) : '-'}${totalFailed > 0 ? ` (${count(totalFailed)})` : ''}`,
      'bad',
    ),
    row(
      'P95',
      sparkText(
        values((span) => now.worstLatency(series, 'p95', span)),
        glyphs,
      ),
      requests > 0 ? duration(now.worstLatency(series, 'p95', now.recent)) : '-',
      'warn',
    ),
    [
      say(
        ` requests ${count(now.user('requests', now.total))}, failed ${count(totalFailed)}, ejected now ${
          record.ejections.filter(({ at, until }) => at <= now.at && (until === null || until > now.at))
            .length
        }`,
        'dim',
      ),
    ],
  ];
}

/** The newest below; then what comes next. */
function events(now: Moment, width: number, height: number, glyphs: Glyphs): Line[] {
  const past = eventsUntil(now.result, now.at);
  const next = now.result.timeline[past.length];
  const shown = past.slice(-Math.max(1, height - 2));
  const line = (at: number, text: string, tone?: Segment['tone']): Line => [
    say(` ${`${at.toFixed(3)}s`.padStart(10)}  `, tone),
    say(cell(text, width - 14, glyphs.unicode), tone),
  ];
  return [
    [strong(' EVENTS'), say(past.length === 0 ? '  nothing yet' : `  ${count(past.length)} so far`, 'dim')],
    ...shown.map(({ at, text }) => line(at, text)),
    ...(next ? [line(next.at, `next: ${next.text}`, 'dim')] : []),
  ];
}
