// One hop, from the caller to the answer: every step with what decided it.
import { resolveRoute } from '../../models/envoy/resolve-route.ts';
import { attemptsStep, balancingSteps, clusterAt, kubeProxyStep, responseStep } from './balancing-steps.ts';
import type { HopExplanation, HopSummary, Step } from './explanation.ts';
import { type HopQuestion, serviceOf } from './question.ts';
import { callerStep, clusterStep, listenerStep, routeStep, virtualHostStep } from './routing-steps.ts';
import type { Scene } from './scene.ts';

export function summaryOf(scene: Scene, question: HopQuestion): HopSummary {
  const { hop, depth, request, atNs, endNs } = question;
  return {
    depth,
    caller: question.caller,
    to: serviceOf(question),
    path: request.path,
    status: hop ? hop.status : null,
    flags: hop?.flags ?? [],
    tried: (hop?.attempts ?? []).map(({ endpoint }) => scene.podAt(endpoint)),
    at: atNs / 1e9,
    end: endNs === undefined ? null : endNs / 1e9,
  };
}

export function explainHop(scene: Scene, question: HopQuestion): HopExplanation {
  const steps: (Step | null)[] = [callerStep(scene, question)];
  let to = serviceOf(question);
  if (question.proxy >= 0) {
    const config = scene.configOf(question.proxy, question.atNs);
    const found = resolveRoute(config, question.port, question.request);
    steps.push(
      listenerStep(scene, question, found),
      virtualHostStep(question, found),
      routeStep(scene, question, found),
    );
    const name = question.hop?.cluster ?? found.targets[0]?.cluster;
    if (name !== undefined && found.listener) {
      to = serviceOf(question, name);
      const { step, cluster } = clusterStep(scene, question, name);
      steps.push(step);
      if (cluster && cluster.type !== 'ORIGINAL_DST')
        steps.push(
          ...balancingSteps(scene, question, clusterAt(scene, question.proxy, cluster, question.atNs)),
        );
    }
  } else if (scene.podNamed(question.caller)) steps.push(kubeProxyStep(scene, question));
  steps.push(attemptsStep(scene, question), responseStep(question));
  return { ...summaryOf(scene, question), to, steps: steps.filter((step) => step !== null) };
}
