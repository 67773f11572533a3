// Delays between places: one-way, worked out once per pair. Loss is one retransmission after 200 ms, the least timeout of Linux. On a
// line of limited width a message takes its size over the width, after those that came before it.
import type { RandomStream } from '../../engine/random.ts';
import type { Place, WorldSpec } from '../world.ts';
import { small } from './small.ts';

/** Source: Linux net/ipv4/tcp.h TCP_RTO_MIN. */
const RETRANSMISSION_NS = 200e6;

/** Size of a request without its body, and of an answer whose server says nothing: an assumption of foresail's. */
export const REQUEST_BYTES = 1024;
export const RESPONSE_BYTES = 2048;

/** Instead of a delay: nothing gets through. */
export const CUT = -1;

/** What a pair of places is like. */
const STEADY = 0;
const VARIED = 1;
const IS_CUT = 2;

export class Network {
  readonly #places: Place[] = [];
  readonly #byKey = new Map<string, number>();
  #delayNs = new Float64Array(0);
  #jitterNs = new Float64Array(0);
  #loss = new Float64Array(0);
  /** Connections that cannot be opened. */
  #blocked = new Uint8Array(0);
  /** By pair, where only some ports are open. */
  readonly #closedPorts = new Map<number, ReadonlySet<number>>();
  /** Index of the narrow line that a pair shares, -1 = none; and until when each line is busy. */
  #queue = new Int32Array(0);
  readonly #nsPerByte: number[] = [];
  readonly #busyUntilNs: number[] = [];
  /** STEADY, or VARIED = the delay is not always the same, + IS_CUT. */
  #kind = new Uint8Array(0);

  constructor(
    readonly oneWayDelayNs: WorldSpec['oneWayDelayNs'],
    readonly draw: RandomStream,
    readonly clock: { readonly nowNs: number } = { nowNs: 0 },
  ) {}

  /** Index of a place; equal places share one. All places are named before the first delay is asked for. */
  indexOf(place: Place): number {
    const { cluster, region, zone, node, network = '', segment = '' } = place;
    const key = [cluster, region, zone, node, network, segment].join('\n');
    let index = this.#byKey.get(key);
    if (index === undefined) {
      index = this.#places.push(place) - 1;
      this.#byKey.set(key, index);
    }
    return index;
  }

  /** Works out all pairs. */
  seal(): void {
    const n = this.#places.length;
    this.#delayNs = new Float64Array(n * n);
    this.#jitterNs = new Float64Array(n * n);
    this.#loss = new Float64Array(n * n);
    this.#kind = new Uint8Array(n * n);
    this.#blocked = new Uint8Array(n * n);
    this.#queue = new Int32Array(n * n).fill(-1);
    const lines = new Map<string, number>();
    if (!this.oneWayDelayNs) return;
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        const link = this.oneWayDelayNs(this.#places[a]!, this.#places[b]!);
        this.#delayNs[a * n + b] = link.delayNs;
        this.#jitterNs[a * n + b] = link.jitterNs ?? 0;
        this.#loss[a * n + b] = link.loss ?? 0;
        if (link.isBlocked) this.#blocked[a * n + b] = 1;
        if (link.closedPorts?.length) this.#closedPorts.set(a * n + b, new Set(link.closedPorts));
        if (link.queue && link.queue.bitsPerSecond > 0) {
          const line = lines.get(link.queue.name) ?? lines.size;
          lines.set(link.queue.name, line);
          this.#nsPerByte[line] = 8e9 / link.queue.bitsPerSecond;
          this.#busyUntilNs[line] = 0;
          this.#queue[a * n + b] = line;
        }
        if (link.jitterNs || link.loss || link.queue) this.#kind[a * n + b] = VARIED;
      }
    }
  }

  /** Cuts, or restores, what lies between places of two names. */
  setPartition(between: [string, string], isOn: boolean): void {
    const n = this.#places.length;
    const isOf = (place: Place, name: string) =>
      [place.cluster, place.region, place.zone, place.node, place.network].includes(name);
    const [a, b] = between;
    for (const [i, from] of this.#places.entries()) {
      for (const [j, to] of this.#places.entries()) {
        if ((isOf(from, a) && isOf(to, b)) || (isOf(from, b) && isOf(to, a))) this.#setCut(i * n + j, isOn);
      }
    }
  }

  #setCut(pair: number, isOn: boolean): void {
    this.#kind[pair] = (this.#kind[pair]! & VARIED) | (isOn ? IS_CUT : STEADY);
  }

  /** Does nothing get through? */
  isCut(from: number, to: number): boolean {
    return this.#kind[from * this.#places.length + to]! >= IS_CUT;
  }

  /** delay(), or CUT. */
  delayOrCut(from: number, to: number, bytes: number): number {
    const at = from * this.#places.length + to;
    const kind = this.#kind[at]!;
    if (kind === STEADY) return small(this.#delayNs[at]!);
    return kind >= IS_CUT ? CUT : this.#variedDelay(at, bytes);
  }

  /** Is the first packet of a connection dropped? @param address "address:port" that it is for, if that is known */
  isBlocked(from: number, to: number, address?: string): boolean {
    const at = from * this.#places.length + to;
    if (this.#kind[at]! >= IS_CUT || this.#blocked[at] === 1) return true;
    if (this.#closedPorts.size === 0 || address === undefined) return false;
    return this.#closedPorts.get(at)?.has(Number(address.slice(address.lastIndexOf(':') + 1))) === true;
  }

  /** One message's way [ns]; 0 bytes stand for a packet so small that only those before it count. */
  delay(from: number, to: number, bytes = 0): number {
    const at = from * this.#places.length + to;
    return (this.#kind[at]! & VARIED) === 0 ? small(this.#delayNs[at]!) : this.#variedDelay(at, bytes);
  }

  #variedDelay(at: number, bytes: number): number {
    let total = this.#delayNs[at]! + this.#waitNs(this.#queue[at]!, bytes);
    if (this.#jitterNs[at]! > 0) total += Math.round(this.#jitterNs[at]! * this.draw.unit());
    if (this.#loss[at]! > 0 && this.draw.unit() < this.#loss[at]!) total += RETRANSMISSION_NS;
    return small(total);
  }

  /** Way of every message of that size [ns], while only one is under way at a time; -1 = they differ. */
  steadyDelay(from: number, to: number, bytes: number): number {
    const at = from * this.#places.length + to;
    if ((this.#kind[at]! & VARIED) === 0) return this.#delayNs[at]!;
    const line = this.#queue[at]!;
    const isBusy = line >= 0 && this.#busyUntilNs[line]! > this.clock.nowNs;
    if (this.#jitterNs[at]! > 0 || this.#loss[at]! > 0 || isBusy) return -1;
    return this.#delayNs[at]! + (line < 0 ? 0 : Math.round(bytes * this.#nsPerByte[line]!));
  }

  /** Until the message has passed its narrow line. */
  #waitNs(line: number, bytes: number): number {
    if (line < 0) return 0;
    const { nowNs } = this.clock;
    const begunNs = Math.max(nowNs, this.#busyUntilNs[line]!);
    const endedNs = begunNs + Math.round(bytes * this.#nsPerByte[line]!);
    this.#busyUntilNs[line] = endedNs;
    return endedNs - nowNs;
  }
}
