// Checks that several kinds share: exportTo, selectors, labels, gateway names.
// Source: istio/istio pkg/config/validation/validation.go (1.31).
import { fqdnError, isDnsLabel, labelError } from './names.ts';
import type { Path, Report } from './report.ts';

export type Spec = Record<string, unknown>;

export const isRecord = (value: unknown): value is Spec =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
/** undefined = absent (or null). */
export const blockOf = (value: unknown, field: string): Spec | undefined => {
  const entry = isRecord(value) && Object.hasOwn(value, field) ? value[field] : undefined;
  return isRecord(entry) ? entry : undefined;
};
export const listOf = (value: unknown, field: string): unknown[] => {
  const entry = isRecord(value) && Object.hasOwn(value, field) ? value[field] : undefined;
  return Array.isArray(entry) ? entry : [];
};
export const textOf = (value: unknown, field: string): string => {
  const entry = isRecord(value) && Object.hasOwn(value, field) ? value[field] : undefined;
  return typeof entry === 'string' ? entry : '';
};
export const numberOf = (value: unknown, field: string): number => {
  const entry = isRecord(value) && Object.hasOwn(value, field) ? value[field] : undefined;
  return typeof entry === 'number' ? entry : 0;
};
export const isSet = (value: unknown, field: string): boolean =>
  isRecord(value) && Object.hasOwn(value, field) && value[field] !== undefined && value[field] !== null;
export const textsOf = (value: unknown, field: string): [number, string][] =>
  listOf(value, field).flatMap((entry, index): [number, string][] =>
    typeof entry === 'string' ? [[index, entry]] : [],
  );

export interface ExportRules {
  /** "~" is allowed. */
  isServiceEntry?: boolean;
  hasSelector?: boolean;
}

export function checkExportTo(spec: Spec, namespace: string, report: Report, rules: ExportRules = {}): void {
  const seen = new Set<string>();
  const entries = textsOf(spec, 'exportTo');
  for (const [index, entry] of entries) {
    const path = ['spec', 'exportTo', index];
    const key = entry === '.' ? namespace : entry;
    if (seen.has(key)) report.error(path, `"${entry}" is named twice`);
    else if (entry === '*' || entry === '.' || (entry === '~' && rules.isServiceEntry)) seen.add(key);
    else if (entry !== '~' && isDnsLabel(key)) seen.add(key);
    else report.error(path, `"${entry}" is neither ".", "*" nor a namespace`);
  }
  const path = ['spec', 'exportTo'];
  if (rules.hasSelector && seen.size > 0) {
    if (!seen.has(namespace))
      report.error(path, 'a rule with workloadSelector is private: exportTo can only be "."');
    else if (seen.size > 1)
      report.error(path, 'a rule with workloadSelector can be exported to one namespace only');
  }
  if (entries.length > 1 && seen.has('*')) report.error(path, '"*" goes with no other entry');
  if (entries.length > 1 && seen.has('~')) report.error(path, '"~" (nobody) goes with no other entry');
}

/** @param field labels (Sidecar, ServiceEntry) or matchLabels (DestinationRule) */
export function checkSelector(
  selector: Spec | undefined,
  field: 'labels' | 'matchLabels',
  path: Path,
  report: Report,
  emptyMessage: string,
): void {
  if (!selector) return;
  const labels = blockOf(selector, field) ?? {};
  for (const [key, value] of Object.entries(labels)) {
    if (key === '') report.error([...path, field], 'a selector cannot have an empty label name');
    if (`${key}${String(value)}`.includes('*'))
      report.error([...path, field, key], 'a selector takes no wildcards');
  }
  if (Object.keys(labels).length === 0) report.warning(path, emptyMessage);
}

export function checkLabels(labels: Spec | undefined, path: Path, report: Report): void {
  for (const [key, value] of Object.entries(labels ?? {}))
    report.check([...path, key], labelError(key, value));
}

/** Istio stops at the first name without a namespace. */
export function checkGatewayNames(spec: unknown, path: Path, report: Report): void {
  for (const [index, name] of textsOf(spec, 'gateways')) {
    const here = [...path, 'gateways', index];
    const slash = name.indexOf('/');
    if (slash < 0) {
      if (name.includes('.')) {
        const [gateway, namespace] = name.split('.');
        report.warning(
          here,
          `"${name}" is the old form of a gateway name`,
          `write "${namespace}/${gateway}"`,
        );
      }
      report.check(here, fqdnError(name));
      return;
    }
    const namespace = name.slice(0, slash);
    const gateway = name.slice(slash + 1);
    if (!isDnsLabel(namespace)) report.error(here, `"${namespace}" is no namespace`);
    if (!isDnsLabel(gateway)) report.error(here, `"${gateway}" is no gateway name`);
  }
}
