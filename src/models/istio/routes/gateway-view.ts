// A Gateway as the rest reads it, whether Istio's own or a listener of the Kubernetes Gateway API.
import type { Origin } from '../../envoy/config.ts';
import type { TranslationContext } from '../context.ts';
import type { ConfigObject, ProxyNode } from '../model.ts';
import { specOf } from './http-rule.ts';
import {
  blockOf,
  isLabelSubset,
  labelsOf,
  listOf,
  numberOf,
  type Spec,
  textOf,
  textsOf,
} from './spec-reading.ts';

export interface GatewayView {
  /** "namespace/name" */
  key: string;
  name: string;
  namespace: string;
  servers: ServerView[];
  creation: number;
  /** Does the gateway run in this proxy? */
  runsIn: (node: ProxyNode) => boolean;
}

export interface ServerView {
  name: string;
  port: number;
  portName: string;
  /** Upper case: HTTP, HTTPS, TCP, TLS, ... */
  protocol: string;
  bind: string;
  /** "host" or "namespace/host". */
  hosts: string[];
  tls: Spec | undefined;
  origin: Origin | undefined;
}

/** Both APIs call the kind Gateway; only the Kubernetes one has a class. */
export const isKubernetesGateway = (object: ConfigObject): boolean =>
  textOf(specOf(object), 'gatewayClassName') !== '' || Array.isArray(specOf(object)['listeners']);

/** GW-1: a selector that is not there selects every gateway pod. */
export function istioGateways(context: TranslationContext): GatewayView[] {
  return context
    .configsOfKind('Gateway')
    .filter((object) => !isKubernetesGateway(object))
    .map((object) => {
      const selector = labelsOf(specOf(object), 'selector');
      return {
        key: `${object.namespace}/${object.name}`,
        name: object.name,
        namespace: object.namespace,
        servers: serversOf(object),
        creation: object.creation,
        runsIn: (node: ProxyNode) => isLabelSubset(selector, node.labels),
      };
    });
}

function serversOf(object: ConfigObject): ServerView[] {
  return listOf(specOf(object), 'servers').map((server, index) => {
    const port = blockOf(server, 'port') ?? {};
    return {
      name: textOf(server, 'name'),
      port: numberOf(port, 'number') ?? 0,
      portName: textOf(port, 'name'),
      protocol: textOf(port, 'protocol').toUpperCase(),
      bind: textOf(server, 'bind'),
      hosts: textsOf(server, 'hosts'),
      tls: blockOf(server, 'tls'),
      origin: object.originOf?.(['spec', 'servers', index]) ?? object.origin,
    };
  });
}
