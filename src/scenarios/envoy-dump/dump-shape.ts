// What a JSON document is that somebody calls a config dump: told by its shape, so that the wrong file can be answered with the right command.
import { arrayOf, isPresent, type Json, recordOf, recordsOf, textOf } from './json.ts';

export type DumpShape = 'config dump' | 'clusters' | 'kubernetes' | 'part' | 'bootstrap' | 'other';

export function shapeOf(value: unknown): DumpShape {
  const root = recordOf(value);
  if (recordsOf(root['configs']).some((config) => textOf(config['@type']) !== '')) return 'config dump';
  if (Array.isArray(root['cluster_statuses'] ?? root['clusterStatuses'])) return 'clusters';
  if (typeof root['kind'] === 'string' && typeof root['apiVersion'] === 'string') return 'kubernetes';
  if (isPresent(root['static_resources'] ?? root['staticResources'])) return 'bootstrap';
  if (isPresent(root['bootstrap'])) return 'part';
  return recordsOf(value).some(isPart) ? 'part' : 'other';
}

/** What `istioctl proxy-config cluster|listener|route|endpoint -o json` lists. */
const isPart = (entry: Json): boolean =>
  [
    'connectTimeout',
    'filterChains',
    'virtualHosts',
    'hostStatuses',
    'edsClusterConfig',
    'endpoints',
    'addedViaApi',
  ].some((name) => isPresent(entry[name]));

export const HOW_TO_DUMP =
  "take it with: curl -s 'localhost:15000/config_dump?include_eds', or istioctl proxy-config all POD -o json";

/** What to do with a document that is no config dump. */
export function dumpHint(value: unknown): string {
  switch (shapeOf(value)) {
    case 'clusters':
      return 'this is what /clusters?format=json says: it goes under clusters, beside the config dump';
    case 'kubernetes':
      return 'this is an object of Kubernetes: it goes under manifests; foresail import reads the output of kubectl';
    case 'part':
      return `this is one part of a proxy's configuration; ${HOW_TO_DUMP}`;
    case 'bootstrap':
      return 'this is the bootstrap that an Envoy starts with; take /config_dump?include_eds from the Envoy that runs with it';
    default:
      return arrayOf(recordOf(value)['configs']).length > 0 || Array.isArray(recordOf(value)['configs'])
        ? 'its list "configs" is empty; was the Envoy still starting?'
        : HOW_TO_DUMP;
  }
}
