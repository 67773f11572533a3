// Field names of Kubernetes objects that matter to traffic, to notice misspelt ones: the API server drops an unknown field with at most a
// warning, and the prediction would be made without it. Source: Kubernetes API 1.31.

const words = (text: string): string[] => text.trim().split(/\s+/);

const OBJECT = words('apiVersion kind metadata spec status data binaryData items');
const METADATA =
  words(`name namespace labels annotations generateName uid resourceVersion generation creationTimestamp ownerReferences
  finalizers managedFields deletionTimestamp deletionGracePeriodSeconds selfLink`);
const SERVICE =
  words(`ports selector clusterIP clusterIPs type externalIPs sessionAffinity loadBalancerIP loadBalancerSourceRanges
  externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig ipFamilies ipFamilyPolicy
  allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution`);
const SERVICE_PORT = words('name protocol appProtocol port targetPort nodePort');
const WORKLOAD =
  words(`replicas selector template strategy minReadySeconds revisionHistoryLimit paused progressDeadlineSeconds
  serviceName podManagementPolicy updateStrategy volumeClaimTemplates persistentVolumeClaimRetentionPolicy ordinals`);
const TEMPLATE = ['metadata', 'spec'];
const POD =
  words(`containers initContainers ephemeralContainers volumes restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds
  dnsPolicy nodeSelector serviceAccountName serviceAccount automountServiceAccountToken nodeName hostNetwork hostPID hostIPC
  shareProcessNamespace securityContext imagePullSecrets hostname subdomain affinity schedulerName tolerations hostAliases
  priorityClassName priority dnsConfig readinessGates runtimeClassName enableServiceLinks preemptionPolicy overhead
  topologySpreadConstraints setHostnameAsFQDN os hostUsers schedulingGates resourceClaims`);
const CONTAINER =
  words(`name image command args workingDir ports envFrom env resources resizePolicy restartPolicy volumeMounts
  volumeDevices livenessProbe readinessProbe startupProbe lifecycle terminationMessagePath terminationMessagePolicy imagePullPolicy
  securityContext stdin stdinOnce tty`);

/** A mapping of a stranger's file. */
export type Fields = Record<string, unknown>;
export const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

type Place = { path: (string | number)[]; known: string[] };

/** Mappings of an object whose keys are compared, with the names that are known there. */
export function comparedPlaces(kind: string, object: Record<string, unknown>): Place[] {
  const places: Place[] = [
    { path: [], known: OBJECT },
    { path: ['metadata'], known: METADATA },
  ];
  if (kind === 'Service') {
    places.push({ path: ['spec'], known: SERVICE });
    for (let i = 0; i < countOf(object, 'spec', 'ports'); i++)
      places.push({ path: ['spec', 'ports', i], known: SERVICE_PORT });
    return places;
  }
  const isPod = kind === 'Pod';
  const pod = isPod ? ['spec'] : ['spec', 'template', 'spec'];
  if (!isPod)
    places.push(
      { path: ['spec'], known: WORKLOAD },
      { path: ['spec', 'template'], known: TEMPLATE },
      { path: ['spec', 'template', 'metadata'], known: METADATA },
    );
  places.push({ path: pod, known: POD });
  for (let i = 0; i < countOf(object, ...pod, 'containers'); i++)
    places.push({ path: [...pod, 'containers', i], known: CONTAINER });
  return places;
}

function countOf(object: unknown, ...path: string[]): number {
  const value = at(object, path);
  return Array.isArray(value) ? Math.min(value.length, 100) : 0;
}

/** The value at a path of plain data, or undefined. */
export function at(value: unknown, path: readonly (string | number)[]): unknown {
  let node = value;
  for (const step of path) {
    if (node === null || typeof node !== 'object' || !Object.hasOwn(node, step)) return undefined;
    node = (node as Record<string | number, unknown>)[step];
  }
  return node;
}

/** Text of a scalar; '' for anything else (String() of a mapping without prototype would throw). */
export const textOf = (value: unknown): string =>
  value === null || value === undefined || typeof value === 'object' ? '' : String(value);
