// Which nodes a pod's own wishes leave: nodeSelector, required node affinity, taints without toleration.
// Source: kubernetes/component-helpers scheduling/corev1/nodeaffinity, api/core/v1/toleration.go (1.31).
import type { KubeNode } from './model.ts';
import { isSelected, label, list, record, strings, text } from './shape.ts';

/** Reads a pod's spec once, to be asked node by node. */
export function nodeAffinityOf(spec: Record<string, unknown>): (node: KubeNode) => boolean {
  const selector = strings(spec['nodeSelector']);
  const affinity = record(record(spec['affinity'])['nodeAffinity']);
  const required = affinity['requiredDuringSchedulingIgnoredDuringExecution'] ?? null;
  // Terms are alternatives; within a term everything must hold, and an empty term matches nothing.
  const terms = list(record(required)['nodeSelectorTerms'])
    .map(record)
    .map((term) => ({
      expressions: list(term['matchExpressions']).map(record),
      fields: list(term['matchFields']).map(record),
    }))
    .filter(({ expressions, fields }) => expressions.length + fields.length > 0);
  return (node) =>
    isSelected(node.labels, selector) &&
    (required === null ||
      terms.some(
        ({ expressions, fields }) =>
          expressions.every((expression) => holds(expression, label(node.labels, text(expression['key'])))) &&
          fields.every((field) => field['key'] === 'metadata.name' && holds(field, node.name)),
      ));
}

/** One requirement of a selector against a value; undefined = the label is absent. */
export function holds(expression: Record<string, unknown>, value: string | undefined): boolean {
  const values = list(expression['values']).map(text);
  switch (expression['operator']) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return isWhole(value) && isWhole(values[0]) && Number(value) > Number(values[0]);
    case 'Lt':
      return isWhole(value) && isWhole(values[0]) && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

const isWhole = (value: string | undefined): value is string => value !== undefined && /^-?\d+$/.test(value);

/** A labelSelector (matchLabels and matchExpressions) against labels; an empty one matches everything. */
export function matchesSelector(selector: unknown, labels: Record<string, string>): boolean {
  return (
    isSelected(labels, strings(record(selector)['matchLabels'])) &&
    list(record(selector)['matchExpressions'])
      .map(record)
      .every((expression) => holds(expression, label(labels, text(expression['key']))))
  );
}

export function tolerationsOf(spec: Record<string, unknown>): (node: KubeNode) => boolean {
  const tolerations = list(spec['tolerations'])
    .map(record)
    .map((toleration) => ({
      key: text(toleration['key']),
      value: text(toleration['value']),
      effect: text(toleration['effect']),
      isAnyValue: toleration['operator'] === 'Exists',
    }));
  return (node) =>
    (node.taints ?? []).every(
      (taint) =>
        taint.effect === 'PreferNoSchedule' ||
        tolerations.some(({ key, value, effect, isAnyValue }) => {
          if (effect !== '' && effect !== taint.effect) return false;
          if (isAnyValue) return key === '' || key === taint.key;
          return key === taint.key && value === taint.value;
        }),
    );
}
