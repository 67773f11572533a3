// SV001: a port that says nothing is guessed.
import { defineRule } from '../rule.ts';

export const sv001 = defineRule({
  id: 'SV001',
  title: 'A port name says no protocol',
  severity: 'info',
  sameAs: ['IST0118', 'KIA0601'],
  symptom: 'HTTP rules do not apply to the first bytes of connections that are guessed wrongly.',
  cause: 'Without a protocol in the name (http-…) or appProtocol Envoy sniffs.',
  fix: 'Name ports http, http-NAME, grpc-NAME, tcp-NAME.',
  *check(subject) {
    for (const service of subject.services) {
      // Gateway listeners come from Gateway objects, whatever the Service in front calls its ports.
      if (subject.state.pods.some((pod) => pod.isGateway && pod.workload.name === service.name)) continue;
      for (const port of service.ports) {
        if (port.protocol !== 'UNSUPPORTED' || service.registry === 'External') continue;
        yield {
          at: service.origin ?? subject.kubeServicesOf(service)[0]?.origin,
          key: `${service.hostname} ${port.port}`,
          message: `port ${port.port} of ${subject.nameOf(service)}${port.name ? ` ("${port.name}")` : ''} names no protocol: it is sniffed.`,
          hint: `name it http-${port.name || 'web'}, or set appProtocol: http`,
        };
      }
    }
  },
});
