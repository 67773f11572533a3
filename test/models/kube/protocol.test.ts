import { expect, it } from 'vitest';
import { protocolOf } from '../../../src/models/kube/protocol.ts';

it.each<[Record<string, unknown>, string]>([
  [{ name: 'http', port: 80 }, 'HTTP'],
  [{ name: 'HTTP-web', port: 80 }, 'HTTP'],
  [{ name: 'http2-web', port: 80 }, 'HTTP2'],
  [{ name: 'grpc', port: 80 }, 'GRPC'],
  [{ name: 'grpc-web', port: 80 }, 'GRPC'],
  [{ name: 'https-x', port: 443 }, 'HTTPS'],
  [{ name: 'tls', port: 443 }, 'TLS'],
  [{ name: 'tcp-db', port: 5432 }, 'TCP'],
  [{ name: 'mysql', port: 3306 }, 'MYSQL'],
  [{ name: 'httpfoo', port: 80 }, 'UNSUPPORTED'],
  [{ name: '', port: 80 }, 'UNSUPPORTED'],
  [{ port: 3306 }, 'TCP'],
  [{ name: 'web', port: 27017 }, 'TCP'],
  [{ name: 'web', port: 53, protocol: 'UDP' }, 'UDP'],
  [{ name: 'udp-x', port: 99 }, 'TCP'],
  [{ name: 'tcp', appProtocol: 'http', port: 80 }, 'HTTP'],
  [{ name: 'tcp', appProtocol: 'kubernetes.io/h2c', port: 80 }, 'HTTP2'],
  [{ name: 'http', appProtocol: 'example.com/own', port: 80 }, 'UNSUPPORTED'],
])('reads %j as %s', (port, expected) => {
  expect(protocolOf(port)).toBe(expected);
});
