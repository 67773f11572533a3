// Which DestinationRule a client uses for a service.
// Source: istio/istio pilot/pkg/model/{push_context,destination_rule,sidecar}.go (1.31). Rules DR-1 .. DR-4.
import type { EffectiveRule } from '../context.ts';
import { type DestinationRuleSpec, mergeDestinationRules } from '../destination-rule.ts';
import { isWildcard, mostSpecific, resolveShortName } from '../host-name.ts';
import type { MeshSettings } from '../mesh-config.ts';
import type { ConfigObject, ProxyNode, Service } from '../model.ts';
import { recordOf, stringOf, stringsOf, textMapOf } from '../plain.ts';
import type { IstioProfile } from '../profile.ts';
import { isPrivate } from './visibility.ts';

type Rule = ConfigObject<DestinationRuleSpec>;
export interface MergedRule extends EffectiveRule {
  host: string;
  exportTo: readonly string[];
  selector: Record<string, string> | null;
}

/** Rules of one namespace by host; each host's list is in the order of merging. */
interface NamespaceRules {
  exact: Map<string, MergedRule[]>;
  wildcard: Map<string, MergedRule[]>;
}

export interface DestinationRuleIndex {
  byNamespace: Map<string, NamespaceRules>;
  /** Label keys that selectors look at. */
  selectorKeys: string[];
}

export function indexDestinationRules(
  rules: readonly Rule[],
  settings: MeshSettings,
  profile: IstioProfile,
  domain: string,
): DestinationRuleIndex {
  const byNamespace = new Map<string, NamespaceRules>();
  const selectorKeys = new Set<string>();
  for (const rule of sorted(rules)) {
    const spec = recordOf(rule.spec);
    const selector = selectorOf(spec);
    for (const key of Object.keys(selector ?? {})) selectorKeys.add(key);
    const host = resolveShortName(stringOf(spec['host']), rule.namespace, domain);
    const space = byNamespace.get(rule.namespace) ?? { exact: new Map(), wildcard: new Map() };
    byNamespace.set(rule.namespace, space);
    const map = isWildcard(host) ? space.wildcard : space.exact;
    const exportTo = selector ? ['.'] : exportsOf(spec, settings);
    const known = map.get(host) ?? [];
    map.set(host, known);
    addMerged(known, rule, host, exportTo, selector, profile);
  }
  return { byNamespace, selectorKeys: [...selectorKeys].sort() };
}

/** DR-3: rules with a workloadSelector first, then by creation time, then by name. */
const sorted = (rules: readonly Rule[]): Rule[] =>
  [...rules].sort(
    (a, b) =>
      Number(selectorOf(recordOf(b.spec)) !== null) - Number(selectorOf(recordOf(a.spec)) !== null) ||
      a.creation - b.creation ||
      (a.name < b.name ? -1 : Number(a.name > b.name)),
  );

function selectorOf(spec: Record<string, unknown>): Record<string, string> | null {
  const selector = spec['workloadSelector'];
  if (selector === undefined || selector === null) return null;
  const labels = textMapOf(recordOf(selector)['matchLabels']);
  return Object.keys(labels).length > 0 ? labels : null;
}

function exportsOf(spec: Record<string, unknown>, settings: MeshSettings): string[] {
  const list = stringsOf(spec['exportTo']);
  return list.length > 0 ? list : settings.defaultDestinationRuleExportTo;
}

function addMerged(
  known: MergedRule[],
  rule: Rule,
  host: string,
  exportTo: readonly string[],
  selector: Record<string, string> | null,
  profile: IstioProfile,
): void {
  const same = known.findIndex(
    (other) =>
      sameLabels(other.selector, selector) && (profile.minor < 24 || sameExports(other.exportTo, exportTo)),
  );
  const merged: MergedRule = {
    spec: rule.spec,
    namespace: rule.namespace,
    sources: [rule],
    host,
    exportTo,
    selector,
  };
  if (same < 0) {
    known.push(merged);
    return;
  }
  const other = known[same]!;
  known[same] = {
    ...other,
    spec: mergeDestinationRules([other.spec, rule.spec]),
    sources: [...other.sources, rule],
    exportTo: profile.minor < 24 ? [...new Set([...other.exportTo, ...exportTo])] : other.exportTo,
  };
}

const sameExports = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((entry) => b.includes(entry));

function sameLabels(a: Record<string, string> | null, b: Record<string, string> | null): boolean {
  if (a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** DR-1: client namespace, then the service's, then the root namespace; the first with any matching host ends the search. */
export function destinationRuleFor(
  index: DestinationRuleIndex,
  node: Pick<ProxyNode, 'namespace' | 'labels'>,
  service: Pick<Service, 'hostname' | 'namespace'>,
  settings: MeshSettings,
): EffectiveRule | null {
  const root = settings.rootNamespace;
  const isVisible = (rule: MergedRule) => isRuleVisible(rule, node.namespace);
  const steps: [string, (rule: MergedRule) => boolean][] = [];
  steps.push(
    node.namespace === root
      ? [root, (rule) => isPrivate(rule.exportTo, [], root)]
      : [node.namespace, (rule) => isVisible(rule)],
  );
  if (service.namespace !== node.namespace || node.namespace === root)
    steps.push([service.namespace, isVisible]);
  steps.push([root, isVisible]);
  for (const [namespace, filter] of steps) {
    const found = index.byNamespace.get(namespace);
    if (!found) continue;
    const list = rulesOfHost(found, service.hostname, filter);
    if (list.length > 0) return chosen(list, node);
  }
  return null;
}

function isRuleVisible(rule: MergedRule, clientNamespace: string): boolean {
  if (rule.exportTo.includes('~')) return false;
  return rule.exportTo.some(
    (entry) =>
      entry === '*' || entry === clientNamespace || (entry === '.' && rule.namespace === clientNamespace),
  );
}

function rulesOfHost(
  rules: NamespaceRules,
  hostname: string,
  filter: (rule: MergedRule) => boolean,
): MergedRule[] {
  const exact = rules.exact.get(hostname)?.filter(filter) ?? [];
  if (exact.length > 0) return exact;
  const candidates = [...rules.wildcard].filter(([, list]) => list.some(filter)).map(([host]) => host);
  const host = mostSpecific(hostname, candidates);
  return host === undefined ? [] : rules.wildcard.get(host)!.filter(filter);
}

/** DR-4: a rule whose selector fits the client, else the last one without selector of the same lookup step, else none. */
function chosen(list: readonly MergedRule[], node: Pick<ProxyNode, 'labels'>): EffectiveRule | null {
  const selected = list.find(
    (rule) =>
      rule.selector !== null &&
      Object.entries(rule.selector).every(([key, value]) => node.labels[key] === value),
  );
  return selected ?? list.findLast((rule) => rule.selector === null) ?? null;
}
