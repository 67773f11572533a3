// Workload objects become workloads with a template; who owns whom in an export decides what is a workload of its own.
// Source: Kubernetes API apps/v1 (1.31).
import { type PodTemplate, type Problem, templateKey } from './built-state.ts';
import type { ManifestObject, UpdateStrategy, Workload, WorkloadKind } from './model.ts';
import { matchesSelector } from './node-affinity.ts';
import { label, metaOf, numberOr, record, text } from './shape.ts';

export const WORKLOAD_KINDS: readonly WorkloadKind[] = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Pod',
];
const MAX_REPLICAS = 100_000;

export const isWorkloadKind = (kind: string): kind is WorkloadKind =>
  (WORKLOAD_KINDS as readonly string[]).includes(kind);

export interface Read {
  workload: Workload;
  template: PodTemplate;
  /** False when spec.replicas was not written. */
  hasReplicas: boolean;
}

/** Reads one object; what is wrong with it goes to `problems`, and it is read as far as possible. */
export function workloadOf(cluster: string, object: ManifestObject, problems: Problem[]): Read {
  const kind = object.kind as WorkloadKind;
  const spec = record(object.spec);
  const meta = metaOf(object);
  const isPod = kind === 'Pod';
  const rawTemplate = record(spec['template']);
  const templateMeta = isPod ? meta : metaOf(rawTemplate);
  const template: PodTemplate = {
    labels: templateMeta.labels,
    annotations: templateMeta.annotations,
    spec: isPod ? spec : record(rawTemplate['spec']),
  };
  const serviceName = text(spec['serviceName']);
  if (kind === 'StatefulSet' && serviceName) template.spec = { ...template.spec, subdomain: serviceName };
  const complain = (path: (string | number)[], message: string, hint?: string) =>
    problems.push({
      severity: 'error',
      message: `${kind} ${meta.namespace}/${meta.name}: ${message}`,
      ...(hint && { hint }),
      origin: object.originOf?.(path) ?? object.origin,
    });
  const labelsPath = isPod ? ['metadata', 'labels'] : ['spec', 'template', 'metadata', 'labels'];
  const rawLabels = record(isPod ? object.metadata : rawTemplate['metadata'])['labels'];
  for (const [key, value] of Object.entries(record(rawLabels)))
    if (value !== null && typeof value !== 'string')
      complain(
        [...labelsPath, key],
        `the label ${key} must be a string`,
        `write it as ${key}: "${text(value)}"`,
      );
  if (!isPod) {
    const selector = spec['selector'];
    if (selector === undefined || selector === null)
      problems.push({
        severity: 'warning',
        message: `${kind} ${meta.namespace}/${meta.name}: spec.selector is missing; its template's labels are taken`,
        hint: 'the API server refuses this: repeat the labels of spec.template.metadata.labels in it',
        origin: object.originOf?.(['spec']) ?? object.origin,
      });
    else if (!matchesSelector(selector, template.labels))
      complain(
        ['spec', 'selector'],
        "its selector does not match its template's labels",
        'the API server refuses this: make spec.selector.matchLabels a part of spec.template.metadata.labels',
      );
  }
  const replicas = kind === 'Pod' || kind === 'DaemonSet' ? undefined : spec['replicas'];
  const hasReplicas = replicas !== undefined && replicas !== null;
  const isCount = typeof replicas === 'number' && Number.isInteger(replicas) && replicas >= 0;
  if (hasReplicas && !isCount) complain(['spec', 'replicas'], 'spec.replicas must be a whole number from 0');
  if (isCount && replicas > MAX_REPLICAS)
    complain(['spec', 'replicas'], `spec.replicas is more than the ${MAX_REPLICAS} pods that are simulated`);
  const workload: Workload = {
    kind,
    cluster,
    namespace: meta.namespace,
    name: meta.name,
    replicas: hasReplicas && isCount ? Math.min(replicas, MAX_REPLICAS) : 1,
    labels: template.labels,
    strategy: strategyOf(kind, spec),
    origin: object.origin,
  };
  return { workload, template, hasReplicas: hasReplicas && isCount };
}

/** Source: Kubernetes API defaults: 25 % and 25 % for Deployments, 0 and 1 for the others. */
function strategyOf(kind: WorkloadKind, spec: Record<string, unknown>): UpdateStrategy {
  const raw = record(spec[kind === 'Deployment' ? 'strategy' : 'updateStrategy']);
  const rolling = record(raw['rollingUpdate']);
  const isDeployment = kind === 'Deployment';
  const type = text(raw['type']);
  return {
    type:
      isDeployment && type === 'Recreate'
        ? 'Recreate'
        : (!isDeployment && type === 'OnDelete') || kind === 'ReplicaSet'
          ? 'OnDelete'
          : 'RollingUpdate',
    maxSurge: countOrShare(rolling['maxSurge'], isDeployment ? '25%' : 0),
    maxUnavailable: countOrShare(rolling['maxUnavailable'], isDeployment ? '25%' : 1),
    partition: numberOr(rolling['partition'], 0),
    isParallel: spec['podManagementPolicy'] === 'Parallel',
    minReadyNs: Math.round(numberOr(spec['minReadySeconds'], 0) * 1e9),
  };
}

function countOrShare(value: unknown, fallback: number | string): number | string {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  return typeof value === 'string' && /^\d{1,3}%$/.test(value) ? value : fallback;
}

/** In an export a Deployment's ReplicaSet and a ReplicaSet's Pods stand beside it: only the outermost counts. */
export function isOwned(cluster: string, object: ManifestObject, listed: ReadonlySet<string>): boolean {
  const meta = metaOf(object);
  for (const owner of meta.owners) {
    const at = `${cluster}/${meta.namespace}`;
    if (object.kind === 'ReplicaSet' && owner.kind === 'Deployment') return true;
    if (object.kind !== 'Pod') continue;
    // A pod of a Job ends by itself and serves nobody; a static pod belongs to its node and runs.
    if (owner.kind === 'Job' || owner.kind === 'CronJob') return true;
    if (listed.has(`${at}/${owner.kind}/${owner.name}`)) return true;
    const hash = label(meta.labels, 'pod-template-hash');
    if (owner.kind === 'ReplicaSet' && hash && owner.name.endsWith(`-${hash}`))
      if (listed.has(`${at}/Deployment/${owner.name.slice(0, -hash.length - 1)}`)) return true;
  }
  return false;
}

/** An exported Pod that has ended. */
export const hasEnded = (object: ManifestObject): boolean =>
  object.kind === 'Pod' && ['Succeeded', 'Failed'].includes(text(record(object.status)['phase']));

export const keyOfObject = (cluster: string, object: ManifestObject): string => {
  const meta = metaOf(object);
  return templateKey({ kind: object.kind, cluster, namespace: meta.namespace, name: meta.name });
};
