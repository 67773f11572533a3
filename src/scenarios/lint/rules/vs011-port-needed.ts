// VS011: which of the ports?
import { defineRule } from '../rule.ts';
import { allDestinations, isForMesh, virtualServices } from '../virtual-services.ts';

export const vs011 = defineRule({
  id: 'VS011',
  title: 'A destination with several ports names none',
  severity: 'error',
  sameAs: ['IST0112'],
  symptom: '503 NC at the gateway; in the mesh the port that was dialled is taken.',
  cause: 'The port must be named when the service has more than one.',
  fix: 'destination.port.number.',
  *check(subject) {
    for (const config of virtualServices(subject))
      for (const { host, fullHost, port, at } of allDestinations(config, subject)) {
        const service = subject.services.find(({ hostname }) => hostname.toLowerCase() === fullHost);
        if (!service) continue;
        const ports = service.ports.map((one) => one.port);
        if (port === undefined && ports.length > 1)
          yield {
            at,
            message: `VirtualService ${config.name}: destination ${host} has ports ${ports.join(', ')} and none is named.`,
            hint: `add port: { number: ${ports[0]} }`,
            severity: isForMesh(config) ? 'info' : 'error',
          };
        else if (port !== undefined && !ports.includes(port))
          yield {
            at,
            message: `VirtualService ${config.name}: ${host} has no port ${port} (it has ${ports.join(', ')}): 503 NC.`,
            hint: `port: { number: ${ports[0]} }`,
          };
      }
  },
});
