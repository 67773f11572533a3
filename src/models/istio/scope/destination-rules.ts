// DestinationRules by namespace and host, merged, and which of them a client uses for a service.
// Source: istio/istio pilot/pkg/model/{push_context,destination_rule,sidecar}.go (1.31). Rules DR-1 .. DR-4.
import type { EffectiveRule } from '../context.ts';
import { type DestinationRuleSpec, mergeDestinationRules } from '../destination-rule.ts';
import { isWildcard, mostSpecific, resolveShortName } from '../host-name.ts';
import type { MeshSettings } from '../mesh-config.ts';
import type { ConfigObject, ProxyNode, Service } from '../model.ts';
import { recordOf, stringOf, stringsOf, textMapOf } from '../plain.ts';
import type { IstioProfile } from '../profile.ts';

type Rule = ConfigObject<DestinationRuleSpec>;

export interface MergedRule extends EffectiveRule {
  /** As written; empty = the mesh default, which istiod reads as everybody here. */
  exportTo: readonly string[];
  selector: Record<string, string> | null;
}

/** Merged rules of one namespace, in the order of merging, by host. */
export interface NamespaceRules {
  exact: Map<string, MergedRule[]>;
  wildcard: Map<string, MergedRule[]>;
}

export interface DestinationRuleIndex {
  /** What proxies of the namespace itself look at first: public and private rules. */
  local: Map<string, NamespaceRules>;
  /** What other namespaces may see. */
  exported: Map<string, NamespaceRules>;
  /** Private rules of the root namespace, for proxies that live there. */
  rootPrivate: NamespaceRules;
  /** Label keys that selectors look at. */
  selectorKeys: string[];
}

export function indexDestinationRules(
  rules: readonly Rule[],
  settings: Pick<MeshSettings, 'rootNamespace' | 'defaultDestinationRuleExportTo'>,
  profile: IstioProfile,
  domain: string,
): DestinationRuleIndex {
  const index: DestinationRuleIndex = {
    local: new Map(),
    exported: new Map(),
    rootPrivate: emptyRules(),
    selectorKeys: [],
  };
  const selectorKeys = new Set<string>();
  for (const rule of inMergeOrder(rules)) {
    const spec = recordOf(rule.spec);
    const selector = selectorOf(spec);
    for (const key of Object.keys(selector ?? {})) selectorKeys.add(key);
    const { namespace } = rule;
    const exportTo = selector ? ['.'] : stringsOf(spec['exportTo']);
    const host = resolveShortName(stringOf(spec['host']), namespace, domain);
    const merged: MergedRule = { spec: rule.spec, namespace, sources: [rule], exportTo, selector };
    if (exportTo.length === 0 || ['*', '.', namespace].some((entry) => exportTo.includes(entry)))
      addMerged(rulesOf(index.local, namespace), host, merged, profile);
    if (!isPrivateOnly(exportTo, namespace, settings.defaultDestinationRuleExportTo))
      addMerged(rulesOf(index.exported, namespace), host, merged, profile);
    else if (namespace === settings.rootNamespace) addMerged(index.rootPrivate, host, merged, profile);
  }
  index.selectorKeys = [...selectorKeys].sort();
  return index;
}

const emptyRules = (): NamespaceRules => ({ exact: new Map(), wildcard: new Map() });

function rulesOf(map: Map<string, NamespaceRules>, namespace: string): NamespaceRules {
  const known = map.get(namespace) ?? emptyRules();
  map.set(namespace, known);
  return known;
}

/** DR-3: rules with a workloadSelector first, then by creation time, then by name. */
const inMergeOrder = (rules: readonly Rule[]): Rule[] =>
  rules
    .map((rule) => ({ rule, rank: selectorOf(recordOf(rule.spec)) ? 0 : 1 }))
    .sort(
      (a, b) =>
        a.rank - b.rank ||
        a.rule.creation - b.rule.creation ||
        (a.rule.name < b.rule.name ? -1 : Number(a.rule.name > b.rule.name)),
    )
    .map(({ rule }) => rule);

function selectorOf(spec: Record<string, unknown>): Record<string, string> | null {
  const selector = spec['workloadSelector'];
  return selector === undefined || selector === null ? null : textMapOf(recordOf(selector)['matchLabels']);
}

const isPrivateOnly = (exportTo: readonly string[], namespace: string, defaults: readonly string[]) =>
  exportTo.length === 0
    ? defaults.includes('.')
    : exportTo.length === 1 && (exportTo[0] === '.' || exportTo[0] === namespace);

/** Merges into every rule of the host that takes it, and stands alone as well unless one took it whole. */
function addMerged(rules: NamespaceRules, host: string, rule: MergedRule, profile: IstioProfile): void {
  const map = isWildcard(host) ? rules.wildcard : rules.exact;
  const list = map.get(host) ?? [];
  map.set(host, list);
  let standsAlone = true;
  for (const [i, other] of list.entries()) {
    // Since 1.24 rules merge only when who sees the first also sees the second.
    const isSameAudience =
      includesAll(other.exportTo, rule.exportTo) && includesAll(rule.exportTo, other.exportTo);
    if (profile.minor >= 24 && !isSameAudience) {
      if (other.exportTo.length === 0 || !includesAll(rule.exportTo, other.exportTo)) continue;
    }
    if (other.selector && rule.selector && !sameLabels(other.selector, rule.selector)) continue;
    const isSameKind = (other.selector === null) === (rule.selector === null);
    if (isSameKind && (profile.minor < 24 || isSameAudience)) standsAlone = false;
    list[i] = {
      ...other,
      spec: mergeDestinationRules([other.spec, rule.spec]),
      sources: [...other.sources, ...rule.sources],
    };
  }
  if (standsAlone) list.push(rule);
}

const includesAll = (whole: readonly string[], part: readonly string[]) =>
  part.every((entry) => whole.includes(entry));

function sameLabels(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/**
 * DR-1: the client's namespace, then the service's, then the root namespace; the first with a matching host ends the search. A client of the
 * root namespace looks only at that namespace's private rules first.
 * @returns the rules of that lookup step, before any workloadSelector is looked at
 */
export function rulesForService(
  index: DestinationRuleIndex,
  clientNamespace: string,
  service: Pick<Service, 'hostname' | 'namespace'>,
  rootNamespace: string,
): readonly MergedRule[] {
  const own = clientNamespace === rootNamespace ? index.rootPrivate : index.local.get(clientNamespace);
  const local = own && rulesOfHost(own, service.hostname);
  if (local) return local;
  for (const namespace of [service.namespace, rootNamespace]) {
    const rules = index.exported.get(namespace);
    const seen = (rules && rulesOfHost(rules, service.hostname))?.filter(({ exportTo }) =>
      exportTo.length === 0 ? true : exportTo.includes('*') || exportTo.includes(clientNamespace),
    );
    if (seen && seen.length > 0) return seen;
  }
  return [];
}

function rulesOfHost(rules: NamespaceRules, hostname: string): readonly MergedRule[] | undefined {
  const exact = rules.exact.get(hostname);
  if (exact) return exact;
  const host = mostSpecific(hostname, rules.wildcard.keys());
  return host === undefined ? undefined : rules.wildcard.get(host);
}

/** DR-4: a rule of the client's namespace whose selector fits it, else the last one without selector of the same step, else none. */
export function ruleForClient(
  rules: readonly MergedRule[],
  node: Pick<ProxyNode, 'namespace' | 'labels'>,
): EffectiveRule | null {
  const selected = rules.find(
    (rule) =>
      rule.selector !== null &&
      rule.namespace === node.namespace &&
      Object.entries(rule.selector).every(([key, value]) => node.labels[key] === value),
  );
  return selected ?? rules.findLast((rule) => rule.selector === null) ?? null;
}
