// Names in loads, faults and expectations.
import type { Origin } from '../models/envoy/config.ts';
import { hintFor } from './diagnostics.ts';
import type { Check } from './references.ts';
import { checkHost } from './references-behavior.ts';
import { isEntryHost, type NamedWorkload, servicesFor, workloadsOfPod } from './references-names.ts';
import { BY_LABELS } from './result.ts';
import type { Expectation, Fault, Load, Target } from './scenario.ts';

type Steps = (string | number)[];

export function checkLoads(check: Check): void {
  const { scenario, names } = check;
  const seen = new Set<string>();
  for (const [i, load] of scenario.load.entries()) {
    const at: Steps = ['load', i];
    if (seen.has(load.name))
      check.report(
        'FS3014',
        check.originAt([...at, 'name']),
        `two loads are named "${load.name}"`,
        'expectations tell them apart by name',
      );
    seen.add(load.name);
    const { from } = load;
    if (from.cluster !== undefined)
      check.known('FS3002', 'cluster', from.cluster, names.clusters, [...at, 'from', 'cluster']);
    if ('gateway' in from) {
      if (names.workloads.some((workload) => workload.name === from.gateway)) continue;
      if (names.gateways.has(from.gateway)) continue;
      const hint =
        hintFor(from.gateway, names.gateways) ??
        'deploy one in the manifests, or name it in topology.gateways';
      check.report(
        'FS3004',
        check.originAt([...at, 'from', 'gateway']),
        `there is no gateway "${from.gateway}"`,
        hint,
      );
      continue;
    }
    const target: Target =
      'pod' in from
        ? { ...from, kind: 'pod', name: from.pod }
        : { ...from, kind: 'workload', name: from.workload };
    const callers = checkTarget(check, target, [...at, 'from']);
    if (callers[0])
      checkHost(check, load.request.host, callers[0].namespace, check.originAt([...at, 'request']));
  }
}

/** Reports an unknown name; returns the workloads that are meant. */
function checkTarget(check: Check, target: Target, at: Steps): NamedWorkload[] {
  const { names } = check;
  const inReach = names.workloads.filter(
    (workload) =>
      (target.cluster === undefined || workload.cluster === target.cluster) &&
      (target.namespace === undefined || workload.namespace === target.namespace),
  );
  const key = check.isWritten([...at, target.kind]) ? [...at, target.kind] : at;
  if (target.cluster !== undefined && !names.clusters.has(target.cluster)) {
    check.known('FS3002', 'cluster', target.cluster, names.clusters, [...at, 'cluster']);
    return [];
  }
  switch (target.kind) {
    case 'cluster':
      check.known('FS3002', 'cluster', target.name, names.clusters, key);
      return [];
    case 'zone':
      check.known('FS3007', 'zone', target.name, names.zones, key);
      return [];
    case 'region':
      check.known('FS3007', 'region', target.name, names.regions, key);
      return [];
    case 'service': {
      const known = names.services.map((service) => service.name);
      if (servicesFor(names, target.name, target.namespace).length === 0)
        check.report(
          'FS3005',
          check.originAt(key),
          `no Service is named "${target.name}"`,
          hintFor(target.name, known),
        );
      return [];
    }
    default: {
      const found = workloadsOfPod({ ...names, workloads: inReach }, target.name);
      const meant = target.kind === 'pod' ? found : found.filter((workload) => workload.name === target.name);
      if (meant.length > 0) return meant;
      const elsewhere = names.workloads.find((workload) => workload.name === target.name);
      const where = [
        target.cluster && ` in cluster ${target.cluster}`,
        target.namespace && ` in namespace ${target.namespace}`,
      ];
      const hint = elsewhere
        ? `it is in cluster ${elsewhere.cluster}, namespace ${elsewhere.namespace}`
        : hintFor(
            target.name,
            inReach.map((workload) => workload.name),
          );
      check.report(
        'FS3003',
        check.originAt(key),
        `there is no ${target.kind} "${target.name}"${where.join('')}`.replaceAll('undefined', ''),
        hint,
      );
      return [];
    }
  }
}

export function checkFaults(check: Check): void {
  const { scenario, names } = check;
  const end = lastEnd(scenario.load);
  for (const [i, fault] of scenario.faults.entries()) {
    const at: Steps = ['faults', i];
    if ('target' in fault) checkTarget(check, fault.target, [...at, fault.kind]);
    if (fault.kind === 'partition')
      for (const [j, name] of fault.between.entries()) check.place(name, [...at, 'partition', 'between', j]);
    if ((fault.kind === 'apply' || fault.kind === 'delete') && fault.cluster !== null)
      check.known('FS3002', 'cluster', fault.cluster, names.clusters, [...at, 'cluster']);
    if (fault.kind === 'delete') checkDelete(check, fault, at);
    if (end !== undefined && fault.atNs > end)
      check.report(
        'FS3012',
        check.originAt([...at, 'at']),
        `this fault comes ${(fault.atNs - end) / 1e9}s after the last request`,
        'it changes nothing: make a load longer, or the fault earlier',
        'warning',
      );
  }
}

function checkDelete(check: Check, fault: Fault & { kind: 'delete' }, at: Steps): void {
  const isOne = check.names.objects.some(
    ({ object, cluster }) =>
      object.kind === fault.objectKind &&
      object.metadata.name === fault.name &&
      (fault.namespace === undefined || (object.metadata.namespace ?? 'default') === fault.namespace) &&
      (fault.cluster === null || cluster === fault.cluster),
  );
  if (isOne) return;
  const known = check.names.objects.map(({ object }) => `${object.kind}/${object.metadata.name}`);
  const written = `${fault.objectKind}/${fault.name}`;
  check.report(
    'FS3016',
    check.originAt([...at, 'delete']),
    `there is no ${written} to delete`,
    hintFor(written, known),
  );
}

/** When the last request starts, as far as the file tells; undefined = it does not. */
function lastEnd(loads: readonly Load[]): number | undefined {
  let end: number | undefined;
  for (const load of loads) {
    const stages = load.stages?.reduce((sum, stage) => sum + stage.durationNs, 0);
    const paced =
      load.executor === 'iterations' && load.paceNs > 0 ? load.paceNs * (load.iterations ?? 0) : undefined;
    const lasts = load.durationNs ?? stages ?? paced;
    if (lasts === undefined) return undefined;
    end = Math.max(end ?? 0, load.startNs + lasts);
  }
  return end;
}

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
  if (label === 'pod' ? workloadsOfPod(names, value).length > 0 : known.includes(value)) return;
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
