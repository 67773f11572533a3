// HTTPRoute and GRPCRoute: which parents take them, and the merge of all routes of one parent and host into one ordered list.
// Source: istio/istio pilot/pkg/config/kube/gateway/{route_collections,conversion}.go (1.31). Rules GW-7, GW-8.
import type { TranslationContext } from '../../context.ts';
import { hostsMatch, isSubsetOf, isWildcard } from '../../host-name.ts';
import type { ConfigObject } from '../../model.ts';
import { type HttpRule, specOf, type VirtualServiceView } from '../http-rule.ts';
import { listOf, numberOf, type Spec, textOf, textsOf } from '../spec-reading.ts';
import { convertRules } from './convert-rules.ts';
import type { Listener } from './listeners.ts';
import { sortRules } from './rule-order.ts';

const KINDS = ['HTTPRoute', 'GRPCRoute'] as const;

interface Merging {
  gateway: string;
  view: VirtualServiceView;
}

export function attachRoutes(context: TranslationContext, listeners: readonly Listener[]) {
  const merged = new Map<string, Merging>();
  const objects = KINDS.flatMap((kind) => context.configsOfKind(kind)).sort(
    (a, b) => a.creation - b.creation || compare(a.namespace, b.namespace) || compare(a.name, b.name),
  );
  const add = (object: ConfigObject, gateway: string, key: string, host: string, rules: HttpRule[]) => {
    const known = merged.get(`${key}/${host}`);
    if (known) known.view.rules.push(...rules);
    else
      merged.set(`${key}/${host}`, {
        gateway,
        view: {
          name: `${key}/${host}`.replaceAll('/', '~'),
          namespace: object.namespace,
          hosts: [host.toLowerCase()],
          semantics: 'gateway',
          rules: [...rules],
          source: object,
        },
      });
  };
  for (const object of objects) {
    const hostnames = textsOf(specOf(object), 'hostnames');
    const hosts = hostnames.length > 0 ? hostnames : ['*'];
    for (const parent of listOf(specOf(object), 'parentRefs')) {
      if (isServiceParent(parent)) {
        const namespace = textOf(parent, 'namespace') || object.namespace;
        const host = `${textOf(parent, 'name')}.${namespace}.svc.${context.mesh.domain}`;
        if (!context.mesh.services.some((service) => service.hostname === host)) continue;
        const port = numberOf(parent, 'port');
        const rules = convertRules(context, object, false);
        if (rules.length === 0) continue;
        const key = port === undefined ? object.namespace : `${object.namespace}/${port}`;
        add(object, 'mesh', `mesh/${key}`, host, port === undefined ? rules : onPort(rules, port));
        continue;
      }
      for (const listener of listeners) {
        if (!takes(listener, parent, object, hosts)) continue;
        const rules = convertRules(context, object, true);
        if (rules.length === 0) continue;
        for (const host of hosts)
          if (isOwnHost(host.toLowerCase(), listener, listeners))
            add(object, listener.view.key, listener.view.key, host, rules);
      }
    }
  }
  const gatewayRoutes = new Map<string, VirtualServiceView[]>();
  const meshRoutes: VirtualServiceView[] = [];
  for (const { gateway, view } of merged.values()) {
    sortRules(view.rules);
    if (gateway === 'mesh') meshRoutes.push(view);
    else gatewayRoutes.set(gateway, [...(gatewayRoutes.get(gateway) ?? []), view]);
  }
  return { gatewayRoutes, meshRoutes };
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const isServiceParent = (parent: Spec): boolean =>
  textOf(parent, 'kind') === 'Service' && ['', 'core'].includes(textOf(parent, 'group'));

function takes(listener: Listener, parent: Spec, object: ConfigObject, hosts: readonly string[]): boolean {
  const kind = textOf(parent, 'kind') || 'Gateway';
  if (kind !== 'Gateway' || textOf(parent, 'name') !== listener.gateway.name) return false;
  if ((textOf(parent, 'namespace') || object.namespace) !== listener.gateway.namespace) return false;
  const section = textOf(parent, 'sectionName');
  if (section !== '' && section !== listener.sectionName) return false;
  const port = numberOf(parent, 'port');
  if (port !== undefined && port !== listener.port) return false;
  if (!listener.kinds.includes(object.kind) || !listener.allows(object.namespace)) return false;
  return hosts.some((host) => hostsMatch(listener.hostname || '*', host.toLowerCase()));
}

/** A host that a more exact listener of the same port and protocol serves is that one's alone. */
function isOwnHost(host: string, own: Listener, listeners: readonly Listener[]): boolean {
  if (own.hostname !== '' && !isWildcard(own.hostname)) return true;
  if (own.hostname !== '' && !hostsMatch(host, own.hostname)) return false;
  return !listeners.some(
    (other) =>
      other !== own &&
      other.gateway.name === own.gateway.name &&
      other.gateway.namespace === own.gateway.namespace &&
      other.port === own.port &&
      other.protocol === own.protocol &&
      other.hostname !== own.hostname &&
      other.hostname !== '' &&
      own.hostname.length <= other.hostname.length &&
      isSubsetOf(host, other.hostname),
  );
}

/** A parent with a port: every match is narrowed to it. */
const onPort = (rules: readonly HttpRule[], port: number): HttpRule[] =>
  rules.map((rule) => {
    const matches = listOf(rule.spec, 'match');
    const match = matches.length > 0 ? matches.map((entry) => ({ ...entry, port })) : [{ port }];
    return { ...rule, spec: { ...rule.spec, match } };
  });
