// Names in loads and faults.
import { hintFor } from './diagnostics.ts';
import { checkHost } from './references-behavior.ts';
import type { Check } from './references-check.ts';
import { type NamedWorkload, servicesFor, workloadsOfPod } from './references-names.ts';
import type { Fault, Load, Target } from './scenario.ts';

type Steps = (string | number)[];

/** Names of loads that stand twice. */
export function checkLoadNames(check: Check): void {
  const seen = new Set<string>();
  for (const [i, { name }] of check.scenario.load.entries()) {
    if (seen.has(name))
      check.report(
        'FS3014',
        check.originAt(['load', i, 'name']),
        `two loads are named "${name}"`,
        'expectations tell them apart by name',
      );
    seen.add(name);
  }
}

export function checkLoads(check: Check): void {
  const { scenario, names } = check;
  checkLoadNames(check);
  for (const [i, load] of scenario.load.entries()) {
    const at: Steps = ['load', i];
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
