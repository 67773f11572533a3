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
  ['udp', 'UDP'],
]);
/** Only appProtocol knows these. */
const APP_NAMES = new Map<string, Protocol>([
  ['kubernetes.io/h2c', 'HTTP2'],
  ['kubernetes.io/ws', 'HTTP'],
  ['kubernetes.io/wss', 'HTTPS'],
]);
/** Servers that speak first: sniffing them would wait in vain. */
const WELL_KNOWN = new Map<number, Protocol>([
  [25, 'TCP'],
  [53, 'TCP'],
  [3306, 'MYSQL'],
  [27017, 'MONGO'],
]);

export function protocolOf(port: Record<string, unknown>): Protocol {
  if (port['protocol'] === 'UDP') return 'UDP';
  const app = port['appProtocol'];
  if (typeof app === 'string' && app !== '') {
    const name = app.toLowerCase();
    return APP_NAMES.get(name) ?? NAMES.get(name) ?? 'UNSUPPORTED';
  }
  const name = text(port['name']).toLowerCase();
  if (name.startsWith('grpc-web')) return 'GRPC';
  return (
    NAMES.get(name.split('-')[0]!) ??
    WELL_KNOWN.get(Number(text(port['port']) || Number.NaN)) ??
    'UNSUPPORTED'
  );
}
