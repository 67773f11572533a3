// Calls that no Envoy balances: callers without a sidecar, and passthrough. kube-proxy gives each new connection to one of its own
// cluster's ready endpoints at random. Source: Kubernetes kube-proxy, iptables mode (statistic random).
import type { RandomStream } from '../../engine/random.ts';
import { OUTCOME_ARRIVES } from './events.ts';
import { CONNECT_FAILED, UF, UH } from './outcomes.ts';
import type { RunContext } from './run-context.ts';

/** Until Linux gives up on a connection whose first packets are dropped. Source: net/ipv4 tcp_syn_retries 6: 1 + 2 + 4 ... + 64 s. */
const CONNECT_TIMEOUT_NS = 127e9;
/** Source: Istio MeshConfig.connectTimeout, default 10 s. */
const PASSTHROUGH_TIMEOUT_NS = 10e9;

export class Direct {
  /** Candidates by name. */
  readonly #candidates = new Map<string, readonly number[]>();
  readonly #draw: RandomStream;

  constructor(readonly run: RunContext) {
    this.#draw = run.streams.stream('kube-proxy');
  }

  setCandidates(name: string, servers: readonly number[]): void {
    this.#candidates.set(name, servers);
  }

  /** A caller without a proxy. */
  begin(call: number, place: number): void {
    this.#tally(call);
    this.#connect(call, place);
  }

  /** Nobody is there who would take the call: it fails at once, without an answer. */
  refuse(call: number): void {
    const { calls } = this.run;
    calls.proxy[call] = -1;
    this.#tally(call);
    this.run.callDone(call, 0);
  }

  #tally(call: number): void {
    const { calls, recorder, texts } = this.run;
    const text = texts.texts[calls.request[call]!]!;
    const service = recorder.service(this.run.hostOfKubeProxy(text));
    calls.tally[call] = recorder.tally(calls.segment[call]!, calls.load[call]!, calls.caller[call]!, service);
  }

  /** Out of a proxy, to the address that the application dialled. */
  start(call: number): void {
    this.#connect(call, this.run.proxies[this.run.calls.proxy[call]!]!.place);
  }

  #connect(call: number, place: number): void {
    const { attempts, calls, recorder, servers, texts } = this.run;
    const text = texts.texts[calls.request[call]!]!;
    const candidates = text.isUnresolved ? [] : (this.#candidates.get(text.kubeProxy) ?? []);
    calls.cluster[call] = -1;
    if (candidates.length === 0) {
      calls.flags[call]! |= calls.proxy[call]! >= 0 ? UH : 0;
      this.run.callDone(call, calls.proxy[call]! >= 0 ? 503 : 0);
      return;
    }
    const server = candidates[candidates.length === 1 ? 0 : this.#draw.uint32() % candidates.length]!;
    calls.attempts[call]!++;
    calls.tries[call]!++;
    recorder.reached(calls.tally[call]!, server);
    const attempt = attempts.take();
    attempts.call[attempt] = call;
    attempts.cluster[attempt] = -1;
    attempts.host[attempt] = -1;
    attempts.server[attempt] = server;
    attempts.from[attempt] = place;
    attempts.outcome[attempt] = 0;
    attempts.lines[attempt] = 0;
    attempts.tries[attempt] = 0;
    attempts.state[attempt] = 1;
    attempts.sequence[attempt] = this.run.nextSequence();
    attempts.tryTimer[attempt] = 0;
    attempts.connection[attempt] = -1;
    attempts.older[attempt] = -1;
    attempts.isMirror[attempt] = 0;
    attempts.request[attempt] = calls.request[call]!;
    attempts.load[attempt] = calls.load[call]!;
    attempts.segment[attempt] = calls.segment[call]!;
    attempts.sample[attempt] = calls.sample[call]!;
    calls.attempt[call] = attempt;
    const mode = servers.connectMode(server, place);
    if (mode === 'ok') return this.run.upstream.send(attempt);
    attempts.outcome[attempt] = CONNECT_FAILED;
    if (mode === 'refuse') return this.outcomeArrived(attempt);
    const timeoutNs = calls.proxy[call]! >= 0 ? PASSTHROUGH_TIMEOUT_NS : CONNECT_TIMEOUT_NS;
    this.run.simulation.schedule(timeoutNs, OUTCOME_ARRIVES, attempt);
  }

  outcomeArrived(attempt: number): void {
    const { attempts, calls, recorder } = this.run;
    const call = attempts.call[attempt]!;
    const result = attempts.outcome[attempt]!;
    recorder.tried(calls.tally[call]!, attempts.server[attempt]!, result < 0 || result >= 500);
    calls.tries[call]! += attempts.tries[attempt]!;
    calls.lines[call] = attempts.lines[attempt]!;
    calls.server[call] = result > 0 ? attempts.server[attempt]! : -1;
    calls.attempt[call] = -1;
    attempts.give(attempt);
    if (result < 0 && calls.proxy[call]! >= 0) calls.flags[call]! |= UF;
    this.run.callDone(call, result > 0 ? result : calls.proxy[call]! >= 0 ? 503 : 0);
  }
}
