// backendRefs: references to Services (or hosts of ServiceEntries), with the permission to point into another namespace.
// Source: istio/istio pilot/pkg/config/kube/gateway/conversion.go buildHTTPDestination, buildDestination, references.go (1.31). Rule GW-7.
import type { TranslationContext } from '../../context.ts';
import type { ConfigObject } from '../../model.ts';
import { specOf } from '../http-rule.ts';
import { blockOf, listOf, numberOf, type Spec, textOf } from '../spec-reading.ts';
import { convertHeaders } from './filters.ts';

export interface Backends {
  context: TranslationContext;
  /** The route that refers. */
  object: ConfigObject;
  enforcesGrants: boolean;
}

/** Entries of weight 0 go away; a single one that is left has no weight. null = a reference that spoils the whole route. */
export function convertBackends(backends: Backends, references: readonly Spec[]): Spec[] | null {
  const used = references.filter((entry) => (numberOf(entry, 'weight') ?? 1) !== 0);
  const route: Spec[] = [];
  for (const reference of used) {
    const found = backendDestination(backends, reference);
    if (found === null) return null;
    const headers: Spec = {};
    for (const filter of listOf(reference, 'filters')) {
      const type = textOf(filter, 'type');
      if (type === 'RequestHeaderModifier')
        headers['request'] = convertHeaders(blockOf(filter, 'requestHeaderModifier') ?? {});
      else if (type === 'ResponseHeaderModifier')
        headers['response'] = convertHeaders(blockOf(filter, 'responseHeaderModifier') ?? {});
      else return null;
    }
    route.push({
      destination: found.destination,
      ...(used.length > 1 && { weight: numberOf(reference, 'weight') ?? 1 }),
      ...(Object.keys(headers).length > 0 && { headers }),
    });
  }
  return route;
}

/** An invalid backend keeps its share and answers 500, so it stays in the list with a destination that leads nowhere. */
export function backendDestination(
  { context, object, enforcesGrants }: Backends,
  reference: Spec,
): { destination: Spec; isValid: boolean } | null {
  const name = textOf(reference, 'name');
  const written = textOf(reference, 'namespace');
  const namespace = written || object.namespace;
  if (enforcesGrants && namespace !== object.namespace && !isGranted(context, object, reference, namespace))
    return { destination: {}, isValid: false };
  const kind = textOf(reference, 'kind') || 'Service';
  const group = textOf(reference, 'group');
  let host: string;
  if (kind === 'Service' && (group === '' || group === 'core')) {
    if (name.includes('.')) return null;
    host = `${name}.${namespace}.svc.${context.mesh.domain}`;
  } else if (kind === 'Hostname' && group === 'networking.istio.io') {
    if (written) return null;
    host = name;
  } else return { destination: {}, isValid: false };
  const port = numberOf(reference, 'port');
  if (port === undefined) return null;
  const isValid = context.mesh.services.some((service) => service.hostname === host);
  return { destination: { host, port: { number: port } }, isValid };
}

function isGranted(
  context: TranslationContext,
  object: ConfigObject,
  reference: Spec,
  namespace: string,
): boolean {
  return context.configsOfKind('ReferenceGrant').some((grant) => {
    if (grant.namespace !== namespace) return false;
    const spec = specOf(grant);
    const isFrom = listOf(spec, 'from').some(
      (from) => textOf(from, 'kind') === object.kind && textOf(from, 'namespace') === object.namespace,
    );
    const isTo = listOf(spec, 'to').some(
      (to) =>
        textOf(to, 'kind') === (textOf(reference, 'kind') || 'Service') &&
        ['', textOf(reference, 'name')].includes(textOf(to, 'name')),
    );
    return isFrom && isTo;
  });
}
