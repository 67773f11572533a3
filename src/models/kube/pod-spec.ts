// What a pod's spec and annotations say about its run: probe, shutdown, ports, worker threads of its proxy.
// Source: Kubernetes API core/v1 (1.31); istio/istio pkg/kube/inject/webhook.go, pilot/cmd/pilot-agent/config (rule PX-1).
import { parse } from 'yaml';
import type { PodTemplate } from './built-state.ts';
import type { Probe } from './model.ts';
import { isPort, label, list, numberOr, record, text } from './shape.ts';

const NS_PER_SECOND = 1e9;
/** Source: Kubernetes API Probe: periodSeconds 10, failureThreshold 3; PodSpec.terminationGracePeriodSeconds 30. */
const PROBE_PERIOD_SECONDS = 10;
const PROBE_FAILURE_THRESHOLD = 3;
const TERMINATION_GRACE_SECONDS = 30;

export const PROXY_CONTAINER = 'istio-proxy';

export const containersOf = (spec: Record<string, unknown>): Record<string, unknown>[] =>
  list(spec['containers']).map(record);

/** Containers beside the proxy. */
const applicationsOf = (spec: Record<string, unknown>): Record<string, unknown>[] =>
  containersOf(spec).filter((container) => container['name'] !== PROXY_CONTAINER);

/** An exported pod that was injected before: the proxy stands among its containers, or among the native sidecars. */
export const holdsProxy = (spec: Record<string, unknown>): boolean =>
  [...containersOf(spec), ...list(spec['initContainers']).map(record)].some(
    (container) => container['name'] === PROXY_CONTAINER,
  );

/** Nothing but the proxy runs in it. */
export const isProxyOnly = (spec: Record<string, unknown>): boolean =>
  containersOf(spec).length > 0 && applicationsOf(spec).length === 0;

/** Probe of the container that takes longest to get ready; undefined when none has one. */
export function readinessProbeOf(spec: Record<string, unknown>): Probe | undefined {
  let slowest: Probe | undefined;
  for (const container of applicationsOf(spec)) {
    if (container['readinessProbe'] === undefined || container['readinessProbe'] === null) continue;
    const raw = record(container['readinessProbe']);
    const probe = {
      initialDelayNs: Math.round(numberOr(raw['initialDelaySeconds'], 0) * NS_PER_SECOND),
      // Zero and what is no number mean the default, as the API server fills it in.
      periodNs: Math.round(numberOr(raw['periodSeconds'], PROBE_PERIOD_SECONDS, 1) * NS_PER_SECOND),
      failureThreshold: Math.round(numberOr(raw['failureThreshold'], PROBE_FAILURE_THRESHOLD, 1)),
    };
    if (slowest === undefined || probe.initialDelayNs > slowest.initialDelayNs) slowest = probe;
  }
  return slowest;
}

/** How long the application goes on serving after it was told to stop: the longest preStop sleep [ns]. */
export function preStopOf(spec: Record<string, unknown>): number {
  let longest = 0;
  for (const container of applicationsOf(spec)) {
    const preStop = record(record(container['lifecycle'])['preStop']);
    const slept = numberOr(record(preStop['sleep'])['seconds'], 0);
    const command = list(record(preStop['exec'])['command']).map(text).join(' ');
    const match = /(?:^|[\s;&/])sleep\s+(\d+(?:\.\d+)?)(s|m)?\b/.exec(command);
    const commanded = match ? Number(match[1]) * (match[2] === 'm' ? 60 : 1) : 0;
    longest = Math.max(longest, slept, commanded);
  }
  return Math.round(Math.min(longest, 1_000_000) * NS_PER_SECOND);
}

export const terminationGraceOf = (spec: Record<string, unknown>): number =>
  Math.round(numberOr(spec['terminationGracePeriodSeconds'], TERMINATION_GRACE_SECONDS) * NS_PER_SECOND);

export function containerPortsOf(spec: Record<string, unknown>): { name?: string; port: number }[] {
  return containersOf(spec).flatMap((container) =>
    list(container['ports'])
      .map(record)
      .flatMap((port) => {
        const number = port['containerPort'];
        if (!isPort(number)) return [];
        return [{ ...(text(port['name']) && { name: text(port['name']) }), port: number }];
      }),
  );
}

/** Worker threads that the pod itself asks for; undefined = the mesh's default, or one per core. */
export function concurrencyOf(template: PodTemplate): number | undefined {
  const config = label(template.annotations, 'proxy.istio.io/config');
  const asked = config === undefined ? undefined : record(parseYaml(config))['concurrency'];
  if (typeof asked === 'number' && Number.isInteger(asked) && asked > 0 && asked <= 1024) return asked;
  // Zero means all cores of the node, which nobody knows here.
  if (asked === 0) return undefined;
  const proxy = containersOf(template.spec).find((container) => container['name'] === PROXY_CONTAINER);
  const limit =
    label(template.annotations, 'sidecar.istio.io/proxyCPULimit') ??
    text(record(record(proxy?.['resources'])['limits'])['cpu']);
  const cores = cpuQuantity(limit);
  return cores === undefined ? undefined : Math.max(1, Math.min(1024, Math.ceil(cores)));
}

function cpuQuantity(value: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?)(m)?$/.exec(value.trim());
  if (!match) return undefined;
  const cores = Number(match[1]) / (match[2] ? 1000 : 1);
  return cores > 0 ? cores : undefined;
}

/** Annotations hold YAML of strangers: anything unreadable counts as absent. */
function parseYaml(source: string): unknown {
  if (source.length > 10_000) return undefined;
  try {
    return parse(source, { logLevel: 'silent', maxAliasCount: 10 });
  } catch {
    return undefined;
  }
}
