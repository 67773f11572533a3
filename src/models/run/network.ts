// Delays between places: one-way, worked out once per pair. Loss is one retransmission after 200 ms, the least timeout of Linux.
import type { RandomStream } from '../../engine/random.ts';
import type { Place, WorldSpec } from '../world.ts';

/** Source: Linux net/ipv4/tcp.h TCP_RTO_MIN. */
const RETRANSMISSION_NS = 200e6;

export class Network {
  readonly #places: Place[] = [];
  readonly #byKey = new Map<string, number>();
  #delayNs = new Float64Array(0);
  #jitterNs = new Float64Array(0);
  #loss = new Float64Array(0);
  #cut = new Uint8Array(0);
  #isVaried = false;

  constructor(
    readonly oneWayDelayNs: WorldSpec['oneWayDelayNs'],
    readonly draw: RandomStream,
  ) {}

  /** Index of a place; equal places share one. All places are named before the first delay is asked for. */
  indexOf(place: Place): number {
    const key = [place.cluster, place.region, place.zone, place.node, place.network ?? ''].join('\n');
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
    this.#cut = new Uint8Array(n * n);
    if (!this.oneWayDelayNs) return;
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        const link = this.oneWayDelayNs(this.#places[a]!, this.#places[b]!);
        this.#delayNs[a * n + b] = link.delayNs;
        this.#jitterNs[a * n + b] = link.jitterNs ?? 0;
        this.#loss[a * n + b] = link.loss ?? 0;
        if (link.jitterNs || link.loss) this.#isVaried = true;
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
        if ((isOf(from, a) && isOf(to, b)) || (isOf(from, b) && isOf(to, a)))
          this.#cut[i * n + j] = isOn ? 1 : 0;
      }
    }
  }

  /** Does nothing get through? */
  isCut(from: number, to: number): boolean {
    return this.#cut[from * this.#places.length + to] === 1;
  }

  /** One message's way [ns]. */
  delay(from: number, to: number): number {
    const at = from * this.#places.length + to;
    const delayNs = this.#delayNs[at]!;
    if (!this.#isVaried) return delayNs;
    let total = delayNs;
    if (this.#jitterNs[at]! > 0) total += Math.round(this.#jitterNs[at]! * this.draw.unit());
    if (this.#loss[at]! > 0 && this.draw.unit() < this.#loss[at]!) total += RETRANSMISSION_NS;
    return total;
  }
}
