// LL001: a port that says tcp is balanced by connection.
import { defineRule } from '../rule.ts';

export const ll001 = defineRule({
  id: 'LL001',
  title: 'gRPC or HTTP on a port that is taken for TCP',
  severity: 'warning',
  symptom: 'One client, one server pod: the others idle.',
  cause:
    "The protocol comes from the port's name or appProtocol. TCP is balanced once per connection, and routes, retries and HTTP counters do not apply.",
  fix: 'Name the port grpc-… or http-…, or set appProtocol.',
  example: 'P88-grpc-as-tcp',
  *check(subject) {
    for (const service of subject.services)
      for (const port of service.ports) {
        if (port.protocol !== 'TCP') continue;
        const isCalled = subject.uses.some(({ resolution }) =>
          resolution.targets.some(
            ({ cluster }) =>
              cluster.startsWith(`outbound|${port.port}|`) && cluster.endsWith(`|${service.hostname}`),
          ),
        );
        const isGrpc =
          /grpc|http/i.test(port.name.replace(/^tcp/, '')) ||
          subject
            .workloadsOf(service)
            .some(
              ({ name }) =>
                Object.hasOwn(subject.scenario.behavior, name) && subject.scenario.behavior[name]!.http2,
            );
        if (!isCalled && !isGrpc) continue;
        yield {
          at: service.origin ?? subject.kubeServicesOf(service)[0]?.origin,
          key: `${service.hostname} ${port.port}`,
          message: `port ${port.port} of ${subject.nameOf(service)} is named "${port.name}": ${isGrpc ? 'gRPC' : 'HTTP'} will be balanced per connection, without routes, retries and HTTP counters.`,
          hint: `name it ${isGrpc ? 'grpc' : 'http'}-${port.name.replace(/^tcp-?/, '') || 'api'}`,
        };
      }
  },
});
