// Parsed parts of the file become parts of a Scenario: defaults filled in, each with its place.
import type { Origin } from '../models/envoy/config.ts';
import { originAt, type Placed, placedAt, plainOf } from './position.ts';
import type {
  Behaviour,
  BehaviourCall,
  BehaviourStep,
  Expectation,
  Load,
  Range,
  Topology,
} from './scenario.ts';
import type { StepForm, WorkloadFile } from './schema-behavior.ts';
import { DOTTED, type ExpectationFile, LATENCIES } from './schema-expect.ts';
import type { LoadFile } from './schema-load.ts';
import type { TopologyFile } from './schema-topology.ts';

type Steps = (string | number)[];

export function topologyOf(file: TopologyFile, tree: Placed): Topology {
  const origin = (...path: Steps) => originAt(tree, ['topology', ...path]);
  const { provider, version, exposePilot, exposeApiServer, localityLoadBalancing, ...meshConfig } =
    file.mesh ?? {};
  return {
    mesh: {
      ...(provider && { provider }),
      ...(version && { version }),
      ...(exposePilot !== undefined && { exposePilot }),
      ...(exposeApiServer !== undefined && { exposeApiServer }),
      meshConfig: {
        ...meshConfig,
        ...(localityLoadBalancing && { localityLbSetting: localityLoadBalancing }),
      },
    },
    clusters: Object.entries(file.clusters ?? {}).map(([id, cluster]) => ({
      ...cluster,
      id,
      origin: origin('clusters', id),
    })),
    gateways: Object.entries(file.gateways ?? {}).map(([name, gateway]) => ({
      ...gateway,
      name,
      clusterIds: gateway.clusterIds ?? [gateway.cluster],
      ...(gateway.clusterIds && { servedClusters: gateway.clusterIds }),
      origin: origin('gateways', name),
    })),
    links: (file.links ?? []).map((link, i) => ({
      between: link.between,
      rttNs: link.rtt ?? 0,
      jitterNs: link.jitter ?? 0,
      loss: link.loss ?? 0,
      ...(link.bandwidth !== undefined && { bandwidth: link.bandwidth }),
      origin: origin('links', i),
    })),
    proxies: { default: { concurrency: 2 }, ...file.proxies },
    ...(file.proxies?.['default'] === undefined && { assumesConcurrency: true }),
    ...(file.vpcs && { vpcs: file.vpcs }),
    ...(file.securityGroups && { securityGroups: file.securityGroups }),
    ...(file.cen && { cen: file.cen }),
    originOf: (path) => origin(...path),
  };
}

export function behaviourOf(file: WorkloadFile, origin: (path: Steps) => Origin): Behaviour {
  const { startup, script, ...rest } = file;
  return {
    ...rest,
    ...(startup !== undefined && { startupNs: startup }),
    ...(script && {
      script: script.map((step, i) => stepOf(step, (...path) => origin(['script', i, ...path]))),
    }),
    origin: origin([]),
  };
}

/** A call points at its service name; in the short forms that is the text itself. */
function stepOf(step: StepForm, origin: (...path: Steps) => Origin): BehaviourStep {
  if ('sleepNs' in step) return step;
  if (!('parallel' in step)) return { ...step, origin: origin('call') };
  return {
    parallel: step.parallel.map((call, i): BehaviourCall => {
      // Written as a list or as { parallel: [...] }: the longer path falls back to the step when it is not there.
      const [short, long, whole] = [origin(i, 'call'), origin('parallel', i, 'call'), origin()];
      const isList = short.line !== whole.line || short.col !== whole.col;
      return { ...call, origin: isList ? short : long };
    }),
  };
}

export function loadOf(file: LoadFile, index: number, tree: Placed): Load {
  const { from, request } = file;
  const executor = file.executor ?? 'iterations';
  const narrowed = {
    ...(from.cluster && { cluster: from.cluster }),
    ...(from.namespace && { namespace: from.namespace }),
  };
  // A body of n bytes announces itself; it takes its time where bandwidth is limited.
  const headers =
    request.body === undefined
      ? request.headers
      : { 'content-length': String(request.body), ...request.headers };
  return {
    name: file.name ?? `load-${index + 1}`,
    from: from.gateway
      ? { gateway: from.gateway, ...(from.cluster && { cluster: from.cluster }) }
      : from.proxy
        ? { gateway: from.proxy, ...(from.port !== undefined && { port: from.port }) }
        : from.pod
          ? { pod: from.pod, ...narrowed }
          : { workload: from.workload!, ...narrowed },
    request: {
      method: request.method,
      host: request.host,
      path: request.path,
      headers,
      ...(request.port !== undefined && { port: request.port }),
    },
    executor,
    ...(file.iterations !== undefined && { iterations: file.iterations }),
    paceNs: file.pace ?? 0,
    startNs: file.start ?? 0,
    ...(file.duration !== undefined && { durationNs: file.duration }),
    ...(file.rate !== undefined && { ratePerSecond: file.rate }),
    ...(file.stages && {
      stages: file.stages.map((stage) => ({ durationNs: stage.duration, targetPerSecond: stage.target })),
    }),
    ...(file.users !== undefined && { users: file.users }),
    ...(file.thinkTime && { thinkTime: file.thinkTime }),
    connections: file.connections ?? defaultConnections(executor, from.gateway !== undefined, file.users),
    cookies: file.cookies ?? false,
    ...(file.grep !== undefined && { grep: file.grep }),
    origin: originAt(tree, ['load', index]),
  };
}

/** A curl opens a connection each time, a user keeps one, and an application keeps one to its own sidecar. */
function defaultConnections(
  executor: Load['executor'],
  isGateway: boolean,
  users: number | undefined,
): 'new' | number {
  if (executor === 'closed-loop') return users ?? 1;
  return executor === 'iterations' || isGateway ? 'new' : 1;
}

export function expectationOf(file: ExpectationFile, index: number, tree: Placed): Expectation {
  const { from, to, ejectionDurations, latency, name, ...rest } = file as ExpectationFile &
    Record<string, unknown>;
  const latencies: Record<string, Range> = {};
  for (const each of LATENCIES) {
    const range =
      (latency as Record<string, Range> | undefined)?.[each] ??
      (file as Record<string, unknown>)[`latency.${each}`];
    if (range !== undefined) latencies[each] = range as Range;
  }
  for (const key of DOTTED) delete (rest as Record<string, unknown>)[key];
  const path = ['expect', index];
  return {
    ...(rest as Omit<ExpectationFile, 'from' | 'to' | 'ejectionDurations' | 'latency' | 'name'>),
    name: name ?? flow(plainOf(placedAt(tree, path)!)),
    origin: originAt(tree, path),
    ...(from !== undefined && { fromNs: from }),
    ...(to !== undefined && { toNs: to }),
    ...(ejectionDurations && { ejectionDurations: ejectionDurations.map((ns) => ns / 1e9) }),
    ...(Object.keys(latencies).length > 0 && { latency: latencies }),
  };
}

/** One line of YAML's flow form, as people write expectations. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (value === null || typeof value !== 'object') return String(value);
  const entries = Object.entries(value).map(([key, each]) => `${key}: ${flow(each)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
