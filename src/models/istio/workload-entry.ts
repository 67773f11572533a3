// WorkloadEntry, as an object of its own or as an endpoint inside a ServiceEntry: one address with labels, ports, place and weight.
// Source: istio/istio pilot/pkg/serviceregistry/serviceentry/conversion.go convertWorkloadEntryToWorkloadInstance (1.31). Rules EP-12 .. EP-16, EP-26.
import type { ConfigObject, IstioEndpoint } from './model.ts';
import { arrayOf, recordOf, stringOf, textMapOf } from './plain.ts';

/** Not yet of any service port. */
export interface Workload {
  namespace: string;
  /** Its own number for a port name. */
  ports: ReadonlyMap<string, number>;
  endpoint: Omit<IstioEndpoint, 'servicePortName' | 'endpointPort'>;
}

const HEALTH_CHECKED = 'proxy.istio.io/health-checks-enabled';
const TLS_MODE = 'security.istio.io/tlsMode';

/** @param entry the fields of the entry: the object's spec, or one of a ServiceEntry's endpoints */
export function workloadOf(config: ConfigObject, entry: unknown, cluster: string): Workload {
  const spec = recordOf(entry);
  const own = { ...textMapOf(spec['labels']), ...config.labels };
  const network = stringOf(spec['network']);
  const locality = (stringOf(spec['locality']) || localityLabel(own)).replace(/\/+$/, '');
  const [region, zone, subzone] = locality.split('/');
  const weight = spec['weight'];
  const tlsMode = own[TLS_MODE];
  return {
    namespace: config.namespace,
    ports: new Map(
      Object.entries(recordOf(spec['ports'])).filter(
        (pair): pair is [string, number] => typeof pair[1] === 'number',
      ),
    ),
    endpoint: {
      address: stringOf(spec['address']),
      labels: {
        ...(network && { 'topology.istio.io/network': network }),
        ...own,
        ...(region && { 'topology.kubernetes.io/region': region }),
        ...(zone && { 'topology.kubernetes.io/zone': zone }),
        ...(subzone && { 'topology.istio.io/subzone': subzone }),
        ...(cluster && { 'topology.istio.io/cluster': cluster }),
      },
      locality,
      clusterId: cluster,
      network,
      weight: typeof weight === 'number' && weight > 0 ? weight : 1,
      mtls: tlsMode === undefined ? stringOf(spec['serviceAccount']) !== '' : tlsMode === 'istio',
      health: isHealthy(config) ? 'healthy' : 'unhealthy',
      namespace: config.namespace,
      workload: config.name,
    },
  };
}

/** A label's value cannot hold "/": "." stands for it. */
function localityLabel(labels: Record<string, string>): string {
  const value = labels['topology.istio.io/locality'] ?? labels['istio-locality'] ?? '';
  return value.includes('/') ? value : value.replaceAll('.', '/');
}

/** EP-26: with a probe of its WorkloadGroup an entry is unhealthy until its status says otherwise. */
function isHealthy(config: ConfigObject): boolean {
  if (config.annotations[HEALTH_CHECKED] !== 'true') return true;
  const status = recordOf((config as ConfigObject & { status?: unknown }).status);
  return arrayOf(status['conditions']).some(
    (condition) => recordOf(condition)['type'] === 'Healthy' && recordOf(condition)['status'] === 'True',
  );
}
