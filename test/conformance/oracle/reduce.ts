// One simulated run in the words of the recorded ones: counts, hits, statuses, flags, picks, phases, ejections, figures.
import type { HopSample, RequestSample, RunResult } from '../../../src/models/world.ts';
import type { Json } from './json.ts';
import type { CaseWorld } from './world-of-case.ts';

export interface RecordedEvent {
  t: number;
  backend: string;
  action: string;
}

export interface Tallied {
  counts: number[];
  hits: number[];
  status: Record<string, number>;
  flags: Record<string, number>;
  picks: string;
}

export interface ReducedRun extends Tallied {
  phases?: Record<string, Tallied>;
  ejections: RecordedEvent[];
  figures: Record<string, number>;
}

/** Flags that Envoy sets before others; the rest follow in the order of the product's list. */
const FIRST_FLAGS = ['DI', 'FI', 'URX', 'UO'];
const PICKS = 64;

const empty = (backends: number): Tallied => ({
  counts: Array.from({ length: backends }, () => 0),
  hits: Array.from({ length: backends }, () => 0),
  status: {},
  flags: {},
  picks: '',
});

export function reduceRun(given: Json, { script, startNs }: CaseWorld, result: RunResult): ReducedRun {
  const ids: string[] = given.backends.map((entry: Json) => entry.id);
  const total = empty(ids.length);
  const phases = new Map(script.labels.map((label) => [label, empty(ids.length)]));
  const homes = new Map<string, Set<number>>();
  const ordered = result.samples
    .map((sample, i) => ({ sample, i }))
    .sort((a, b) => a.sample.startNs - b.sample.startNs || a.i - b.i);
  for (const { sample } of ordered) {
    const label = script.labelOf.get(sample.load)!;
    const answer = answerOf(given, sample);
    for (const into of [total, phases.get(label)!]) add(into, sample, answer);
    const kind = script.turnsOf.get(sample.load)!;
    if (kind && answer.client >= 0) {
      const key = `${label}/${kind}${sample.turn}`;
      if (!homes.has(key)) homes.set(key, new Set());
      homes.get(key)!.add(answer.client);
    }
  }
  const ejections = eventsOf(ids, result, startNs);
  return {
    ...total,
    ...(script.labels.length > 1 && { phases: Object.fromEntries(phases) }),
    ejections,
    figures: figuresOf(given, ids, result, startNs, ejections, homes),
  };
}

/** Who answered the client, and whose answer counts (the inner one behind a backend that calls on). */
function answerOf(given: Json, sample: RequestSample) {
  const outer = sample.hops[0];
  const last = outer?.attempts.at(-1);
  const client = isAnswered(last) && lastStatus(last) === sample.status ? last!.server : -1;
  if (client < 0) {
    const isKnownHost = last !== undefined && last.outcome !== 'overflow' && !outer!.flags.includes('UH');
    return { client, server: -1, letter: isKnownHost ? last!.server : -1 };
  }
  const calls = given.backends[client].call;
  if (!calls) return { client, server: client, letter: client };
  const inner = sample.hops.filter((hop) => hop.depth === 1).at(-1);
  const server = inner && inner.status === 200 ? (inner.attempts.at(-1)?.server ?? -1) : -1;
  return { client, server, letter: client };
}

type Attempt = HopSample['attempts'][number];
const lastStatus = (attempt: Attempt | undefined) => Number(attempt?.outcome);
const isAnswered = (attempt: Attempt | undefined) => attempt !== undefined && lastStatus(attempt) >= 100;

function add(into: Tallied, sample: RequestSample, answer: { server: number; letter: number }): void {
  if (answer.server >= 0) into.counts[answer.server]!++;
  for (const hop of sample.hops)
    for (const attempt of hop.attempts)
      if (attempt.isSent && attempt.server >= 0) into.hits[attempt.server]!++;
  const status = String(sample.status);
  into.status[status] = (into.status[status] ?? 0) + 1;
  if (sample.flags.length > 0) {
    const rank = (flag: string) => (FIRST_FLAGS.includes(flag) ? FIRST_FLAGS.indexOf(flag) : 9);
    const flags = [...sample.flags].sort((a, b) => rank(a) - rank(b)).join(',');
    into.flags[flags] = (into.flags[flags] ?? 0) + 1;
  }
  if (into.picks.length < PICKS)
    into.picks +=
      answer.server >= 0
        ? letterOf(answer.server)
        : answer.letter >= 0
          ? letterOf(answer.letter).toLowerCase()
          : '-';
}

const letterOf = (server: number) => String.fromCharCode(65 + server);

const HEALTH_ACTIONS = {
  out: 'HC_OUT',
  in: 'HC_IN',
  degraded: 'HC_DEGRADED',
  notDegraded: 'HC_NOT_DEGRADED',
};

function eventsOf(ids: string[], result: RunResult, startNs: number): RecordedEvent[] {
  const seconds = (atNs: number) => Math.floor((atNs - startNs) / 1e6) / 1000;
  const events: RecordedEvent[] = [];
  const returned = new Set<string>();
  for (const record of result.ejections) {
    const backend = ids[record.server]!;
    events.push({ t: seconds(record.atNs), backend, action: 'EJECT' });
    const key = `${backend}/${record.untilNs}`;
    if (record.untilNs === null || record.hasLeft || returned.has(key)) continue;
    returned.add(key);
    events.push({ t: seconds(record.untilNs), backend, action: 'UNEJECT' });
  }
  for (const event of result.healthEvents ?? [])
    if (event.atNs >= startNs)
      events.push({
        t: seconds(event.atNs),
        backend: ids[event.server]!,
        action: HEALTH_ACTIONS[event.kind],
      });
  return events.sort((a, b) => a.t - b.t);
}

function figuresOf(
  given: Json,
  _ids: string[],
  result: RunResult,
  startNs: number,
  events: RecordedEvent[],
  homes: Map<string, Set<number>>,
): Record<string, number> {
  const figures: Record<string, number> = {};
  const servers = result.serverFigures!;
  if (events.length > 0) {
    const out = new Set<string>();
    let most = 0;
    for (const event of events) {
      if (event.action === 'EJECT') out.add(event.backend);
      if (event.action === 'UNEJECT') out.delete(event.backend);
      most = Math.max(most, out.size);
    }
    figures['max_ejected_at_once'] = most;
  }
  if (given.figures || given.backends.some((entry: Json) => entry.http2 || entry.figures)) {
    figures['conns_total'] = servers.reduce((sum, server) => sum + server.connections, 0);
    figures['max_active'] = result.maxActive!;
  }
  const mirrored = servers.reduce((sum, server) => sum + server.mirrored, 0);
  if (mirrored > 0) figures['mirror_total'] = mirrored;
  const checks = servers.reduce((sum, server) => sum + (server.healthChecks[1] ?? 0), 0);
  if (servers.some((server) => server.healthChecks.some((n) => n > 0))) figures['hc_hits_total'] = checks;
  const marks = result.timeline.filter((entry) => entry.kind === 'mark').map((entry) => entry.atNs);
  const named = {
    HC_OUT: 'hc_out_after_s',
    HC_IN: 'hc_in_after_s',
    HC_DEGRADED: 'hc_degraded_after_s',
    HC_NOT_DEGRADED: 'hc_undegraded_after_s',
  };
  for (const event of events) {
    const name = named[event.action as keyof typeof named];
    const before = marks.filter((atNs) => atNs <= startNs + event.t * 1e9);
    if (name && before.length > 0 && !(name in figures))
      figures[name] = Math.round(event.t * 1000 - (before.at(-1)! - startNs) / 1e6) / 1000;
  }
  if (homes.size > 0) figures['keys_on_two_hosts'] = [...homes.values()].filter((set) => set.size > 1).length;
  const cookies = result.loads.reduce((sum, row) => sum + (row.setCookies ?? 0), 0);
  if (cookies > 0) figures['set_cookies'] = cookies;
  for (const [name, pattern] of Object.entries<string>(given.stat_figures ?? {})) {
    const wanted = new RegExp(pattern);
    figures[name] = Object.values(result.stats!)
      .flatMap((stats) => Object.entries(stats))
      .reduce((sum, [key, value]) => (wanted.test(key.replace(/^cluster\./, '')) ? sum + value : sum), 0);
  }
  return figures;
}
