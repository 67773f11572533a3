// PR003: a label that nobody has tells nobody apart.
import { settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const pr003 = defineRule({
  id: 'PR003',
  title: 'failoverPriority names a label that does not tell endpoints apart',
  severity: 'warning',
  symptom: 'failoverPriority is set, and all endpoints share one priority, or all are behind.',
  cause:
    "A label without a value is compared with the caller's own; absent on both sides is equal. A label with a value that no endpoint carries puts everybody into the last priority. The comparison is a prefix: after the first difference nothing is looked at.",
  fix: 'Name labels that pods (or nodes: region, zone, subzone, hostname) really carry.',
  *check(subject) {
    for (const view of subject.views) {
      const items = view.setting?.setting.failoverPriority;
      if (!Array.isArray(items) || view.hosts.length === 0 || view.endpoints.length === 0) continue;
      if (!view.cluster.outlierDetection && !view.setting?.forcesFailover) continue;
      if (!view.isOwnSetting && view.setting?.forcesFailover) continue;
      for (const [i, item] of items.entries()) {
        if (typeof item !== 'string') continue;
        const at = item.indexOf('=');
        const [label, value] = at < 0 ? [item, undefined] : [item.slice(0, at), item.slice(at + 1)];
        const values = new Set(view.endpoints.map((endpoint) => endpoint.labels[label] ?? ''));
        const wanted = value ?? view.node.labels[label];
        if (values.size > 1 && (wanted === undefined || values.has(wanted))) continue;
        if (label.startsWith('topology.') && value === undefined && (values.size > 1 || !values.has('')))
          continue;
        const isUnknown = value !== undefined ? !values.has(value) : values.size === 1 && values.has('');
        if (!isUnknown) continue;
        yield {
          at: settingOrigin(view, subject, 'failoverPriority', i) ?? view.service.origin,
          key: `${nameOfView(view)} ${item}`,
          message: `failoverPriority "${item}": no endpoint of ${nameOfView(view)} has ${value === undefined ? `the label ${label}` : item}, so ${value === undefined ? 'it tells nobody apart' : 'all of them fall behind'}.`,
          hint: 'name a label that pods or nodes carry',
        };
      }
    }
  },
});
