// Clusters of east-west gateways: a server with tls mode AUTO_PASSTHROUGH takes the SNI for the name of a service, port and subset of its own view.
// Source: istio/istio pilot/pkg/networking/core/cluster.go buildOutboundSniDnatClusters (1.31). Rule SH-9.
import type { TranslationContext } from '../context.ts';
import type { ProxyNode } from '../model.ts';
import { arrayOf, recordOf, textMapOf } from '../plain.ts';

export function isAutoPassthrough(context: TranslationContext, node: ProxyNode): boolean {
  if (node.type !== 'router') return false;
  return context.configsOfKind('Gateway').some((gateway) => {
    const spec = recordOf(gateway.spec);
    return (
      Object.entries(textMapOf(spec['selector'])).every(([key, value]) => node.labels[key] === value) &&
      arrayOf(spec['servers']).some(
        (server) => recordOf(recordOf(server)['tls'])['mode'] === 'AUTO_PASSTHROUGH',
      )
    );
  });
}

/** outbound_.80_.v1_.web.shop.svc.cluster.local */
export const sniClusterName = (port: number, subset: string, host: string): string =>
  `outbound_.${port}_.${subset}_.${host}`;
