// GW004: the door that is knocked at.
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const gw004 = defineRule({
  id: 'GW004',
  title: 'Requests come to a gateway port where nothing listens',
  severity: 'error',
  symptom: 'Connection refused at the gateway.',
  cause: 'A gateway listens on the ports that Gateway objects name for its labels, and on no others.',
  fix: 'Name the port in a Gateway server whose selector fits the gateway.',
  *check(subject) {
    for (const { site, client, caller, resolution } of subject.uses) {
      if (client.node.type !== 'router' || site.load === undefined || resolution.listener !== null) continue;
      const { listeners } = subject.plan.world.proxies[client.proxy]!.config;
      const ports = [
        ...new Set(
          listeners
            .filter((one) => one.trafficDirection !== 'INBOUND')
            .map((one) => String(one.address.port)),
        ),
      ];
      const load = subject.scenario.load.find((one) => one.name === site.load);
      yield {
        at: subject.configs('Gateway')[0]?.origin ?? load?.origin,
        key: `${caller} ${site.port}`,
        message: `load ${site.load} asks ${caller} on port ${site.port}, where no Gateway listens${ports.length > 0 ? ` (it listens on ${listed(ports)})` : ''}.`,
        hint: 'add the port to a Gateway that selects this gateway',
      };
    }
  },
});
