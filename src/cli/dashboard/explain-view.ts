// One request told hop by hop: route, cluster, priorities at that time, every try, and where the policy is written.
import type { RecordedHop, RecordedRequest, Recording } from '../../scenarios/record/recording.ts';
import { duration } from '../output/figures.ts';
import { shellWord } from '../shell-word.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, say, strong, toHeight, wrapped } from './line.ts';
import { statusText } from './requests-view.ts';
import { type State, savedRun } from './state.ts';

export function explainView(state: State, width: number, height: number, glyphs: Glyphs): Line[] {
  const { record } = savedRun(state);
  const request = record.requests[state.explained ?? -1];
  if (!request) return toHeight([], height);
  const { file } = savedRun(state).result.scenario;
  const lines = [
    ...explained(request, record, glyphs),
    [],
    [
      say(
        ` every rule of it: foresail explain ${shellWord(file)} --load ${shellWord(request.load)} --request ${request.index + 1}`,
        'dim',
      ),
    ],
  ].flatMap((line) => wrapped(line, width));
  const first = Math.min(state.scroll, Math.max(0, lines.length - height));
  return toHeight(lines.slice(first), height);
}

export function explained(request: RecordedRequest, record: Recording, glyphs: Glyphs): Line[] {
  const hasFailed = request.status >= 500 || request.status === 0;
  const lines: Line[] = [
    [
      strong(` REQUEST ${request.index + 1} of ${request.load}`),
      say(` at ${request.at.toFixed(3)}s  `),
      say(`${hasFailed ? glyphs.bad : glyphs.ok} ${statusText(request)}`, hasFailed ? 'bad' : 'good'),
      say(` ${request.flags.join(',')} after ${duration(request.end - request.at)}`),
      say('   esc back, j k scroll', 'dim'),
    ],
  ];
  for (const [index, hop] of request.hops.entries()) lines.push([], ...hopLines(hop, index, record, glyphs));
  return lines;
}

function hopLines(hop: RecordedHop, index: number, record: Recording, glyphs: Glyphs): Line[] {
  const indent = ' '.repeat(1 + 2 * Math.min(hop.depth, 6));
  const hasFailed = hop.status >= 500 || hop.status === 0;
  const lines: Line[] = [
    [
      strong(`${indent}${index + 1} ${hop.proxy ?? hop.caller}`),
      say(` ${glyphs.arrow} ${hop.host}${hop.path}  `),
      say(`${hasFailed ? glyphs.bad : glyphs.ok} ${statusText(hop)}`, hasFailed ? 'bad' : 'good'),
      say(hop.flags.length > 0 ? ` ${hop.flags.join(',')}` : '', 'warn'),
    ],
  ];
  if (hop.proxy === null) lines.push([say(`${indent}  no proxy: kube-proxy chooses a pod at random`, 'dim')]);
  else
    lines.push([
      say(`${indent}  worker ${hop.worker}; route ${hop.route ?? 'none'}; `, 'dim'),
      say(hop.cluster ?? 'no cluster', hop.cluster === null ? 'bad' : 'dim'),
    ]);
  lines.push(...clusterLines(hop, indent, record));
  if (hop.location !== undefined) lines.push([say(`${indent}  redirected to ${hop.location}`)]);
  for (const [number, attempt] of hop.attempts.entries()) {
    const isGood = /^[1-4]\d\d$/.test(attempt.outcome);
    lines.push([
      say(`${indent}  try ${number + 1} at ${attempt.at.toFixed(3)}s P${attempt.priority} `),
      say(`${record.servers[attempt.server]?.name ?? attempt.endpoint} `),
      say(`${isGood ? glyphs.ok : glyphs.bad} ${attempt.outcome || 'no answer'}`, isGood ? 'good' : 'bad'),
      say(` in ${duration(attempt.end - attempt.at)}`),
      say(` (${attempt.locality || 'no locality'}, ${attempt.endpoint})`, 'dim'),
    ]);
  }
  if (hop.attempts.length === 0) lines.push([say(`${indent}  nobody was tried`, 'warn')]);
  return lines;
}

/** What the proxy could choose from when it chose. */
function clusterLines(hop: RecordedHop, indent: string, record: Recording): Line[] {
  const cluster = record.clusters.find(
    (entry) => entry.name === hop.cluster && record.callers[entry.caller]!.pods.includes(hop.proxy ?? ''),
  );
  const at = hop.attempts[0]?.at;
  if (!cluster || at === undefined) return [];
  const version = cluster.versions.findLast((entry) => entry.at <= at);
  const out = record.ejections.filter(
    (entry) =>
      entry.proxy === hop.proxy &&
      entry.cluster === cluster.name &&
      entry.at <= at &&
      (entry.until === null || entry.until > at),
  );
  const levels = new Map<number, number>();
  for (const { priority } of version?.endpoints ?? []) levels.set(priority, (levels.get(priority) ?? 0) + 1);
  const words = [...levels].sort(([a], [b]) => a - b).map(([priority, hosts]) => `P${priority} ${hosts}`);
  const hosts = [...levels.values()].reduce((sum, value) => sum + value, 0);
  return [
    [
      say(
        `${indent}  ${cluster.lbPolicy} over ${words.join(', ') || 'no'} ${hosts === 1 ? 'endpoint' : 'endpoints'}, ${out.length} ejected`,
        'dim',
      ),
    ],
    ...(cluster.origin
      ? [[say(`${indent}  policy at ${cluster.origin.file}:${cluster.origin.line}`, 'dim')]]
      : []),
  ];
}
