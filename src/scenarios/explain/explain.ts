// `foresail explain`: simulates the scenario once, keeps the request that is asked about, and tells hop by hop what decided its way.
import { runWorld } from '../../models/run/run-world.ts';
import type { RequestSample } from '../../models/world.ts';
import { planScenario } from '../plan/plan-scenario.ts';
import { ScenarioError } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import { VERSION } from '../version.ts';
import { explainHop, summaryOf } from './explain-hop.ts';
import type { Explanation } from './explanation.ts';
import { type HopQuestion, hopsOf, isFromTo, unaskedHop } from './question.ts';
import { clock, Scene } from './scene.ts';
import { whyNot } from './why-not.ts';

export interface Question {
  /** Absent = the first load. */
  load?: string;
  /** From 1; absent = 1, or the first from `atNs` on. */
  request?: number;
  from?: string;
  to?: string;
  atNs?: number;
  /** Path of a call that the scenario does not make; default "/". */
  path?: string;
  whyNot?: string;
  /** Every hop, not only the one that matters most. */
  all?: boolean;
  seed?: string | number;
}

/** Requests of each load that are looked through for a call from A to B. */
const MOST_LOOKED_AT = 500;

/** A question that has no answer comes back as a sentence. @throws ScenarioError */
export function explain(scenario: Scenario, question: Question): Explanation | { problem: string } {
  const plan = planScenario(scenario);
  if (plan.diagnostics.some(({ severity }) => severity === 'error'))
    throw new ScenarioError(plan.diagnostics);
  const { loads } = plan.world;
  const isSearch = question.from !== undefined || question.to !== undefined || question.atNs !== undefined;
  const byNumber = question.request !== undefined || !isSearch;
  const wanted = question.load ?? loads[0]?.name;
  if (question.load !== undefined && !loads.some(({ name }) => name === question.load))
    return {
      problem: `there is no load "${question.load}" (known: ${loads.map(({ name }) => name).join(', ')})`,
    };
  const number = question.request ?? 1;
  const run = runWorld({
    ...plan.world,
    seed: question.seed ?? scenario.seed,
    replication: 0,
    sampleRequests: loads.length * (byNumber ? 1 : MOST_LOOKED_AT),
    sampleFrom: byNumber ? { index: number - 1 } : { ns: question.atNs ?? 0 },
  });
  const scene = new Scene(scenario, plan, run);
  const explanation: Explanation = {
    foresail: VERSION,
    scenario: {
      name: scenario.name,
      file: scenario.file,
      seed: question.seed ?? scenario.seed,
      istioVersion: scenario.istioVersion,
      variant: scenario.variant,
    },
    question: questionWords(question, wanted, number),
    request: null,
    hops: [],
    explained: [],
    whyNot: null,
    notes: [],
  };
  if (question.whyNot !== undefined) {
    const atNs = question.atNs ?? startOf(scene, question.load);
    const answer = whyNot(scene, {
      target: question.whyNot,
      atNs,
      ...(question.from !== undefined && { from: question.from }),
      ...(question.to !== undefined && { to: question.to }),
    });
    if ('problem' in answer) return answer;
    explanation.whyNot = answer;
    return explanation;
  }
  const samples = run.samples.filter(
    (sample) => question.load === undefined || sample.load === question.load,
  );
  const found = byNumber
    ? firstOf(
        scene,
        samples.filter(({ load }) => load === wanted),
        question,
      )
    : firstOf(scene, samples, question);
  if (found) return answered(scene, explanation, found.sample, found.hop, question);
  if (byNumber) {
    const sent = run.loads.filter(({ load }) => load === wanted).reduce((sum, row) => sum + row.requests, 0);
    const sample = samples.find(({ load }) => load === wanted);
    if (!sample)
      return { problem: `load ${wanted ?? ''} sends ${sent} requests; there is no request ${number}` };
    const hops = hopsOf(scene, sample).map(
      (hop) => `${scene.workloadOf(hop.caller)} -> ${summaryOf(scene, hop).to}`,
    );
    return { problem: `request ${number} of ${wanted} does not go there; it goes ${hops.join(', ')}` };
  }
  return unasked(scene, explanation, question);
}

/** The first request with a hop that was asked for; without from and to the hop that matters most. */
function firstOf(
  scene: Scene,
  samples: readonly RequestSample[],
  question: Question,
): { sample: RequestSample; hop: HopQuestion } | undefined {
  let best: { sample: RequestSample; hop: HopQuestion } | undefined;
  for (const sample of samples) {
    const hops = hopsOf(scene, sample);
    const hop =
      question.from === undefined && question.to === undefined
        ? mattersMost(hops)
        : hops.find((entry) => isFromTo(scene, entry, question.from, question.to));
    if (hop && (!best || hop.atNs < best.hop.atNs)) best = { sample, hop };
  }
  return best;
}

/** The deepest hop that failed, else one that was tried more than once, else the user's own. */
function mattersMost(hops: readonly HopQuestion[]): HopQuestion | undefined {
  const byDepth = [...hops].sort((a, b) => b.depth - a.depth);
  return (
    byDepth.find(({ hop }) => hop !== undefined && (hop.status >= 500 || hop.status === 0)) ??
    byDepth.find(({ hop }) => (hop?.attempts.length ?? 0) > 1) ??
    hops[0]
  );
}

function answered(
  scene: Scene,
  explanation: Explanation,
  sample: RequestSample,
  chosen: HopQuestion,
  question: Question,
): Explanation {
  const hops = hopsOf(scene, sample);
  explanation.request = {
    load: sample.load,
    number: sample.index + 1,
    at: sample.startNs / 1e9,
    end: sample.endNs / 1e9,
    status: sample.status,
    flags: sample.flags,
  };
  explanation.hops = hops.map((hop) => summaryOf(scene, hop));
  explanation.explained = (question.all ? hops : [chosen]).map((hop) => explainHop(scene, hop));
  return explanation;
}

/** No request does it: what the configuration would do. */
function unasked(
  scene: Scene,
  explanation: Explanation,
  question: Question,
): Explanation | { problem: string } {
  const { from, to } = question;
  const atNs = question.atNs ?? 0;
  if (from === undefined || to === undefined) {
    const what = from !== undefined ? `from ${from}` : to !== undefined ? `to ${to}` : '';
    return {
      problem: `no request ${what ? `goes ${what}` : 'starts'} at or after ${clock(atNs)}; the run ends at ${clock(scene.run.endNs)}${to !== undefined && from === undefined ? '; --from WORKLOAD asks the configuration alone' : ''}`,
    };
  }
  const hop = unaskedHop(scene, from, to, atNs, question.path ?? '/');
  if ('problem' in hop) return hop;
  explanation.explained = [explainHop(scene, hop)];
  explanation.notes.push(
    `no request of the scenario goes from ${from} to ${to} at or after ${clock(atNs)}: this is what the configuration would do with GET ${hop.request.path}`,
  );
  return explanation;
}

function startOf(scene: Scene, load: string | undefined): number {
  const windows = scene.plan.loadWindows;
  return (load === undefined ? [...windows.values()][0] : windows.get(load))?.fromNs ?? 0;
}

function questionWords(question: Question, load: string | undefined, number: number): string {
  const way = `${question.from !== undefined ? ` from ${question.from}` : ''}${question.to !== undefined ? ` to ${question.to}` : ''}`;
  const when = question.atNs !== undefined ? ` at ${clock(question.atNs)}` : '';
  if (question.whyNot !== undefined) return `why does ${question.whyNot} get nothing${way}${when}?`;
  if (question.request !== undefined || (way === '' && when === ''))
    return `request ${number} of ${load ?? 'no load'}${way}`;
  return `the first call${way}${when}`;
}
