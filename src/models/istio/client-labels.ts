// Labels of a proxy as istiod compares them: the pod's own plus where it runs.
// Source: istio/istio pilot/pkg/serviceregistry/util/label/label.go AugmentLabels, pilot/pkg/xds/ads.go setTopologyLabels (1.31). Rule EP-12.
import type { ProxyNode } from './model.ts';

export function withTopologyLabels(node: ProxyNode): ProxyNode {
  const [region = '', zone = '', subzone = ''] = node.locality.split('/');
  const labels: Record<string, string> = { ...node.labels };
  if (region) labels['topology.kubernetes.io/region'] = region;
  if (zone) labels['topology.kubernetes.io/zone'] = zone;
  if (subzone) labels['topology.istio.io/subzone'] = subzone;
  if (node.clusterId) labels['topology.istio.io/cluster'] = node.clusterId;
  if (node.nodeName) labels['kubernetes.io/hostname'] = node.nodeName;
  if (node.network) labels['topology.istio.io/network'] ??= node.network;
  return { ...node, labels };
}
