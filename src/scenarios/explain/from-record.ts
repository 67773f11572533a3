// The same answer from a saved result: what its record holds of a sampled request, without any of the user's files. Routes and their lines
// are not in a record; clusters, endpoints, ejections and tries are.

import { isService } from '../outcome/selection.ts';
import { splitHost } from '../plan/behaviours.ts';
import type { RecordedHop, RecordedRequest, Recording } from '../record/recording.ts';
import type { ScenarioResult } from '../result.ts';
import type { Question } from './explain.ts';
import type { Explanation, HopSummary } from './explanation.ts';
import { resolvedSteps } from './record-steps.ts';
import { clusterParts } from './scene.ts';

export interface Saved {
  result: ScenarioResult;
  record: Recording;
}

export function explainRecord(
  runs: readonly Saved[],
  question: Question,
  variant: string | undefined,
): Explanation | { problem: string } {
  const wanted = variant ?? null;
  // A file that holds one run needs no name for it.
  const saved =
    runs.find(({ result }) => result.scenario.variant === wanted) ??
    (variant === undefined && runs.length === 1 ? runs[0] : undefined);
  if (!saved) {
    const known = runs.map(({ result }) => result.scenario.variant ?? 'the base');
    return { problem: `the file holds no variant "${variant}" (it has ${known.join(', ')})` };
  }
  const { result, record } = saved;
  const file = result.scenario.file;
  if (question.whyNot !== undefined)
    return {
      problem: `--why-not needs the scenario, not its result: foresail explain ${file} --why-not ${question.whyNot}`,
    };
  const load = question.load ?? record.loads[0]?.name;
  const isSearch = question.from !== undefined || question.to !== undefined || question.atNs !== undefined;
  const index = question.request === undefined ? (isSearch ? undefined : 0) : question.request - 1;
  const requests = record.requests.filter(
    (request) =>
      (index === undefined ? question.load === undefined || request.load === load : request.load === load) &&
      (index === undefined || request.index === index),
  );
  for (const request of requests) {
    const hop = chosenHop(record, request, question);
    if (hop) return answered(saved, request, hop, question);
  }
  const kept = record.requests.filter((request) => request.load === load).map((request) => request.index + 1);
  return {
    problem: `the record keeps no such request (it has ${kept.length} of load ${load}${kept.length > 0 ? `: ${kept.slice(0, 10).join(', ')}${kept.length > 10 ? ', ...' : ''}` : ''}); foresail explain ${file} simulates it again`,
  };
}

function chosenHop(record: Recording, request: RecordedRequest, question: Question): RecordedHop | undefined {
  const { from, to } = question;
  const fromSeconds = (question.atNs ?? 0) / 1e9;
  if (from === undefined && to === undefined)
    return request.at >= fromSeconds ? mattersMost(request.hops) : undefined;
  return request.hops.find((hop) => {
    const at = hop.attempts[0]?.at ?? request.at;
    const names = [hop.caller, hop.proxy ?? '', callerOf(record, hop)];
    return (
      at >= fromSeconds &&
      (from === undefined || names.includes(from)) &&
      (to === undefined ||
        isService(splitHost(hop.host).host, to) ||
        isService(clusterParts(hop.cluster ?? '').host, to) ||
        hop.attempts.some(({ server }) => {
          const found = record.servers[server];
          return found?.workload === to || found?.name === to;
        }))
    );
  });
}

/** Workload or gateway of the pod that calls. */
export const callerOf = (record: Recording, hop: RecordedHop): string =>
  record.callers.find(({ pods }) => pods.includes(hop.proxy ?? hop.caller))?.name ?? hop.caller;

function mattersMost(hops: readonly RecordedHop[]): RecordedHop | undefined {
  const byDepth = [...hops].sort((a, b) => b.depth - a.depth);
  return (
    byDepth.find(({ status }) => status >= 500 || status === 0) ??
    byDepth.find(({ attempts }) => attempts.length > 1) ??
    hops[0]
  );
}

function answered(
  saved: Saved,
  request: RecordedRequest,
  chosen: RecordedHop,
  question: Question,
): Explanation {
  const { result, record } = saved;
  const { name, file, seed, istioVersion, variant } = result.scenario;
  const summaries = request.hops.map((hop): HopSummary => summaryOf(record, request, hop));
  const shown = question.all ? request.hops : [chosen];
  return {
    foresail: result.foresail,
    scenario: { name, file, seed, istioVersion, variant },
    question: `request ${request.index + 1} of ${request.load}, as it was recorded`,
    request: {
      load: request.load,
      number: request.index + 1,
      at: request.at,
      end: request.end,
      status: request.status,
      flags: request.flags,
    },
    hops: summaries,
    explained: shown.map((hop) => ({
      ...summaryOf(record, request, hop),
      steps: resolvedSteps(record, hop, summaryOf(record, request, hop).at),
    })),
    whyNot: null,
    notes: [
      `from the record alone; foresail explain ${file} --load ${request.load} --request ${request.index + 1} also tells listener, route and lines`,
    ],
  };
}

function summaryOf(record: Recording, request: RecordedRequest, hop: RecordedHop): HopSummary {
  return {
    depth: hop.depth,
    caller: hop.proxy ?? hop.caller,
    to: hop.cluster ? clusterParts(hop.cluster).service : splitHost(hop.host).host,
    path: hop.path,
    status: hop.status,
    flags: hop.flags,
    tried: hop.attempts.map(({ server, endpoint }) => record.servers[server]?.name ?? endpoint),
    at: hop.attempts[0]?.at ?? request.at,
    end: hop.depth === 0 ? request.end : (hop.attempts.at(-1)?.end ?? request.at),
  };
}
