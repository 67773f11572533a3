// Names in expectations: services, loads, callers, and the label values that requests are counted by.
import type { Origin } from '../models/envoy/config.ts';
import { hintFor } from './diagnostics.ts';
import type { Check } from './references-check.ts';
import { isEntryHost, servicesFor, workloadsOfPod } from './references-names.ts';
import { BY_LABELS } from './result.ts';
import type { Expectation } from './scenario.ts';

type Steps = (string | number)[];

export function checkExpectations(check: Check): void {
  const { scenario, names } = check;
  const loads = scenario.load.map((load) => load.name);
  const workloads = names.workloads.map((workload) => workload.name);
  const callers = [...new Set([...workloads, ...names.gateways, ...loads])];
  const hosts = [...names.entryHosts];
  for (const expectation of scenario.expect) {
    const path = (key: string, below?: string): Steps => [
      'expect',
      scenario.expect.indexOf(expectation),
      key,
      ...(below === undefined ? [] : [below]),
    ];
    const { of, during, caller } = expectation;
    if (of !== undefined && servicesFor(names, of, undefined).length === 0 && !isEntryHost(hosts, of))
      check.report(
        'FS3005',
        check.originAt(path('of')),
        `no Service is named "${of}"`,
        serviceHint(check, of),
      );
    if (during !== undefined) check.known('FS3010', 'load', during, loads, path('during'));
    if (caller !== undefined) check.known('FS3003', 'workload', caller, callers, path('caller'));
    for (const key of ['requests', 'attempts', 'share'] as const)
      for (const written of Object.keys(expectation[key] ?? {}))
        checkLabel(check, written, check.keyOriginAt(path(key, written)));
    checkMaxShare(check, expectation, path);
  }
}

function serviceHint(check: Check, name: string): string | undefined {
  const service = check.names.services.map((each) => each.name);
  if (check.names.workloads.some((workload) => workload.name === name))
    return `${name} is a workload: write the service that it belongs to, and { ${name}: … } inside requests or share`;
  return hintFor(name, service);
}

/** "reviews-v1", "none", "version=v2", "app=reviews". */
function checkLabel(check: Check, written: string, origin: Origin): void {
  const { names } = check;
  const at = written.indexOf('=');
  const [label, value] = at < 0 ? ['workload', written] : [written.slice(0, at), written.slice(at + 1)];
  if (value === 'none' && at < 0) return;
  const known = valuesOf(check, label);
  if (known.includes(value)) return;
  if (
    label === 'pod' &&
    (workloadsOfPod(names, value).length > 0 || names.addresses.has(value.replace(/:\d+$/, '')))
  )
    return;
  // Nodes that the topology describes get their names later.
  if (label === 'node') return;
  if (label === 'workload')
    return check.report('FS3003', origin, `there is no workload "${value}"`, hintFor(value, known));
  const labels = [
    ...BY_LABELS,
    ...new Set(names.workloads.flatMap((workload) => Object.keys(workload.labels))),
  ];
  const hint = known.length > 0 ? hintFor(value, known) : hintFor(label, labels);
  if (label === 'region' || label === 'zone') {
    if (known.length > 0) check.report('FS3007', origin, `there is no ${label} "${value}"`, hint);
  } else if (label === 'cluster') check.report('FS3002', origin, `there is no cluster "${value}"`, hint);
  else check.report('FS3011', origin, `no pod has ${label}=${value}`, hint);
}

function valuesOf(check: Check, label: string): string[] {
  const { clusters, regions, zones, workloads } = check.names;
  if (label === 'cluster') return [...clusters];
  if (label === 'region') return [...regions];
  if (label === 'zone') return [...zones];
  if (label === 'workload') return [...new Set(workloads.map((workload) => workload.name))];
  if (label === 'pod') return [...new Set(workloads.map((workload) => `${workload.name}-0`))];
  return [
    ...new Set(workloads.flatMap(({ labels }) => (Object.hasOwn(labels, label) ? [labels[label]!] : []))),
  ];
}

/** Keys of maxShare are labels: the largest part by any of their values. */
function checkMaxShare(
  check: Check,
  expectation: Expectation,
  path: (key: string, below?: string) => Steps,
): void {
  const own = check.names.workloads.flatMap((workload) => Object.keys(workload.labels));
  const labels = new Set<string>([...BY_LABELS, ...own]);
  for (const label of Object.keys(expectation.maxShare ?? {})) {
    if (labels.has(label)) continue;
    check.report(
      'FS3011',
      check.keyOriginAt(path('maxShare', label)),
      `no pod has a label "${label}"`,
      hintFor(label, labels),
    );
  }
}
