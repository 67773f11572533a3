// The protocol of a service port: appProtocol, else the first part of its name, else known ports, else sniffed. Rule LI-1.
// Source: istio/istio pkg/config/kube/conversion.go ConvertProtocol, pkg/config/protocol/instance.go Parse (1.31).
import type { Protocol } from '../istio/model.ts';
import { text } from './shape.ts';

const NAMES = new Map<string, Protocol>([
  ['http', 'HTTP'],
  ['http2', 'HTTP2'],
  ['grpc', 'GRPC'],
  ['grpc-web', 'GRPC'],
  ['https', 'HTTPS'],
  ['tls', 'TLS'],
  ['tcp', 'TCP'],
  ['mongo', 'MONGO'],
  ['redis', 'REDIS'],
  ['mysql', 'MYSQL'],
  // A port that Kubernetes knows as TCP stays one, whatever its name says.
  ['udp', 'TCP'],
]);
/** Only appProtocol knows these. */
const APP_NAMES = new Map<string, Protocol>([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
]);
/** SMTP, DNS, MySQL, MongoDB: servers that speak first, so that sniffing them would wait in vain. */
const WELL_KNOWN = new Set([25, 53, 3306, 27017]);

export function protocolOf(port: Record<string, unknown>): Protocol {
  if (port['protocol'] === 'UDP') return 'UDP';
  const app = APP_NAMES.get(text(port['appProtocol']));
  if (app) return app;
  const name = (text(port['appProtocol']) || text(port['name'])).toLowerCase();
  if (name.startsWith('grpc-web')) return 'GRPC';
  const known = NAMES.get(name.split('-')[0]!);
  if (known) return known;
  return typeof port['port'] === 'number' && WELL_KNOWN.has(port['port']) ? 'TCP' : 'UNSUPPORTED';
}
