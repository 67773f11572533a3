// One load while a run goes on: what all its requests have in common, looked up once, and how far it is.
import type { IntegerStream } from '../../engine/random.ts';
import type { LoadSpec } from '../world.ts';
import { type Sampler, samplerOf } from './latency.ts';
import type { ProxyState } from './proxy-state.ts';
import type { RunContext } from './run-context.ts';

export class LoadState {
  readonly requests: number[];
  readonly draw: IntegerStream;
  readonly think: Sampler;
  /** Worker of each kept connection, undefined = not open yet. */
  readonly workers: number[] = [];
  startNs = 0;
  readonly isOpen: boolean;
  /** The text of every request, and the proxy that all go out of on connections that stay; -1 = they differ, or do more than that. */
  readonly onlyText: number;
  readonly onlyProxy: number;
  /** How many kept connections the requests take in turn; 0 = each user has one, -1 = every request has a new one. */
  readonly turns: number;
  /** Open loop with one stage of one rate: that rate, and how long it lasts; else 0. */
  readonly steadyPerSecond: number;
  readonly steadyNs: number;
  /** The same with exponential gaps; and how many requests it sends at most. */
  readonly isPoisson: boolean;
  readonly most: number;
  sent = 0;
  open = 0;
  lastStartNs = 0;
  /** Closed loop: users that go on. */
  usersLeft = 0;
  isExhausted = false;
  isDone = false;
  /** Loads that it waits for. */
  readonly after: readonly string[];

  constructor(
    readonly run: RunContext,
    readonly spec: LoadSpec,
  ) {
    this.draw = run.streams.stream(`arrivals/${spec.name}`);
    this.think = samplerOf(spec.arrivals.kind === 'closed' ? spec.arrivals.think : { dist: 'fixed', ns: 0 });
    this.after = listOf(spec.after);
    const [first, ...others] = spec.arrivals.kind === 'open' ? spec.arrivals.stages : [];
    const isSteady = first?.fromPerSecond === first?.toPerSecond && others.length === 0;
    this.steadyPerSecond = isSteady ? (first?.fromPerSecond ?? 0) : 0;
    this.steadyNs = isSteady ? (first?.durationNs ?? 0) : 0;
    const base = spec.request;
    this.requests = (spec.rotate ?? [{}]).map((turn) =>
      run.texts.indexOf({
        ...base,
        headers: { ...base.headers, ...turn.headers },
        sourceAddress: turn.sourceAddress,
      }),
    );
    const { arrivals, connections, from } = spec;
    const isPlain = !spec.cookies && !spec.isUnanswered && this.requests.length === 1;
    const hasOneProxy = 'proxy' in from && from.proxies === undefined && connections !== 'new';
    this.isOpen = arrivals.kind === 'open';
    this.isPoisson = this.steadyPerSecond > 0 && arrivals.kind === 'open' && arrivals.poisson;
    this.most = arrivals.count ?? Number.MAX_SAFE_INTEGER;
    this.onlyText = isPlain && hasOneProxy ? this.requests[0]! : -1;
    this.onlyProxy = hasOneProxy ? from.proxy : -1;
    this.turns = connections === 'new' ? -1 : arrivals.kind === 'closed' ? 0 : connections;
  }

  /** Which of its connections a request takes. */
  slotOf(sequence: number, user: number): number {
    if (this.turns > 0) return sequence % this.turns;
    return this.turns === 0 ? user : sequence;
  }

  /** The worker that has, or accepts, the connection. */
  workerOf(proxy: ProxyState, slot: number): number {
    if (this.turns < 0) return proxy.newConnection();
    this.workers[slot] ??= proxy.newConnection();
    return this.workers[slot]!;
  }

  /** Who keeps the cookies of a request. */
  jarOf(turn: number, user: number): string {
    return this.spec.rotate?.[turn]?.client ?? `${this.spec.name}/${user}`;
  }
}

export const listOf = (after: string | string[] | undefined): readonly string[] =>
  after === undefined ? [] : typeof after === 'string' ? [after] : after;

type FromProxy = Extract<LoadSpec['from'], { proxy: number }>;

export const proxyOf = (from: FromProxy, slot: number): number =>
  from.proxies ? from.proxies[slot % from.proxies.length]! : from.proxy;
