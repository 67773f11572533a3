// What a straight run knows of the places that calls come from and of the servers that they reach: looked up once, and again after
// every action. A site or a server that is out of the ordinary is a Surprise to whoever meets it.
import { retriesOnStatus } from '../../envoy/retry.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { CompiledRoute } from '../compiled-route.ts';
import { RESPONSE_BYTES } from '../network.ts';
import type { ProxyState } from '../proxy-state.ts';
import type { Tally } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';
import type { ServerState } from '../server-state.ts';

/** Something only the events can simulate: the run is begun anew with them. */
export class Surprise extends Error {
  override readonly name = 'Surprise';
}

/** One cluster that a site's route leads to. */
export interface Target {
  cluster: ClusterState;
  service: number;
  metadataMatch: Record<string, string> | undefined;
  /** Tally of the newest (segment, load), and which that is. */
  row: Tally | null;
  rowKey: number;
  /** By server: 1 = its answers end the call. */
  fits: Uint8Array;
}

export interface CallSite {
  proxy: ProxyState;
  caller: number;
  route: CompiledRoute;
  targets: Target[];
  bytes: number;
  /** From the start, and from when the try has its connection [ns]; Infinity = none. */
  timeoutNs: number;
  tryTimeoutNs: number;
}

export interface ServerPlan {
  server: ServerState;
  index: number;
  steps: { sleepNs: number; request: number; site: CallSite | null }[];
  /** Service time where it is always the same, else -1 [ns]. */
  fixedNs: number;
  status: number;
  responseBytes: number;
}

/** @throws Surprise */
export function callSite(run: RunContext, proxy: ProxyState, caller: number, request: number): CallSite {
  const route = run.routes[proxy.routeOf(request)]!;
  const isOrdinary =
    route.kind === 'clusters' &&
    !route.isDrawn &&
    route.fault === null &&
    route.hash === null &&
    route.mirrors.length === 0 &&
    route.clusters.every((cluster) => cluster >= 0 && isOrdinaryCluster(run.clusters[cluster]!));
  if (!isOrdinary) throw new Surprise('a route out of the ordinary');
  const limit = route.timeoutNs || (route.hasIdleTimeout ? route.idleTimeoutNs : 0);
  return {
    proxy,
    caller,
    route,
    targets: route.clusters.map((cluster, choice) => ({
      cluster: run.clusters[cluster]!,
      service: route.services[choice]!,
      metadataMatch: route.metadataMatch[choice],
      row: null,
      rowKey: -1,
      fits: new Uint8Array(run.servers.all.length),
    })),
    bytes: run.texts.texts[request]!.bytes,
    timeoutNs: limit || Number.POSITIVE_INFINITY,
    tryTimeoutNs: route.perTryTimeoutNs || Number.POSITIVE_INFINITY,
  };
}

function isOrdinaryCluster(cluster: ClusterState): boolean {
  return cluster.checker === null && cluster.poolSettings.preconnectRatio <= 1;
}

/** @throws Surprise */
export function serverPlan(server: ServerState, index: number): ServerPlan {
  const { behaviour } = server;
  const isOrdinary =
    (server.mode === null || server.mode.mode === 'ok') &&
    server.respond === null &&
    server.slow === null &&
    !behaviour.errorRate &&
    behaviour.pattern === undefined &&
    behaviour.errorEvery === undefined &&
    (behaviour.concurrency ?? 1) >= 1 &&
    server.script.every((step) => 'sleepNs' in step || step.calls.length === 1);
  if (!isOrdinary) throw new Surprise('a server out of the ordinary');
  return {
    server,
    index,
    steps: server.script.map((step) =>
      'sleepNs' in step
        ? { sleepNs: step.sleepNs, request: -1, site: null }
        : { sleepNs: 0, request: step.calls[0]!.request, site: null },
    ),
    fixedNs: behaviour.latency.dist === 'fixed' ? server.latency(server.draw) : -1,
    status: behaviour.status ?? 200,
    responseBytes: behaviour.responseBytes ?? RESPONSE_BYTES,
  };
}

/** Is the server's answer the end of the call, for the route and for the outlier detector? @throws Surprise */
export function checkAnswer(route: CompiledRoute, { server, status }: ServerPlan): void {
  const isFinal =
    status >= 100 &&
    status < 400 &&
    server.outlierCode(status) < 500 &&
    (route.retry === null || !retriesOnStatus(route.retry, status, server.headers));
  if (!isFinal) throw new Surprise('an answer that may be retried');
}
