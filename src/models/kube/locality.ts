// Where a pod or node is, and how localities are spelled. Rule EP-13.
// Source: istio/istio pilot/pkg/serviceregistry/kube/controller/controller.go getPodLocality, pilot/pkg/model/network.go
// GetLocalityLabel (1.31).
import type { KubeNode } from './model.ts';
import { label } from './shape.ts';

export interface Locality {
  region: string;
  zone: string;
  subzone: string;
}

/** topology.istio.io/locality is read from this minor on. */
const LOCALITY_LABEL_MINOR = 29;

export function localityOfLabels(labels: Record<string, string>): Locality {
  return {
    region:
      label(labels, 'topology.kubernetes.io/region') ??
      label(labels, 'failure-domain.beta.kubernetes.io/region') ??
      '',
    zone:
      label(labels, 'topology.kubernetes.io/zone') ??
      label(labels, 'failure-domain.beta.kubernetes.io/zone') ??
      '',
    subzone: label(labels, 'topology.istio.io/subzone') ?? '',
  };
}

/** The pod's own label wins over its node. */
export function localityOfPod(
  labels: Record<string, string>,
  node: KubeNode | undefined,
  istioMinor = Number.POSITIVE_INFINITY,
): Locality {
  const own =
    (istioMinor >= LOCALITY_LABEL_MINOR && label(labels, 'topology.istio.io/locality')) ||
    label(labels, 'istio-locality');
  if (own) return parseLocality(own);
  return node
    ? { region: node.region, zone: node.zone, subzone: node.subzone }
    : { region: '', zone: '', subzone: '' };
}

/** "r/z/s"; a label's value cannot hold "/", so "." stands for it when there is none. */
function parseLocality(value: string): Locality {
  const [region = '', zone = '', ...rest] = (value.includes('/') ? value : value.replaceAll('.', '/')).split(
    '/',
  );
  return { region, zone, subzone: rest.join('/') };
}

/** "region/zone/subzone", trailing empty parts cut off; "" = none. */
export function localityText(locality: Locality): string {
  return [locality.region, locality.zone, locality.subzone].join('/').replace(/\/+$/, '');
}
