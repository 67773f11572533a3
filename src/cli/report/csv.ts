// Every figure of saved runs in a row of its own (RFC 4180), for spreadsheets and notebooks. Times are seconds. A name that a spreadsheet
// would take for a formula gets an apostrophe in front.
import { BY_LABELS } from '../../scenarios/result.ts';
import { clean } from '../output/layout.ts';
import type { SavedRun } from '../read-run.ts';
import { LABELS } from './views.ts';

type Field = string | number | null | undefined;

const HEAD = [
  'scenario',
  'variant',
  'seed',
  'runs',
  'what',
  'load',
  'service',
  'label',
  'name',
  'from',
  'to',
  'value',
  'low',
  'high',
  'share',
];

export function csvReport(runs: readonly SavedRun[]): string {
  const rows: Field[][] = [HEAD];
  for (const { result, record } of runs) {
    const { name, variant, seed, runs: count } = result.scenario;
    const row = (what: string, fields: Partial<Record<string, Field>>) =>
      rows.push([name, variant, seed, count, what, ...HEAD.slice(5).map((key) => fields[key])]);
    for (const one of result.expectations) row('expectation met', { name: one.name, value: one.ok ? 1 : 0 });
    for (const load of result.loads) {
      const figures = {
        requests: load.requests,
        failed: load.failed,
        'error rate': load.errorRate,
        'tries per request': load.attemptsPerRequest,
      };
      for (const [what, value] of Object.entries(figures)) row(what, { load: load.name, value });
      for (const [quantile, value] of Object.entries(load.latency))
        row(`latency ${quantile}`, { load: load.name, value });
      for (const [code, value] of Object.entries(load.codes))
        row('code', { load: load.name, name: code, value });
      for (const [flag, value] of Object.entries(load.flags))
        row('flag', { load: load.name, name: flag, value });
    }
    for (const { service, load, by } of result.services)
      for (const label of BY_LABELS)
        for (const [pod, { mean, p2_5, p97_5, share }] of Object.entries(by[label]))
          row('answers', { load, service, label, name: pod, value: mean, low: p2_5, high: p97_5, share });
    for (const { at, until, server, endpoint, reason } of record.ejections)
      row('ejection', {
        service: record.servers[server]?.workload,
        label: reason,
        name: record.servers[server]?.name ?? endpoint,
        from: at,
        to: until ?? record.end,
      });
    for (const { at, until, text } of record.faults) row('fault', { name: text, from: at, to: until });
    for (const { caller, service, answers } of record.traffic)
      for (const { server, counts } of answers)
        for (const [bin, value] of counts.entries())
          if (value > 0)
            row('answers in time', {
              load: record.callers[caller]?.name,
              service: record.services[service],
              label: LABELS[2],
              name: record.servers[server]?.name ?? 'nobody',
              from: seconds(bin * record.binSeconds),
              to: seconds((bin + 1) * record.binSeconds),
              value,
            });
  }
  return `${rows.map((fields) => fields.map(field).join(',')).join('\r\n')}\r\n`;
}

const seconds = (value: number): number => Math.round(value * 1e6) / 1e6;

function field(value: Field): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = clean(value).replace(/^[=+\-@\t]/, "'$&");
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
