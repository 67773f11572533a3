// One server while a run goes on: how it behaves, and who is at it.
import type { IntegerStream } from '../../engine/random.ts';
import type { CallSpec, ServerBehaviour, ServerMode, ServerSpec } from '../world.ts';
import { type Sampler, samplerOf } from './latency.ts';
import { RESPONSE_BYTES } from './network.ts';
import type { RunContext } from './run-context.ts';

const TWO_32 = 2 ** 32;

/** A share of requests that something happens to; 1 = all of them, without a draw. */
interface Share {
  percentage: number;
}

type Step = { sleepNs: number } | { calls: { request: number; isIgnored: boolean | null }[] };

export class ServerState {
  readonly place: number;
  readonly caller: number;
  readonly draw: IntegerStream;
  readonly faultDraw: IntegerStream;
  mode: (Share & { mode: ServerMode }) | null = null;
  respond: (Share & { status: number }) | null = null;
  slow: (Share & { byNs: number }) | null = null;
  behaviour: ServerBehaviour;
  latency: Sampler;
  script: Step[] = [];
  /** Of the behaviour, by itself: does its place in a turn decide a request's status, how many fail of 2^32, and what the others are. */
  hasTurns = false;
  failuresOf2To32 = 0;
  okStatus = 200;
  responseBytes = RESPONSE_BYTES;
  /** Status that outlier detection makes of its answers, 0 = their own. Source: Envoy grpc/status.cc, a gRPC status in the headers wins. */
  outlierStatus = 0;
  /** Matching printed lines, by load. */
  lines: number[] = [];
  /** Lower case; undefined = none. */
  headers: Readonly<Record<string, string>> | undefined;
  /** An action has set the behaviour: its timetable is void. */
  isOverridden = false;
  /** Requests since the behaviour took effect. */
  served = 0;
  /** Connections accepted, requests under way now and at most, mirrored copies. */
  accepted = 0;
  active = 0;
  maxActive = 0;
  mirrored = 0;
  busy = 0;
  /** Requests that it works on at once, and those that wait: jobs, or express rows r as -2 - r; -1 = none. */
  places = Number.POSITIVE_INFINITY;
  queueHead = -1;
  queueTail = -1;
  /** Worker of each kept connection to its own sidecar. */
  readonly connections: number[] = [];
  nextConnection = 0;

  constructor(
    readonly run: RunContext,
    readonly spec: ServerSpec,
    readonly index: number,
  ) {
    this.place = run.network.indexOf(spec.place);
    this.caller = run.recorder.caller(spec.name);
    this.draw = run.streams.stream(`service/${spec.name}`);
    this.faultDraw = run.streams.stream(`fault/${spec.name}`);
    this.behaviour = spec.behaviour;
    this.latency = samplerOf(spec.behaviour.latency);
    if (spec.listening === false) this.mode = { mode: 'refuse', percentage: 100 };
    this.setBehaviour(spec.behaviour);
  }

  setBehaviour(behaviour: ServerBehaviour): void {
    this.behaviour = behaviour;
    this.latency = samplerOf(behaviour.latency);
    this.places = behaviour.concurrency ?? Number.POSITIVE_INFINITY;
    this.served = 0;
    this.headers = behaviour.responseHeaders && lowerCased(behaviour.responseHeaders);
    const grpcStatus = this.headers?.['grpc-status'];
    this.outlierStatus = grpcStatus === undefined ? 0 : (GRPC_TO_HTTP[Number(grpcStatus)] ?? 500);
    const { errorEvery, errorRate = 0, pattern, responseBytes, status } = behaviour;
    this.hasTurns = errorEvery !== undefined || (pattern !== undefined && pattern.length > 0);
    this.failuresOf2To32 = errorRate * TWO_32;
    this.okStatus = status ?? 200;
    this.responseBytes = responseBytes ?? RESPONSE_BYTES;
    const call = (spec: CallSpec) => ({
      request: this.run.texts.indexOf(spec),
      isIgnored: spec.onFailure === undefined ? null : spec.onFailure === 'ignore',
    });
    this.script = (behaviour.script ?? []).map((step) => {
      if ('sleepNs' in step) return step;
      return { calls: 'call' in step ? [call(step.call)] : step.parallel.map(call) };
    });
    this.lines = this.run.greps.map((pattern) =>
      pattern ? (behaviour.prints ?? []).filter((line) => pattern.test(line)).length : 0,
    );
  }

  /** Status that outlier detection makes of an answer. */
  outlierCode(status: number): number {
    return this.outlierStatus === 0 ? status : this.outlierStatus;
  }

  /** A draw, where some requests fail by chance. */
  failsByChance(): boolean {
    return this.failuresOf2To32 > 0 && this.draw.int32() >>> 0 < this.failuresOf2To32;
  }

  /** Does it happen to this request? @param percentage 0..100 */
  isHit(share: Share): boolean {
    return share.percentage >= 100 || this.faultDraw.unit() * 100 < share.percentage;
  }
}

/** Source: Envoy grpc/status.cc Utility::grpcToHttpStatus (1.40). */
const GRPC_TO_HTTP = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];

const lowerCased = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
