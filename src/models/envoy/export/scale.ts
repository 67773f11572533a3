// The same world in less time: every duration divided by a factor, Envoy's defaults written out so that they shrink along, rates multiplied.
// Shares and counts do not depend on the unit of time; what takes real time (connections, threads, the process itself) becomes a greater part
// of it. Back-off of retries stays as it is: an ejection needs its fraction of a millisecond to reach Envoy's workers before the next try.
import type { ActionSpec, LatencySpec, LoadSpec, ServerBehaviour, WorldSpec } from '../../world.ts';
import type { Cluster, Duration, EnvoyConfig, RouteAction, VirtualHost } from '../config.ts';
import { parseDurationNs } from '../duration.ts';

type World = Omit<WorldSpec, 'seed' | 'replication'>;

/** Envoy's defaults of what is scaled. Source: cluster.proto, outlier_detection.proto, route_components.proto (1.40). */
const DEFAULTS = {
  connectTimeout: '5s',
  updateMergeWindow: '1s',
  interval: '10s',
  baseEjectionTime: '30s',
  maxEjectionTime: '300s',
  timeout: '15s',
};
const DURATION = /^\d+(\.\d+)?s$/;
const DURATION_FIELD = /(timeout|interval|time|window|delay|jitter|duration|max$)/i;
/** Envoy's timers count milliseconds. */
const LEAST_NS = 1e6;

export function scaledWorld<W extends World>(world: W, factor: number): W {
  if (factor === 1) return world;
  const ns = (value: number) => Math.round(value / factor);
  const optional = <K extends string>(key: K, value: number | undefined) =>
    (value === undefined ? {} : { [key]: ns(value) }) as { [P in K]?: number };
  const latency = (spec: LatencySpec): LatencySpec =>
    Object.fromEntries(
      Object.entries(spec).map(([key, value]) => [key, typeof value === 'number' ? ns(value) : value]),
    ) as LatencySpec;
  const behaviour = (spec: ServerBehaviour): ServerBehaviour => ({
    ...spec,
    latency: latency(spec.latency),
    ...(spec.script && {
      script: spec.script.map((step) => ('sleepNs' in step ? { sleepNs: ns(step.sleepNs) } : step)),
    }),
  });
  const known = new Map<EnvoyConfig, EnvoyConfig>();
  const config = (given: EnvoyConfig) => {
    if (!known.has(given)) known.set(given, scaledConfig(given, factor));
    return known.get(given)!;
  };
  return {
    ...world,
    proxies: world.proxies.map((proxy) => ({
      ...proxy,
      config: config(proxy.config),
      ...optional('startNs', proxy.startNs),
      ...optional('timerJitterNs', proxy.timerJitterNs),
    })),
    servers: world.servers.map((server) => ({ ...server, behaviour: behaviour(server.behaviour) })),
    loads: world.loads.map((load) => ({
      ...load,
      startNs: ns(load.startNs),
      ...optional('notBeforeNs', load.notBeforeNs),
      arrivals: arrivals(load.arrivals, factor, ns, latency),
    })),
    actions: world.actions.map((action): ActionSpec => {
      const at = { ...action, atNs: ns(action.atNs) };
      if (at.kind === 'serverSlow') return { ...at, byNs: ns(at.byNs) };
      if (at.kind === 'serverBehaviour') return { ...at, behaviour: behaviour(at.behaviour) };
      if (at.kind === 'config') return { ...at, config: config(at.config) };
      return at;
    }),
    breakpointsNs: world.breakpointsNs.map(ns),
    ...optional('untilNs', world.untilNs),
  };
}

function arrivals(
  given: LoadSpec['arrivals'],
  factor: number,
  ns: (value: number) => number,
  latency: (spec: LatencySpec) => LatencySpec,
): LoadSpec['arrivals'] {
  const duration = (value: number | undefined) => (value === undefined ? {} : { durationNs: ns(value) });
  switch (given.kind) {
    case 'iterations':
      return {
        ...given,
        paceNs: ns(given.paceNs),
        ...(given.gapNs !== undefined && { gapNs: ns(given.gapNs) }),
        ...(given.jitterNs !== undefined && { jitterNs: ns(given.jitterNs) }),
        ...duration(given.durationNs),
      };
    case 'closed':
      return { ...given, think: latency(given.think), ...duration(given.durationNs) };
    case 'open':
      return {
        ...given,
        stages: given.stages.map((stage) => ({
          durationNs: ns(stage.durationNs),
          fromPerSecond: stage.fromPerSecond * factor,
          toPerSecond: stage.toPerSecond * factor,
        })),
      };
  }
}

function scaledConfig(config: EnvoyConfig, factor: number): EnvoyConfig {
  const divided = withDividedDurations(
    {
      listeners: config.listeners.map((listener) => ({
        ...listener,
        filterChains: listener.filterChains.map((chain) =>
          chain.httpConnectionManager?.routeConfig
            ? {
                ...chain,
                httpConnectionManager: {
                  ...chain.httpConnectionManager,
                  routeConfig: {
                    ...chain.httpConnectionManager.routeConfig,
                    virtualHosts: chain.httpConnectionManager.routeConfig.virtualHosts.map(withTimeouts),
                  },
                },
              }
            : chain,
        ),
      })),
      routeConfigurations: config.routeConfigurations.map((table) => ({
        ...table,
        virtualHosts: table.virtualHosts.map(withTimeouts),
      })),
      clusters: config.clusters.map(withClusterTimes),
    },
    factor,
  );
  return { ...config, ...divided };
}

function withTimeouts(host: VirtualHost): VirtualHost {
  return {
    ...host,
    routes: host.routes.map((route) => (route.route ? { ...route, route: withTimeout(route.route) } : route)),
  };
}

const withTimeout = (action: RouteAction): RouteAction => ({ timeout: DEFAULTS.timeout, ...action });

function withClusterTimes(cluster: Cluster): Cluster {
  const { interval, baseEjectionTime, maxEjectionTime, updateMergeWindow, connectTimeout } = DEFAULTS;
  return {
    connectTimeout,
    ...cluster,
    commonLbConfig: { updateMergeWindow, ...cluster.commonLbConfig },
    ...(cluster.outlierDetection && {
      outlierDetection: { interval, baseEjectionTime, maxEjectionTime, ...cluster.outlierDetection },
    }),
  };
}

function withDividedDurations<T>(value: T, factor: number, key = ''): T {
  if (Array.isArray(value)) return value.map((entry) => withDividedDurations(entry, factor)) as T;
  if (typeof value === 'string')
    return DURATION_FIELD.test(key) && DURATION.test(value) ? (divided(value, factor) as T) : value;
  if (value === null || typeof value !== 'object' || key === 'retryBackOff') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, withDividedDurations(entry, factor, name)]),
  ) as T;
}

function divided(text: Duration, factor: number): Duration {
  const value = parseDurationNs(text, 0);
  if (value === 0) return text;
  return `${(Math.max(LEAST_NS, Math.round(value / factor)) / 1e9).toFixed(9).replace(/0+$/, '').replace(/\.$/, '')}s`;
}
