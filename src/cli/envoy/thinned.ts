// A world small enough to be acted out in seconds: loads of many requests keep their span of time and lose requests, for prediction and
// measurement alike. And by how much its time can be shortened.
import { parseDurationNs } from '../../models/envoy/duration.ts';
import type { LoadSpec, WorldSpec } from '../../models/world.ts';

type World = Omit<WorldSpec, 'seed' | 'replication'>;

/** Of one load in one run. */
const MOST_REQUESTS = 400;
/** One run should take so long. */
const WANTED_SECONDS = 3;
const GREATEST_FACTOR = 20;
/** Requests a second that stubs and clients in one process bear. */
const MOST_PER_SECOND = 120;
/** Envoys' timers and pushes by file need this. */
const LEAST_INTERVAL_NS = 20e6;
/** And what is in time must stay in time on a busy machine. */
const LEAST_TIMEOUT_NS = 200e6;

export interface Thinned<W> {
  world: W;
  /** In words, load by load. */
  notes: string[];
}

export function thinnedWorld<W extends World>(world: W): Thinned<W> {
  const notes: string[] = [];
  const loads = world.loads.map((load) => {
    const wanted = requestsOf(load);
    if (wanted <= MOST_REQUESTS) return load;
    const by = Math.ceil(wanted / MOST_REQUESTS);
    notes.push(`${load.name}: one request of ${by}, ${MOST_REQUESTS} at most`);
    return { ...load, arrivals: thinned(load.arrivals, by) };
  });
  return { world: { ...world, loads }, notes };
}

function requestsOf({ arrivals }: LoadSpec): number {
  switch (arrivals.kind) {
    case 'iterations': {
      const byTime =
        arrivals.durationNs !== undefined && arrivals.paceNs > 0
          ? arrivals.durationNs / arrivals.paceNs
          : Number.POSITIVE_INFINITY;
      return Math.min(arrivals.count, byTime);
    }
    case 'open': {
      const byRate = arrivals.stages.reduce(
        (sum, { durationNs, fromPerSecond, toPerSecond }) =>
          sum + ((durationNs / 1e9) * (fromPerSecond + toPerSecond)) / 2,
        0,
      );
      return Math.min(arrivals.count ?? Number.POSITIVE_INFINITY, byRate);
    }
    case 'closed':
      return arrivals.count ?? Number.POSITIVE_INFINITY;
  }
}

function thinned(arrivals: LoadSpec['arrivals'], by: number): LoadSpec['arrivals'] {
  switch (arrivals.kind) {
    case 'iterations':
      return {
        ...arrivals,
        count: Math.min(MOST_REQUESTS, Math.ceil(arrivals.count / by)),
        paceNs: Number.isFinite(by) ? arrivals.paceNs * by : arrivals.paceNs,
      };
    case 'open':
      return {
        ...arrivals,
        ...(arrivals.count !== undefined && { count: Math.ceil(arrivals.count / by) }),
        stages: arrivals.stages.map((stage) => ({
          ...stage,
          fromPerSecond: stage.fromPerSecond / by,
          toPerSecond: stage.toPerSecond / by,
        })),
      };
    case 'closed':
      return { ...arrivals, count: MOST_REQUESTS };
  }
}

/** @param endNs when a simulated run ended */
export function autoFactor(world: World, endNs: number): number {
  const byTime = endNs / 1e9 / WANTED_SECONDS;
  const intervals = world.proxies.flatMap(({ config }) =>
    config.clusters.flatMap((cluster) =>
      cluster.outlierDetection ? [parseDurationNs(cluster.outlierDetection.interval, 10e9)] : [],
    ),
  );
  const byInterval = Math.min(...intervals) / LEAST_INTERVAL_NS;
  const timeouts = world.proxies.flatMap(({ config }) =>
    config.routeConfigurations.flatMap((table) =>
      table.virtualHosts.flatMap((host) =>
        host.routes.flatMap(({ route }) => [
          parseDurationNs(route?.timeout, 0),
          parseDurationNs(route?.retryPolicy?.perTryTimeout, 0),
        ]),
      ),
    ),
  );
  const byTimeout = Math.min(...timeouts.filter((timeout) => timeout > 0)) / LEAST_TIMEOUT_NS;
  const rate = Math.max(
    ...world.loads.map(({ arrivals }) => {
      if (arrivals.kind === 'open')
        return Math.max(...arrivals.stages.map((stage) => Math.max(stage.fromPerSecond, stage.toPerSecond)));
      return arrivals.kind === 'iterations' && arrivals.paceNs > 0 ? 1e9 / arrivals.paceNs : 0;
    }),
    0,
  );
  const byRate = rate > 0 ? MOST_PER_SECOND / rate : Number.POSITIVE_INFINITY;
  return Math.max(1, Math.min(GREATEST_FACTOR, byTime, byInterval, byTimeout, byRate));
}
