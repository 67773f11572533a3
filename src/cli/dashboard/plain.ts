// The same facts as lines, for pipes, CI and screen readers: what happened when, with the figures at regular times, then the verdict.
import { titleOf } from '../outcome.ts';
import { count, duration, percent } from '../output/figures.ts';
import type { SavedRun } from '../read-run.ts';
import { countIn, Moment, shortName } from './run-in-time.ts';

/** How often the figures are told in a run. */
const REPORTS = 10;

export function plainLines(saved: SavedRun): string[] {
  const { result, record } = saved;
  const { scenario } = result;
  return [
    `${titleOf(result)}: istio ${scenario.istioVersion}, seed ${scenario.seed}, ${count(record.requestsSeen)} requests in ${Number(record.end.toFixed(3))} simulated seconds`,
    ...whatHappened(saved),
    ...endpointLines(saved, record.end),
    ...verdictLines(saved),
  ];
}

/** Faults, events and figures in order of time. */
function* whatHappened(saved: SavedRun): Generator<string> {
  const { result, record } = saved;
  const entries: { at: number; text: string }[] = [
    ...record.faults.map(({ at, until, text }) => ({
      at,
      text: `fault ${text}${until === null ? '' : ` until ${moment(until)}`}`,
    })),
    ...result.timeline.map(({ at, text }) => ({ at, text })),
  ];
  for (let i = 1; i <= REPORTS; i++) {
    const at = (record.end * i) / REPORTS;
    entries.push({ at, text: figuresAt(saved, at) });
  }
  // Sorting is stable: of one moment, faults come before what they cause, and figures last.
  entries.sort((a, b) => a.at - b.at);
  for (const { at, text } of entries) yield `${moment(at)} ${text}`;
}

const moment = (at: number): string => `${at.toFixed(3)}s`;

/** Rate, errors, latency of the last seconds, and who answered the services that have a choice. */
export function figuresAt(saved: SavedRun, at: number): string {
  const now = new Moment(saved, at);
  const { record } = now;
  const requests = now.user('requests', now.recent);
  const parts = [`${count(now.perSecond(requests, now.recent))} requests/s`];
  if (requests > 0) {
    const p95 = now.worstLatency(
      record.loads.map(({ series }) => series),
      'p95',
      now.recent,
    );
    parts.push(`errors ${percent(now.user('failed', now.recent) / requests)}`, `p95 ${duration(p95)}`);
  }
  for (const [service, name] of record.services.entries()) {
    const kinds = answersNow(now, service);
    const all = [...kinds.values()].reduce((sum, value) => sum + value, 0);
    if (kinds.size < 2 || all === 0) continue;
    const shares = [...kinds].map(([kind, value]) => `${kind} ${percent(value / all)}`);
    parts.push(`${shortName(name)}: ${shares.join(' ')}`);
  }
  return parts.join(', ');
}

function answersNow(now: Moment, service: number): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const row of now.trafficTo(service))
    for (const { server, counts } of row.answers) {
      const kind = now.record.servers[server]?.workload ?? 'nobody';
      kinds.set(kind, (kinds.get(kind) ?? 0) + countIn(counts, now.recent));
    }
  return new Map([...kinds].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Of every service with more than one endpoint. */
export function* endpointLines(saved: SavedRun, at: number): Generator<string> {
  const now = new Moment(saved, at);
  const { record } = now;
  for (const cluster of record.clusters) {
    const version = cluster.versions.findLast((entry) => entry.at <= at) ?? cluster.versions[0];
    if (!version || cluster.versions.every(({ endpoints }) => endpoints.length < 2)) continue;
    const caller = record.callers[cluster.caller]!;
    const tries = record.traffic.find(
      (row) => row.caller === cluster.caller && row.service === cluster.service,
    )?.tries;
    if (!tries) continue;
    yield `endpoints of ${shortName(record.services[cluster.service]!)}${cluster.subset ? ` subset ${cluster.subset}` : ''} for ${caller.name}${caller.cluster && ` in ${caller.cluster}`}:`;
    for (const { server, address, priority, locality, health } of version.endpoints) {
      const row = tries.find((entry) => entry.server === server);
      const out = now.ejectedNow(server, cluster.name, cluster.caller);
      const words = [
        `priority ${priority}`,
        locality || 'no locality',
        out.length > 0 ? 'ejected' : health === 'HEALTHY' ? now.stateOf(server) : health.toLowerCase(),
        `${count(row ? countIn(row.counts, now.total) : 0)} tries`,
        `${count(row ? countIn(row.failed, now.total) : 0)} failed`,
      ];
      yield `  ${record.servers[server]?.name ?? address}: ${words.join(', ')}`;
    }
  }
}

function* verdictLines({ result }: SavedRun): Generator<string> {
  for (const { ok, name, got, file, line } of result.expectations)
    yield `${ok ? 'ok' : 'FAILED'} ${name}: got ${got} (${file}:${line})`;
}
