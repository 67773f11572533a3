// SV002: nobody listens behind the Service.
import { defineRule } from '../rule.ts';
import { listed } from '../words.ts';

export const sv002 = defineRule({
  id: 'SV002',
  title: 'A targetPort is no port of the pods',
  severity: 'warning',
  sameAs: ['KIA0701', 'KIA0602'],
  symptom: 'Connection refused: 503 UF.',
  cause:
    'Endpoints get the targetPort; a container that declares other ports probably does not listen there.',
  fix: 'Correct targetPort or containerPort.',
  *check(subject) {
    for (const service of subject.services) {
      const pods = subject.podsOf(service).filter((pod) => pod.containerPorts.length > 0);
      for (const one of subject.kubeServicesOf(service))
        for (const port of one.ports) {
          const target = port.targetPort ?? port.port;
          const own = pods.filter((pod) => pod.cluster === one.cluster);
          if (own.length === 0) continue;
          if (
            own.some((pod) =>
              pod.containerPorts.some(({ name, port: number }) => number === target || name === target),
            )
          )
            continue;
          yield {
            at: one.origin,
            key: `${service.hostname} ${port.port}`,
            message: `Service ${subject.nameOf(service)}: port ${port.port} leads to ${String(target)}, and the pods declare ${listed([...new Set(own.flatMap((pod) => pod.containerPorts.map((entry) => String(entry.port))))])}.`,
            hint: 'correct targetPort',
          };
        }
    }
  },
});
