// Root rules with `delegate` are replaced by the delegate's rules, each narrowed to what the root lets through. Rule VD-1.
// Source: istio/istio pilot/pkg/model/virtualservice.go mergeVirtualServicesIfNeeded, mergeHTTPRoute, hasConflict (1.31).
import type { ConfigObject } from '../model.ts';
import { isExportedTo } from '../scope/visibility.ts';
import { type HttpRule, hostsOf, httpRulesOf, specOf } from './http-rule.ts';
import { blockOf, labelsOf, listOf, numberOf, type Spec, textOf, textsOf } from './spec-reading.ts';

/** What a delegate's rule takes from the root's where it has nothing of its own. */
const INHERITED = [
  'rewrite',
  'directResponse',
  'timeout',
  'retries',
  'fault',
  'mirror',
  'mirrorPercent',
  'mirrorPercentage',
  'corsPolicy',
  'headers',
  'mirrors',
] as const;

/** @param objects all VirtualServices. @param defaultExportTo MeshConfig.defaultVirtualServiceExportTo */
export function rulesWithDelegates(
  root: ConfigObject,
  objects: readonly ConfigObject[],
  defaultExportTo: readonly string[],
): HttpRule[] {
  return httpRulesOf(root).flatMap((rule) => {
    const reference = blockOf(rule.spec, 'delegate');
    if (!reference) return [rule];
    const name = textOf(reference, 'name');
    const namespace = textOf(reference, 'namespace') || root.namespace;
    const delegate = objects.find(
      (object) => object.name === name && object.namespace === namespace && hostsOf(object).length === 0,
    );
    const exportTo = delegate && textsOf(specOf(delegate), 'exportTo');
    if (!delegate || !isExportedTo(exportTo, defaultExportTo, namespace, root.namespace)) return [];
    return mergeRules(rule, httpRulesOf(delegate));
  });
}

/** Delegate rules in order; one that contradicts every match of the root is dropped. */
export function mergeRules(root: HttpRule, delegate: readonly HttpRule[]): HttpRule[] {
  return delegate.flatMap((rule) => {
    const spec = mergeRule(root.spec, rule.spec);
    return spec ? [{ ...rule, spec }] : [];
  });
}

export function mergeRule(root: Spec, leaf: Spec): Spec | null {
  const match = mergeMatches(listOf(root, 'match'), listOf(leaf, 'match'));
  if (match === null) return null;
  const merged: Spec = { ...leaf };
  if (match.length > 0) merged['match'] = match;
  const name = joinNames(textOf(root, 'name'), textOf(leaf, 'name'));
  if (name) merged['name'] = name;
  for (const field of INHERITED) {
    const isUnset =
      merged[field] === undefined || (field === 'mirrors' && listOf(merged, field).length === 0);
    if (isUnset && root[field] !== undefined) merged[field] = root[field];
  }
  return merged;
}

const joinNames = (root: string, leaf: string): string => (root && leaf ? `${root}-${leaf}` : leaf || root);

/** null = no match of the delegate fits into one of the root, or one of them fits into none. */
function mergeMatches(root: Spec[], leaf: Spec[]): Spec[] | null {
  if (root.length === 0) return leaf;
  if (leaf.length === 0) return root;
  const merged: Spec[] = [];
  for (const inner of leaf) {
    const fitting = root.filter((outer) => !contradicts(outer, inner));
    if (fitting.length === 0) return null;
    merged.push(...fitting.map((outer) => mergeMatch(outer, inner)));
  }
  return merged;
}

function mergeMatch(root: Spec, leaf: Spec): Spec {
  const merged: Spec = { ...leaf };
  const name = joinNames(textOf(root, 'name'), textOf(leaf, 'name'));
  if (name) merged['name'] = name;
  for (const field of ['uri', 'scheme', 'method', 'authority', 'statPrefix'] as const)
    if (merged[field] === undefined && root[field] !== undefined) merged[field] = root[field];
  for (const field of ['headers', 'withoutHeaders', 'queryParams'] as const) {
    const outer = blockOf(root, field) ?? {};
    const inner = blockOf(leaf, field) ?? {};
    if (Object.keys(outer).length + Object.keys(inner).length > 0) merged[field] = { ...outer, ...inner };
  }
  if (!numberOf(leaf, 'port') && root['port'] !== undefined) merged['port'] = root['port'];
  const labels = blockOf(root, 'sourceLabels');
  if (labels || blockOf(leaf, 'sourceLabels'))
    merged['sourceLabels'] = { ...labels, ...blockOf(leaf, 'sourceLabels') };
  if (!textOf(leaf, 'sourceNamespace') && root['sourceNamespace'] !== undefined)
    merged['sourceNamespace'] = root['sourceNamespace'];
  if (textsOf(leaf, 'gateways').length === 0 && root['gateways'] !== undefined)
    merged['gateways'] = root['gateways'];
  return merged;
}

function contradicts(root: Spec, leaf: Spec): boolean {
  for (const field of ['uri', 'scheme', 'method', 'authority'] as const)
    if (stringsContradict(blockOf(root, field), blockOf(leaf, field))) return true;
  for (const field of ['headers', 'withoutHeaders', 'queryParams'] as const) {
    const outer = blockOf(root, field) ?? {};
    const inner = blockOf(leaf, field) ?? {};
    for (const key of Object.keys(inner)) {
      const rootValue = Object.hasOwn(outer, key) ? blockOf(outer, key) : undefined;
      if (stringsContradict(rootValue, blockOf(inner, key))) return true;
    }
  }
  if ((root['ignoreUriCase'] === true) !== (leaf['ignoreUriCase'] === true)) return true;
  const rootPort = numberOf(root, 'port') ?? 0;
  const leafPort = numberOf(leaf, 'port') ?? 0;
  if (rootPort > 0 && leafPort > 0 && rootPort !== leafPort) return true;
  const namespace = textOf(root, 'sourceNamespace');
  // A root with a source namespace wants the very same one in the delegate; leaving it out is a contradiction too.
  if (namespace !== '' && textOf(leaf, 'sourceNamespace') !== namespace) return true;
  const rootLabels = labelsOf(root, 'sourceLabels');
  const leafLabels = labelsOf(leaf, 'sourceLabels');
  if (
    Object.keys(leafLabels).some(
      (key) => Object.hasOwn(rootLabels, key) && rootLabels[key] !== leafLabels[key],
    )
  )
    return true;
  const rootGateways = textsOf(root, 'gateways');
  const leafGateways = textsOf(leaf, 'gateways');
  return (
    rootGateways.length > 0 &&
    leafGateways.length > 0 &&
    (rootGateways.length < leafGateways.length ||
      leafGateways.some((gateway) => !rootGateways.includes(gateway)))
  );
}

/** The leaf must lie inside the root; a regular expression goes with no other matcher. */
function stringsContradict(root: Spec | undefined, leaf: Spec | undefined): boolean {
  if (!root || !leaf) return false;
  const isSet = (match: Spec) => textOf(match, 'regex') || textOf(match, 'prefix') || textOf(match, 'exact');
  if (textOf(root, 'regex') && isSet(leaf)) return true;
  if (textOf(leaf, 'regex') && isSet(root)) return true;
  const exact = textOf(leaf, 'exact');
  const prefix = textOf(leaf, 'prefix');
  if (textOf(root, 'exact')) return prefix !== '' || exact !== textOf(root, 'exact');
  const outer = textOf(root, 'prefix');
  if (outer && prefix) return !prefix.startsWith(outer);
  if (outer && exact) return !exact.startsWith(outer);
  return true;
}
