// What a sweep reads off a result: a few figures by name, and shares of a service as "reviews:version=v2". Latencies in seconds.

import { hintFor } from '../diagnostics.ts';
import { isMistake, type Mistake } from '../durations.ts';
import { BY_LABELS, type ByLabel } from '../result.ts';
import type { ResultSummary } from '../work/unit.ts';

export interface Measure {
  name: string;
  unit: 'share' | 'seconds' | 'number';
  of(result: ResultSummary): number;
}

export const FIGURES = [
  'requests',
  'errorRate',
  'attemptsPerRequest',
  'p50',
  'p90',
  'p95',
  'p99',
  'mean',
  'max',
  'ejections',
] as const;
const LATENCIES: readonly string[] = ['p50', 'p90', 'p95', 'p99', 'mean', 'max'];

/** @param during one load; absent = all together, where the slowest load gives the latencies */
export function measureOf(name: string, during: string | undefined): Measure | Mistake {
  const loads = (result: ResultSummary) =>
    result.loads.filter((load) => during === undefined || load.name === during);
  const requests = (result: ResultSummary) => loads(result).reduce((sum, load) => sum + load.requests, 0);
  const weighted = (result: ResultSummary, value: (load: ResultSummary['loads'][number]) => number) => {
    const all = requests(result);
    return all === 0 ? 0 : loads(result).reduce((sum, load) => sum + value(load) * load.requests, 0) / all;
  };
  if (name === 'requests') return { name, unit: 'number', of: requests };
  if (name === 'errorRate')
    return { name, unit: 'share', of: (result) => weighted(result, (load) => load.errorRate) };
  if (name === 'attemptsPerRequest')
    return { name, unit: 'number', of: (result) => weighted(result, (load) => load.attemptsPerRequest) };
  if (name === 'ejections') return { name, unit: 'number', of: (result) => result.ejections };
  if (LATENCIES.includes(name)) {
    const key = name as keyof ResultSummary['loads'][number]['latency'];
    return {
      name,
      unit: 'seconds',
      of: (result) => Math.max(0, ...loads(result).map((load) => load.latency[key])),
    };
  }
  const share = /^([^:]+):(?:(\w+)=)?(.+)$/.exec(name);
  if (!share)
    return {
      message: `there is no measure "${name}"`,
      hint: hintFor(name, FIGURES) ?? `known: ${FIGURES.join(', ')}, or a share such as reviews:version=v2`,
    };
  const [, service, label = 'workload', value] = share as unknown as [
    string,
    string,
    string | undefined,
    string,
  ];
  if (!(BY_LABELS as readonly string[]).includes(label))
    return { message: `${name}: shares are by ${BY_LABELS.join(', ')}`, hint: hintFor(label, BY_LABELS) };
  return {
    name,
    unit: 'share',
    of(result) {
      const rows = result.services.filter(
        (row) =>
          (row.service === service || row.service.split('.')[0] === service) &&
          (during === undefined || row.load === during),
      );
      const all = rows.reduce((sum, row) => sum + row.requests, 0);
      const count = rows.reduce((sum, row) => sum + (row.by[label as ByLabel]?.[value]?.mean ?? 0), 0);
      return all === 0 ? 0 : count / all;
    },
  };
}

/** Errors, tries, latency and ejections, and the shares of the services that more than one workload answers. */
export function defaultMeasures(results: readonly ResultSummary[], during: string | undefined): Measure[] {
  const names: string[] = ['errorRate', 'attemptsPerRequest', 'p50', 'p95', 'ejections'];
  const MOST_SHARES = 3;
  const workloads = new Map<string, Set<string>>();
  for (const result of results)
    for (const row of result.services) {
      const known = workloads.get(row.service) ?? new Set<string>();
      for (const workload of Object.keys(row.by.workload)) if (workload !== 'none') known.add(workload);
      workloads.set(row.service, known);
    }
  const shares = [...workloads]
    .filter(([, known]) => known.size > 1)
    .flatMap(([service, known]) =>
      [...known].sort().map((workload) => `${service.split('.')[0]}:${workload}`),
    );
  return [...names, ...shares.slice(0, MOST_SHARES)].flatMap((name) => {
    const measure = measureOf(name, during);
    return isMistake(measure) ? [] : [measure];
  });
}
