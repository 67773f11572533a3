// VS013: the gateway listens, and knows no way.
import { defineRule } from '../rule.ts';
import { isForMesh, virtualServices } from '../virtual-services.ts';

export const vs013 = defineRule({
  id: 'VS013',
  title: 'No route takes a request at the gateway',
  severity: 'error',
  symptom: '404 from the gateway, also for services that exist.',
  cause:
    'A gateway forwards only what a VirtualService (or HTTPRoute) that is bound to it matches by host and path.',
  fix: 'Bind a VirtualService with the host and path to the Gateway.',
  *check(subject) {
    for (const { site, client, caller, resolution } of subject.uses) {
      if (client.node.type !== 'router' || site.load === undefined || resolution.table === null) continue;
      if (resolution.route !== null) continue;
      const load = subject.scenario.load.find((one) => one.name === site.load);
      const { host, method, path } = site.request;
      yield {
        at:
          virtualServices(subject).find((config) => !isForMesh(config))?.origin ??
          subject.configs('Gateway')[0]?.origin ??
          load?.origin,
        key: `${caller} ${host} ${path}`,
        message: `${method} ${host}${path} of load ${site.load} gets 404 from ${caller}: ${resolution.virtualHost === null ? 'no VirtualService bound to it has the host' : 'no rule of the VirtualService matches it'}.`,
        hint: 'check hosts, gateways and matches of the VirtualService',
      };
    }
  },
});
