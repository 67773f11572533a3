// `faults:` of the scenario file: one kind per fault, `at` a time, often `for` a while.
import * as z from 'zod';
import type { Target } from './scenario.ts';
import {
  count,
  duration,
  exactlyOne,
  name,
  once,
  percentage,
  refuse,
  status,
  writtenOf,
} from './schema-values.ts';

export const TARGET_KINDS = [
  'pod',
  'workload',
  'deployment',
  'service',
  'zone',
  'region',
  'cluster',
] as const;

const targetShape = {
  pod: name.optional(),
  workload: name.optional(),
  deployment: name.optional(),
  service: name.optional(),
  zone: name.optional(),
  region: name.optional(),
  /** Alone it is the target; beside another it narrows that one. */
  cluster: name.optional(),
  namespace: name.optional(),
};
type TargetFile = { [K in keyof typeof targetShape]?: string };

/** Reports when there is not exactly one name to aim at. */
function targetOf(
  value: TargetFile,
  context: Parameters<typeof refuse>[0],
  allowed: readonly string[],
): Target | undefined {
  const narrow = TARGET_KINDS.filter((kind) => kind !== 'cluster');
  const hasOther = writtenOf(value, narrow).length > 0;
  const kind = (
    hasOther || value.cluster === undefined ? exactlyOne(value, narrow, 'a target', context) : 'cluster'
  ) as Target['kind'] | undefined;
  if (kind === undefined) return undefined;
  if (!allowed.includes(kind)) {
    refuse(context, 'FS2007', `this fault cannot be aimed at a ${kind}`, `it takes ${allowed.join(', ')}`, [
      kind,
    ]);
    return undefined;
  }
  return {
    kind,
    name: value[kind]!,
    ...(kind !== 'cluster' && value.cluster !== undefined && { cluster: value.cluster }),
    ...(value.namespace !== undefined && { namespace: value.namespace }),
  };
}

/** A target with further keys; a bare text is a workload, or a pod when it ends in [n]. */
function aimed<S extends z.ZodRawShape>(further: S, allowed: readonly string[] = TARGET_KINDS) {
  const object = z.strictObject({ ...targetShape, ...further }).transform((value, context) => {
    const target = targetOf(value as TargetFile, context, allowed);
    if (!target) return z.NEVER;
    return { target, ...(value as z.output<z.ZodObject<S>>) };
  });
  const text = name.transform((written, context) => {
    const kind = /\[\d+\]$/.test(written) ? 'pod' : allowed.includes('workload') ? 'workload' : 'deployment';
    const parsed = object.safeParse({ [kind]: written });
    if (parsed.success) return parsed.data;
    refuse(context, 'FS2002', parsed.error.issues[0]!.message, `write a mapping: { ${kind}: ${written}, … }`);
    return z.NEVER;
  });
  return z.union([object, text]);
}

const percent = { percentage: percentage.default(100) };
const WORKLOADS = ['workload', 'deployment'] as const;
const PROCESSES = ['pod', 'workload', 'deployment', 'service'] as const;

/** A place by name, or with the cluster that narrows it. */
function place(kind: 'zone' | 'region' | 'cluster') {
  const text = name.transform((written): { target: Target } => ({ target: { kind, name: written } }));
  if (kind !== 'zone') return text;
  const object = z
    .strictObject({ zone: name, cluster: name })
    .transform(({ zone, cluster }): { target: Target } => ({ target: { kind, name: zone, cluster } }));
  return z.union([text, object]);
}

const paths = z.union([name.transform((path) => [path]), z.array(name).min(1)]);

/** "DestinationRule/reviews" or "DestinationRule/default/reviews". */
const objectName = name.transform((text, context) => {
  const match = /^([A-Za-z]+)\/(?:([^/\s]+)\/)?([^/\s]+)$/.exec(text);
  if (match) return { objectKind: match[1]!, namespace: match[2], name: match[3]! };
  refuse(context, 'FS2003', `"${text}" names no object`, 'write Kind/name, e.g. DestinationRule/reviews');
  return z.NEVER;
});

/** By kind, made when a file has faults. */
const FAULTS = {
  scale: () => aimed({ replicas: count.max(10_000) }, WORKLOADS),
  refuse: () => aimed(percent),
  crash: () => aimed(percent),
  reset: () => aimed(percent),
  hang: () => aimed(percent),
  blackhole: () => aimed(percent),
  respond: () => aimed({ status, ...percent }),
  slow: () => aimed({ by: duration, ...percent }),
  partition: () => z.strictObject({ between: z.tuple([name, name]) }),
  zoneDown: () => place('zone'),
  regionDown: () => place('region'),
  clusterDown: () => place('cluster'),
  apply: () => paths,
  delete: () => objectName,
  rollout: () => aimed({}, WORKLOADS),
  restartProxy: () => aimed({}, PROCESSES),
  istiodDown: () => z.literal(true),
};
export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[];

/** `for` would have nothing to undo. */
const INSTANT: readonly string[] = ['rollout', 'restartProxy'];

export const faultSchema = once(() =>
  z
    .strictObject({
      at: duration,
      for: duration.optional(),
      cluster: name.optional().describe('with apply or delete: the cluster of Kubernetes objects'),
      namespace: name.optional().describe('with delete'),
      ...(Object.fromEntries(FAULT_KINDS.map((kind) => [kind, FAULTS[kind]().optional()])) as {
        [K in FaultKind]: z.ZodOptional<ReturnType<(typeof FAULTS)[K]>>;
      }),
    })
    .superRefine((fault, context) => {
      const kind = exactlyOne(fault, FAULT_KINDS, 'a fault', context);
      if (kind === undefined) return;
      if (fault.cluster !== undefined && kind !== 'apply' && kind !== 'delete')
        refuse(
          context,
          'FS2007',
          `cluster belongs inside ${kind}`,
          `write ${kind}: { …, cluster: ${fault.cluster} }`,
          ['cluster'],
        );
      if (fault.namespace !== undefined && kind !== 'delete')
        refuse(context, 'FS2007', `namespace belongs inside ${kind}`, undefined, ['namespace']);
      if (fault.for !== undefined && INSTANT.includes(kind))
        refuse(context, 'FS2007', `${kind} takes no \`for\``, 'it ends by itself', ['for']);
      if (fault.for === 0)
        refuse(context, 'FS2003', '`for` must be more than 0', 'leave it out to let the fault stay', ['for']);
    }),
);
export type FaultFile = z.output<ReturnType<typeof faultSchema>>;
