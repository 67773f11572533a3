// MC005: DNS answers from the caller's own cluster.
import { resolveShortName } from '../../../models/istio/host-name.ts';
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const mc005 = defineRule({
  id: 'MC005',
  title: "The called Service does not exist in the caller's cluster",
  severity: 'error',
  sameAs: ['IST0170'],
  symptom:
    'The application fails with "no such host", although the service runs in another cluster of the mesh.',
  cause:
    "The name is looked up in the caller's own cluster before any proxy sees the call; only Services of that cluster have DNS entries (unless DNS proxying is on).",
  fix: "Create the same Service object, without pods, in the caller's cluster.",
  *check(subject) {
    for (const { request, caller } of subject.plan.callSites) {
      const name = request.host.replace(/:\d+$/, '');
      const server = subject.plan.world.servers.find((one) => one.name === caller);
      const cluster = server?.labels['cluster'];
      const namespace = server?.labels['namespace'] ?? 'default';
      const full = resolveShortName(name, namespace, subject.mesh.domain);
      const service = subject.services.find(
        ({ hostname, name: short, namespace: home }) =>
          hostname === full || full === `${short}.${home}` || full === `${short}.${home}.svc`,
      );
      if (!service || service.registry === 'External' || cluster === undefined) continue;
      const homes = subject.kubeServicesOf(service).map((one) => one.cluster);
      if (homes.length === 0 || homes.includes(cluster)) continue;
      yield {
        at: subject.kubeServicesOf(service)[0]?.origin,
        key: `${service.hostname} ${cluster}`,
        message: `Service ${subject.nameOf(service)} exists in ${listed(homes)} and not in ${cluster}, where ${caller} runs: the name does not resolve there.`,
        hint: `create the same Service in ${cluster}`,
      };
    }
  },
});
