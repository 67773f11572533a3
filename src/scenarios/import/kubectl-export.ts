// What `kubectl get -o yaml|json` of several contexts says, as manifests that can be kept: one folder per cluster, one for the mesh. Only what
// the simulation reads is written. Secrets, environments, volumes, commands, and texts of ConfigMaps never are; nor is what the API server added.
import { stringify } from 'yaml';
import { type Fields, isFields } from '../manifests-fields.ts';
import { parseYamlDocuments } from '../yaml-documents.ts';
import { at, type FoundObject, isMeshObject, isSimulated, isWorkload, listAt, objectsIn } from './found.ts';

export interface ContextText {
  /** Cluster id. */
  context: string;
  /** For messages: a file, or "standard input". */
  source: string;
  text: string;
}

export interface Imported {
  /** Path below the target folder -> text. */
  files: Map<string, string>;
  /** By "cluster/namespace/workload": the environment's words that may name services; for guessing calls, never written. */
  objects: { context: string; object: FoundObject }[];
  notes: string[];
  problems: string[];
}

/** Namespaces whose workloads carry no traffic that is asked about. */
const SYSTEM =
  /^(kube-system|kube-public|kube-node-lease|local-path-storage|gke-.*|gmp-.*|arms-prom|ack-.*-system|cert-manager|monitoring)$/;
const KEPT_ANNOTATIONS =
  /(^|\.)istio\.io\/|^(networking|service|proxy|sidecar|inject|traffic|topology)\.|k8s\.aliyun\.com\/|service\.beta\.kubernetes\.io\/|^prometheus\.io\/port$/;

export function importContexts(contexts: readonly ContextText[]): Imported {
  const imported: Imported = { files: new Map(), objects: [], notes: [], problems: [] };
  const texts = new Map<string, string[]>();
  const mesh = new Map<string, { context: string; text: string }>();
  const skipped = new Map<string, number>();
  const seen = new Set<string>();
  for (const { context, source, text } of contexts) {
    const { documents, diagnostics } = parseYamlDocuments(source, text);
    for (const { severity, message, line, code } of diagnostics)
      if (severity === 'error' && code !== 'FS1006') imported.problems.push(`${source}:${line}: ${message}`);
    const objects = documents.flatMap(({ value }) => objectsIn(value, source));
    if (objects.length === 0)
      imported.problems.push(`${source}: no Kubernetes object in it; kubectl get ... -o yaml gives a List`);
    const owners = new Set(objects.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`));
    for (const object of objects) {
      const reason = whyNot(object, owners);
      if (reason !== null) {
        skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
        continue;
      }
      const key = `${object.kind}/${object.namespace}/${object.name}`;
      const clean = kept(object);
      const yaml = stringify(clean, { lineWidth: 120 });
      if (isMeshObject(object)) {
        const before = mesh.get(key);
        if (before && before.text !== yaml)
          imported.notes.push(
            `${key} differs between ${before.context} and ${context}; that of ${before.context} is written`,
          );
        if (before) continue;
        mesh.set(key, { context, text: yaml });
        put(texts, `mesh/${fileName(object.namespace)}.yaml`, yaml);
      } else {
        if (seen.has(`${context}/${key}`)) continue;
        seen.add(`${context}/${key}`);
        const home = object.kind === 'Node' || object.kind === 'Namespace' ? 'cluster' : object.namespace;
        put(texts, `k8s/${fileName(context)}/${fileName(home)}.yaml`, yaml);
      }
      imported.objects.push({ context, object });
    }
  }
  for (const [path, parts] of [...texts].sort(([a], [b]) => (a < b ? -1 : 1)))
    imported.files.set(path, parts.join('---\n'));
  for (const [reason, count] of skipped) imported.notes.push(`${count} left out: ${reason}`);
  return imported;
}

const put = (texts: Map<string, string[]>, path: string, text: string) =>
  void texts.set(path, [...(texts.get(path) ?? []), text]);

/** Names come from a cluster, or from a stranger's file: they never lead out of the folder. */
export const fileName = (name: string): string =>
  name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'unnamed';

function whyNot(object: FoundObject, owners: ReadonlySet<string>): string | null {
  const { kind, namespace, name, fields } = object;
  if (kind === 'Secret') return 'Secrets (never written)';
  if (kind === 'ConfigMap' && !(name === 'istio' && typeof at(fields, 'data', 'mesh') === 'string'))
    return 'ConfigMaps other than istio';
  if (!isSimulated(object) && !(isMeshObject(object) && kind !== 'EnvoyFilter'))
    return `${kind}: not read by the simulation`;
  if (SYSTEM.test(namespace) && kind !== 'Node' && kind !== 'Namespace' && !isMeshObject(object))
    return 'workloads and services of the system';
  if (kind === 'Namespace' && SYSTEM.test(name)) return 'namespaces of the system';
  if (kind === 'Service' && namespace === 'default' && name === 'kubernetes')
    return 'the Service of the API server';
  for (const owner of listAt(fields, 'metadata', 'ownerReferences')) {
    const ownerKind = String(at(owner, 'kind'));
    if (kind === 'EndpointSlice' && ownerKind === 'Service')
      return 'EndpointSlices of Services with a selector';
    if (kind === 'ReplicaSet' && ownerKind === 'Deployment') return 'ReplicaSets of Deployments';
    // A pod stands for itself only when what owns it is not there.
    if (
      kind === 'Pod' &&
      (ownerKind === 'Job' ||
        ownerKind === 'ReplicaSet' ||
        owners.has(`${ownerKind}/${namespace}/${String(at(owner, 'name'))}`))
    )
      return ownerKind === 'Job' ? 'pods of Jobs' : 'pods of workloads that are there';
  }
  if (kind === 'ReplicaSet' && at(fields, 'spec', 'replicas') === 0) return 'ReplicaSets without pods';
  return null;
}

/** The object with what the simulation reads of it, and nothing that the API server or a person's secret added. */
export function kept(object: FoundObject): Fields {
  const { fields, apiVersion, kind } = object;
  const clean: Fields = { apiVersion, kind, metadata: keptMetadata(fields['metadata']) };
  if (kind === 'ConfigMap') {
    const data: Fields = {};
    for (const key of ['mesh', 'meshNetworks']) {
      const text = at(fields, 'data', key);
      if (typeof text === 'string') data[key] = text;
    }
    clean['data'] = data;
    return clean;
  }
  if (kind === 'EndpointSlice') {
    for (const key of ['addressType', 'endpoints', 'ports'])
      if (fields[key] !== undefined) clean[key] = plain(fields[key]);
    return clean;
  }
  if (kind === 'Namespace') return clean;
  const spec = fields['spec'];
  if (!isFields(spec)) return clean;
  if (kind === 'Node') clean['spec'] = picked(spec, ['taints', 'unschedulable']);
  else if (kind === 'Service')
    clean['spec'] = picked(
      spec,
      Object.keys(spec).filter(
        (key) =>
          !/^(clusterIPs|ipFamil|healthCheckNodePort|sessionAffinityConfig|loadBalancerSourceRanges)/.test(
            key,
          ),
      ),
    );
  else if (isWorkload(object)) clean['spec'] = keptWorkload(kind, spec);
  else clean['spec'] = plain(spec);
  return clean;
}

function keptMetadata(metadata: unknown): Fields {
  if (!isFields(metadata)) return {};
  const clean = picked(metadata, ['name', 'namespace', 'labels']);
  const annotations = isFields(metadata['annotations'])
    ? Object.fromEntries(
        Object.entries(metadata['annotations']).filter(
          ([key, value]) =>
            KEPT_ANNOTATIONS.test(key) && String(value).length < 4000 && !/^kubectl\./.test(key),
        ),
      )
    : {};
  return Object.keys(annotations).length > 0 ? { ...clean, annotations } : clean;
}

const WORKLOAD = [
  'replicas',
  'selector',
  'strategy',
  'updateStrategy',
  'minReadySeconds',
  'serviceName',
  'podManagementPolicy',
];
const POD = [
  'nodeSelector',
  'affinity',
  'tolerations',
  'topologySpreadConstraints',
  'terminationGracePeriodSeconds',
  'serviceAccountName',
  'hostNetwork',
  'hostname',
  'subdomain',
];
const CONTAINER = ['name', 'image', 'ports', 'readinessProbe', 'lifecycle', 'resources'];

function keptWorkload(kind: string, spec: Fields): Fields {
  if (kind === 'Pod') return keptPod(spec);
  const template = isFields(spec['template']) ? spec['template'] : {};
  return {
    ...picked(spec, WORKLOAD),
    template: { metadata: keptMetadata(template['metadata']), spec: keptPod(template['spec']) },
  };
}

function keptPod(spec: unknown): Fields {
  if (!isFields(spec)) return { containers: [] };
  const containers = (key: string) =>
    listAt(spec, key)
      .filter(isFields)
      .map((container) => {
        const clean = picked(container, CONTAINER);
        // A probe's command or headers, and a hook's command, may hold anything; only how long a hook sleeps is read.
        if (isFields(clean['readinessProbe']))
          clean['readinessProbe'] = picked(clean['readinessProbe'], [
            'initialDelaySeconds',
            'periodSeconds',
            'failureThreshold',
            'timeoutSeconds',
            'successThreshold',
            'tcpSocket',
          ]);
        const sleep = sleepOf(clean['lifecycle']);
        delete clean['lifecycle'];
        return sleep === null ? clean : { ...clean, lifecycle: { preStop: { sleep: { seconds: sleep } } } };
      });
  const proxies = containers('initContainers').filter(({ name }) => name === 'istio-proxy');
  return {
    ...picked(spec, POD),
    ...(proxies.length > 0 && { initContainers: proxies }),
    containers: containers('containers'),
  };
}

function sleepOf(lifecycle: unknown): number | null {
  const seconds = at(lifecycle, 'preStop', 'sleep', 'seconds');
  if (typeof seconds === 'number') return seconds;
  const command = listAt(lifecycle, 'preStop', 'exec', 'command').map(String).join(' ');
  const match = /(?:^|[\s;&/])sleep\s+(\d+)/.exec(command);
  return match ? Number(match[1]) : null;
}

function picked(fields: Fields, keys: readonly string[]): Fields {
  const clean: Fields = {};
  for (const key of keys)
    if (Object.hasOwn(fields, key) && fields[key] !== undefined) clean[key] = plain(fields[key]);
  return clean;
}

/** Parsed mappings have no prototype; the writer wants ordinary ones. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
