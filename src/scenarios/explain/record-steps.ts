// The steps of a recorded hop: caller, cluster, endpoints with priorities and ejections at that time, pick, tries, answer.
import type { RecordedHop, Recording } from '../record/recording.ts';
import type { Step } from './explanation.ts';
import { FLAG_WORDS, type RuleId, rule } from './rules.ts';
import { clock, span } from './scene.ts';

const step = (name: Step['step'], says: string, details: string[] = [], rules: RuleId[] = []): Step => ({
  step: name,
  says,
  details,
  places: [],
  rules: rules.map(rule),
});

/** @param at seconds */
export function resolvedSteps(record: Recording, hop: RecordedHop, at: number): Step[] {
  const steps: Step[] = [callerStep(record, hop)];
  if (hop.proxy === null) steps.push(step('endpoints', 'no sidecar: kube-proxy chose', [], ['IN-2']));
  else if (hop.cluster === null)
    steps.push(step('route', `none led anywhere for ${hop.host}${hop.path}`, [], ['VM-1']));
  else steps.push(...clusterSteps(record, hop, at));
  if (hop.attempts.length > 0) steps.push(attemptsStep(record, hop));
  const flags = hop.flags.map((flag) => `${flag} (${FLAG_WORDS[flag] ?? flag})`).join(', ');
  steps.push(step('response', `${hop.status || 'no answer'}${flags ? ` ${flags}` : ''}`, [], ['router']));
  return steps;
}

function callerStep(record: Recording, hop: RecordedHop): Step {
  const name = hop.proxy ?? hop.caller;
  const caller = record.callers.find(({ pods }) => pods.includes(name));
  const where = caller
    ? ` (${[caller.cluster, caller.zone || caller.region].filter(Boolean).join(', ')})`
    : '';
  return step('caller', `${caller?.kind === 'gateway' ? 'gateway ' : ''}${name}${where}`);
}

function clusterSteps(record: Recording, hop: RecordedHop, at: number): Step[] {
  const caller = record.callers.findIndex(({ pods }) => pods.includes(hop.proxy ?? ''));
  const cluster = record.clusters.find((entry) => entry.caller === caller && entry.name === hop.cluster);
  const first = step('cluster', `${hop.cluster}, route ${hop.route ?? 'none'}`, [], ['DR-1']);
  if (!cluster) return [first];
  if (cluster.origin)
    first.places.push({ what: 'policy', file: cluster.origin.file, line: cluster.origin.line });
  const endpoints = cluster.versions.findLast((version) => version.at <= at)?.endpoints ?? [];
  const ejections = record.ejections.filter(
    (entry) =>
      entry.proxy === hop.proxy &&
      entry.cluster === hop.cluster &&
      entry.at < at &&
      (entry.until === null || entry.until > at),
  );
  const nameOf = (endpoint: { server: number; address: string }) =>
    record.servers[endpoint.server]?.name ?? endpoint.address;
  const priorities = [...new Set(endpoints.map(({ priority }) => priority))].sort((a, b) => a - b);
  const healthy = endpoints.filter(
    ({ health, address }) => health === 'HEALTHY' && !ejections.some(({ endpoint }) => endpoint === address),
  );
  const chosen = hop.attempts[0];
  return [
    first,
    step(
      'endpoints',
      endpoints.length === 0 ? 'none: 503 UH' : `${endpoints.length} in EDS`,
      endpoints
        .slice(0, 12)
        .map(
          (endpoint) =>
            `${nameOf(endpoint)} (${endpoint.locality || 'no locality'}, weight ${endpoint.weight})`,
        ),
      ['EP-40'],
    ),
    step(
      'priorities',
      priorities
        .map(
          (level) =>
            `P${level} {${endpoints
              .filter(({ priority }) => priority === level)
              .map(nameOf)
              .slice(0, 6)
              .join(', ')}}`,
        )
        .join('   ') || 'none',
      [],
      ['priority load'],
    ),
    step(
      'health',
      `${healthy.length} of ${endpoints.length} available, ${cluster.panicThreshold === 0 ? 'panic is off' : `panic below ${cluster.panicThreshold}% healthy`}`,
      ejections.map(
        ({ endpoint, server, at: from, until, reason }) =>
          `${nameOf({ server, address: endpoint })} is ejected from ${clock(from * 1e9)} ${until === null ? 'to the end' : `to ${clock(until * 1e9)}`} (${reason})`,
      ),
      ['panic'],
    ),
    ...(chosen
      ? [
          step(
            'pick',
            `${cluster.lbPolicy} -> ${nameOf({ server: chosen.server, address: chosen.endpoint })} (P${chosen.priority}, worker ${hop.worker})`,
          ),
        ]
      : []),
  ];
}

function attemptsStep(record: Recording, hop: RecordedHop): Step {
  const words = hop.attempts.map(
    ({ at, end, server, endpoint, outcome }, i) =>
      `${clock(at * 1e9)} ${i === 0 ? 'first try' : `retry ${i}`} ${record.servers[server]?.name ?? endpoint}: ${/^\d+$/.test(outcome) ? `answered ${outcome}` : outcome || 'no answer'} after ${span((end - at) * 1e9)}`,
  );
  return words.length === 1
    ? step('attempts', words[0]!, [], ['retry state'])
    : step('attempts', `${words.length} tries`, words, ['retry state']);
}
