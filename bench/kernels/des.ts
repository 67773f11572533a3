// W2 'des': Poisson arrivals, the less busy of two endpoints, 1 ms, an endpoint with 8 servers and a queue, 1 ms, a histogram and an
// outlier counter. Through the product's own loop, event queue, exponentials, histogram and digest: four events a request.
import { exponentialNs } from '../../src/engine/exponential.ts';
import { Histogram } from '../../src/engine/histogram.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { Xoshiro128 } from '../../src/engine/xoshiro.ts';

const ARRIVE = 0;
const ENDPOINT_IN = 1;
const DONE = 2;
const RESPONSE = 3;

const NETWORK_NS = 1_000_000;
const SERVICE_NS = 2_000_000;
const SERVERS = 8;
/** 0.1 % of 2^32. */
const FAILS_BELOW = 4_294_967;

export interface DesCheck {
  hsum: number;
  meanMs: number;
  p50Ms: number;
  p99Ms: number;
  n5xx: number;
  ejections: number;
  events: number;
  digest: string;
}

/** Columns of one run; requests are slots, kept in a free list. */
class Des {
  readonly simulation = new Simulation();
  readonly histogram = new Histogram();
  readonly random = new Xoshiro128(1);
  readonly gapNs: number;
  readonly active: Int32Array;
  readonly busy: Int32Array;
  readonly queueHead: Int32Array;
  readonly queueTail: Int32Array;
  readonly consecutive: Int32Array;
  arrivalNs = new Float64Array(4096);
  endpoint = new Int32Array(4096);
  hasFailed = new Uint8Array(4096);
  next = Int32Array.from({ length: 4096 }, (_, slot) => (slot < 4095 ? slot + 1 : -1));
  free = 0;
  left: number;
  n5xx = 0;
  ejections = 0;

  constructor(
    requests: number,
    readonly endpoints: number,
  ) {
    this.left = requests;
    this.gapNs = (20_000 * 16) / endpoints;
    this.active = new Int32Array(endpoints);
    this.busy = new Int32Array(endpoints);
    this.queueHead = new Int32Array(endpoints).fill(-1);
    this.queueTail = new Int32Array(endpoints).fill(-1);
    this.consecutive = new Int32Array(endpoints);
    this.simulation.on(ARRIVE, () => this.arrive());
    this.simulation.on(ENDPOINT_IN, (slot) => this.endpointIn(slot));
    this.simulation.on(DONE, (slot) => this.done(slot));
    this.simulation.on(RESPONSE, (slot) => this.response(slot));
    this.simulation.post(exponentialNs(this.random, this.gapNs), ARRIVE, 0);
  }

  arrive(): void {
    const a = this.random.below(this.endpoints);
    const b = this.random.below(this.endpoints);
    const endpoint = this.active[b]! < this.active[a]! ? b : a;
    this.active[endpoint]!++;
    if (this.free < 0) this.#grow();
    const slot = this.free;
    this.free = this.next[slot]!;
    this.next[slot] = -1;
    this.arrivalNs[slot] = this.simulation.clock[0]!;
    this.endpoint[slot] = endpoint;
    this.simulation.post(NETWORK_NS, ENDPOINT_IN, slot);
    if (--this.left > 0) this.simulation.post(exponentialNs(this.random, this.gapNs), ARRIVE, 0);
  }

  endpointIn(slot: number): void {
    const endpoint = this.endpoint[slot]!;
    if (this.busy[endpoint]! < SERVERS) {
      this.busy[endpoint]!++;
      this.simulation.post(exponentialNs(this.random, SERVICE_NS), DONE, slot);
      return;
    }
    if (this.queueHead[endpoint] === -1) this.queueHead[endpoint] = slot;
    else this.next[this.queueTail[endpoint]!] = slot;
    this.queueTail[endpoint] = slot;
  }

  done(slot: number): void {
    const endpoint = this.endpoint[slot]!;
    this.hasFailed[slot] = this.random.int32() >>> 0 < FAILS_BELOW ? 1 : 0;
    this.simulation.post(NETWORK_NS, RESPONSE, slot);
    const head = this.queueHead[endpoint]!;
    if (head === -1) {
      this.busy[endpoint]!--;
      return;
    }
    this.queueHead[endpoint] = this.next[head]!;
    this.next[head] = -1;
    this.simulation.post(exponentialNs(this.random, SERVICE_NS), DONE, head);
  }

  response(slot: number): void {
    const endpoint = this.endpoint[slot]!;
    this.active[endpoint]!--;
    // As a small integer it needs no allocation.
    const latencyNs = this.simulation.clock[0]! - this.arrivalNs[slot]!;
    this.histogram.record(latencyNs < 2147483648 ? latencyNs | 0 : latencyNs);
    if (this.hasFailed[slot] === 1) {
      this.n5xx++;
      if (++this.consecutive[endpoint]! === 5) {
        this.ejections++;
        this.consecutive[endpoint] = 0;
      }
    } else this.consecutive[endpoint] = 0;
    this.next[slot] = this.free;
    this.free = slot;
  }

  #grow(): void {
    const before = this.next.length;
    const wider = <T extends Int32Array | Float64Array | Uint8Array>(wide: T, column: T): T => {
      wide.set(column as never);
      return wide;
    };
    this.arrivalNs = wider(new Float64Array(before * 2), this.arrivalNs);
    this.endpoint = wider(new Int32Array(before * 2), this.endpoint);
    this.hasFailed = wider(new Uint8Array(before * 2), this.hasFailed);
    this.next = wider(new Int32Array(before * 2), this.next);
    for (let slot = before * 2 - 1; slot >= before; slot--) {
      this.next[slot] = this.free;
      this.free = slot;
    }
  }
}

export function des(requests: number, endpoints = 16): DesCheck {
  const run = new Des(requests, endpoints);
  run.simulation.run();
  const { histogram, simulation } = run;
  let hsum = 0;
  for (const [bucket, count] of histogram.toPairs()) hsum = (hsum + Math.imul(bucket, count)) | 0;
  return {
    hsum: hsum >>> 0,
    meanMs: Math.round(histogram.mean) / 1e6,
    p50Ms: histogram.percentile(0.5) / 1e6,
    p99Ms: histogram.percentile(0.99) / 1e6,
    n5xx: run.n5xx,
    ejections: run.ejections,
    events: simulation.events,
    digest: simulation.digest(),
  };
}
