// What an application does, as the run reads it: calls with the port they dial, and whether its cluster's DNS knows the name at all.
import type { CallSpec, LatencySpec, ServerBehaviour, StepSpec } from '../../models/world.ts';
import type { Behaviour, BehaviourCall } from '../scenario.ts';

/** Service time of a workload whose behaviour says nothing [ns]: an assumption of foresail's. */
export const DEFAULT_LATENCY: LatencySpec = { dist: 'fixed', ns: 5e6 };

/** What a caller's cluster makes of a name that an application dials. */
export interface Dialled {
  /** Service port; undefined = the name does not resolve there. */
  port: number | undefined;
  /** Name of kube-proxy's candidates: "cluster/hostname". */
  kubeProxy: string;
}

export type Dial = (host: string, port: number | undefined) => Dialled;

/** "reviews:9080" -> name and port; an IPv6 literal is not a name. */
export function splitHost(text: string): { host: string; port: number | undefined } {
  const match = /^(.*?):(\d{1,5})$/.exec(text);
  return match ? { host: match[1]!, port: Number(match[2]) } : { host: text, port: undefined };
}

export function serverBehaviour(behaviour: Behaviour | undefined, dial: Dial): ServerBehaviour {
  const given = behaviour ?? {};
  return {
    latency: given.latency ?? DEFAULT_LATENCY,
    ...(given.concurrency !== undefined && { concurrency: given.concurrency }),
    ...(given.errorRate !== undefined && { errorRate: given.errorRate }),
    ...(given.errorStatus !== undefined && { errorStatus: given.errorStatus }),
    ...(given.status !== undefined && { status: given.status }),
    ...(given.responseHeaders && { responseHeaders: given.responseHeaders }),
    ...(given.failStatus !== undefined && { failStatus: given.failStatus }),
    ...(given.onCallFailure && { onCallFailure: given.onCallFailure }),
    ...(given.prints && { prints: given.prints }),
    ...(given.connections !== undefined && { connections: given.connections }),
    ...(given.responseSize !== undefined && { responseBytes: given.responseSize }),
    ...(given.http2 && { http2: {} }),
    script: (given.script ?? []).map((step): StepSpec => {
      if ('sleepNs' in step) return step;
      return 'parallel' in step
        ? { parallel: step.parallel.map((call) => callSpec(call, dial)) }
        : { call: callSpec(step, dial) };
    }),
  };
}

export function callSpec(call: BehaviourCall, dial: Dial): CallSpec {
  const { host, port } = splitHost(call.call);
  const dialled = dial(host, port);
  const known = dialled.port ?? port ?? 80;
  return {
    method: call.method,
    host: known === 80 ? host : `${host}:${known}`,
    path: call.path,
    headers: call.headers,
    port: known,
    kubeProxy: dialled.kubeProxy,
    ...(dialled.port === undefined && { isUnresolved: true }),
    ...(call.onFailure && { onFailure: call.onFailure }),
  };
}
