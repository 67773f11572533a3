// Endpoints that people write by hand, for services without a selector: EndpointSlice (discovery.k8s.io/v1) and Endpoints (v1). Those
// that a controller wrote for a service with a selector only repeat its pods and are left out.
import type { KubeState, ManifestObject } from './model.ts';
import { isPort, label, list, metaOf, record, text } from './shape.ts';

type Slice = KubeState['slices'][number];

/** null = names no service, or holds names instead of addresses (EP-10). */
export function sliceOf(cluster: string, object: ManifestObject): Slice | null {
  const meta = metaOf(object);
  const service = object.kind === 'Endpoints' ? meta.name : label(meta.labels, 'kubernetes.io/service-name');
  if (!service || object.addressType === 'FQDN') return null;
  const slice = { cluster, namespace: meta.namespace, service, object: `${object.kind}/${meta.name}` };
  return object.kind === 'Endpoints'
    ? { ...slice, ...fromSubsets(object.subsets) }
    : { ...slice, addresses: addressesOf(object.endpoints), ports: portsOf(object.ports) };
}

/** Slices of services with a selector come from the service's own pods. */
export const isHandWritten = (state: KubeState, slice: Slice): boolean =>
  !state.services.some(
    (service) =>
      service.cluster === slice.cluster &&
      service.namespace === slice.namespace &&
      service.name === slice.service &&
      Object.keys(service.selector).length > 0,
  );

function addressesOf(endpoints: unknown): Slice['addresses'] {
  return list(endpoints)
    .map(record)
    .flatMap((endpoint) => {
      const conditions = record(endpoint['conditions']);
      const node = text(endpoint['nodeName']);
      const rest = {
        // Not said means ready.
        isReady: conditions['ready'] !== false,
        ...(node && { node }),
        ...(typeof conditions['serving'] === 'boolean' && { isServing: conditions['serving'] }),
        ...(typeof conditions['terminating'] === 'boolean' && { isTerminating: conditions['terminating'] }),
        ...targetPod(endpoint['targetRef']),
      };
      // Only the first address of an endpoint is used; the others are the same backend again.
      const ip = text(list(endpoint['addresses'])[0]);
      return ip ? [{ ip, ...rest }] : [];
    });
}

function targetPod(value: unknown): { pod?: string } {
  const target = record(value);
  return target['kind'] === 'Pod' && text(target['name']) ? { pod: text(target['name']) } : {};
}

const portsOf = (value: unknown): Slice['ports'] =>
  list(value)
    .map(record)
    .flatMap((port) => (isPort(port['port']) ? [{ name: text(port['name']), port: port['port'] }] : []));

/** Several subsets become one list only when their ports agree; the first subset's ports rule. */
function fromSubsets(value: unknown): Pick<Slice, 'addresses' | 'ports'> {
  const subsets = list(value).map(record);
  const ports = portsOf(subsets[0]?.['ports']);
  const addresses = subsets
    .filter((subset) => JSON.stringify(portsOf(subset['ports'])) === JSON.stringify(ports))
    .flatMap((subset) => [
      ...readAddresses(subset['addresses'], true),
      ...readAddresses(subset['notReadyAddresses'], false),
    ]);
  return { addresses, ports };
}

const readAddresses = (value: unknown, isReady: boolean): Slice['addresses'] =>
  list(value)
    .map(record)
    .flatMap((entry) => {
      const ip = text(entry['ip']);
      const node = text(entry['nodeName']);
      return ip ? [{ ip, isReady, ...(node && { node }), ...targetPod(entry['targetRef']) }] : [];
    });
