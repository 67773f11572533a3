// Which nodes a pod's own wishes leave: nodeSelector, required node affinity, taints without toleration.
// Source: kubernetes/component-helpers scheduling/corev1/nodeaffinity, api/core/v1/toleration.go (1.31).
import type { KubeNode } from './model.ts';
import { isSelected, label, list, record, strings, text } from './shape.ts';

export function isAffine(node: KubeNode, spec: Record<string, unknown>): boolean {
  if (!isSelected(node.labels, strings(spec['nodeSelector']))) return false;
  const affinity = record(record(spec['affinity'])['nodeAffinity']);
  const required = affinity['requiredDuringSchedulingIgnoredDuringExecution'];
  if (required === undefined || required === null) return true;
  // Terms are alternatives; within a term everything must hold, and an empty term matches nothing.
  return list(record(required)['nodeSelectorTerms'])
    .map(record)
    .some((term) => {
      const expressions = list(term['matchExpressions']).map(record);
      const fields = list(term['matchFields']).map(record);
      if (expressions.length + fields.length === 0) return false;
      return (
        expressions.every((expression) => holds(expression, label(node.labels, text(expression['key'])))) &&
        fields.every((field) => field['key'] === 'metadata.name' && holds(field, node.name))
      );
    });
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

export function isTolerated(node: KubeNode, spec: Record<string, unknown>): boolean {
  const tolerations = list(spec['tolerations']).map(record);
  return (node.taints ?? []).every(
    (taint) =>
      taint.effect === 'PreferNoSchedule' ||
      tolerations.some((toleration) => {
        const effect = text(toleration['effect']);
        if (effect !== '' && effect !== taint.effect) return false;
        const key = text(toleration['key']);
        if (toleration['operator'] === 'Exists') return key === '' || key === taint.key;
        return key === taint.key && text(toleration['value']) === taint.value;
      }),
  );
}
