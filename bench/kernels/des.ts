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

/** A request is a row of 16 bytes: its arrival [ns], as a double; its endpoint; the next row of the free list or of a queue, 0 = none. */
const ROW = 4;
const ENDPOINT = 2;
const NEXT = 3;
/** Added to the endpoint of a request that has failed. */
const FAILED = 0x40000000;

/** An endpoint is a row too: requests on their way to it or in it, busy servers, first and last of its queue, failures in a row. */
const ENDPOINT_ROW = 8;
const ACTIVE = 0;
const BUSY = 1;
const HEAD = 2;
const TAIL = 3;
const CONSECUTIVE = 4;

/** One run. A request is named by the place of its row. */
class Des {
  readonly simulation = new Simulation();
  readonly histogram = new Histogram();
  readonly random = new Xoshiro128(1);
  readonly gapNs: number;
  readonly endpointRows: Int32Array;
  rows = new Int32Array(0);
  arrivalNs = new Float64Array(0);
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
    this.endpointRows = new Int32Array(endpoints * ENDPOINT_ROW);
    this.#grow(4096);
    this.simulation.on(ARRIVE, () => this.arrive());
    this.simulation.on(ENDPOINT_IN, (request) => this.endpointIn(request));
    this.simulation.on(DONE, (request) => this.done(request));
    this.simulation.on(RESPONSE, (request) => this.response(request));
    this.simulation.post(exponentialNs(this.random, this.gapNs), ARRIVE, 0);
  }

  arrive(): void {
    const all = this.endpointRows;
    const a = this.random.below(this.endpoints) * ENDPOINT_ROW;
    const b = this.random.below(this.endpoints) * ENDPOINT_ROW;
    const endpoint = all[b + ACTIVE]! < all[a + ACTIVE]! ? b : a;
    all[endpoint + ACTIVE]!++;
    if (this.free === 0) this.#grow(this.rows.length / ROW);
    const request = this.free;
    const rows = this.rows;
    this.free = rows[request + NEXT]!;
    rows[request + NEXT] = 0;
    rows[request + ENDPOINT] = endpoint;
    this.arrivalNs[request >> 1] = this.simulation.clock[0]!;
    this.simulation.post(NETWORK_NS, ENDPOINT_IN, request);
    if (--this.left > 0) this.simulation.post(exponentialNs(this.random, this.gapNs), ARRIVE, 0);
  }

  endpointIn(request: number): void {
    const rows = this.rows;
    const all = this.endpointRows;
    const endpoint = rows[request + ENDPOINT]!;
    if (all[endpoint + BUSY]! < SERVERS) {
      all[endpoint + BUSY]!++;
      this.simulation.post(exponentialNs(this.random, SERVICE_NS), DONE, request);
      return;
    }
    if (all[endpoint + HEAD] === 0) all[endpoint + HEAD] = request;
    else rows[all[endpoint + TAIL]! + NEXT] = request;
    all[endpoint + TAIL] = request;
  }

  done(request: number): void {
    const rows = this.rows;
    const all = this.endpointRows;
    const endpoint = rows[request + ENDPOINT]!;
    if (this.random.int32() >>> 0 < FAILS_BELOW) rows[request + ENDPOINT] = endpoint | FAILED;
    this.simulation.post(NETWORK_NS, RESPONSE, request);
    const head = all[endpoint + HEAD]!;
    if (head === 0) {
      all[endpoint + BUSY]!--;
      return;
    }
    all[endpoint + HEAD] = rows[head + NEXT]!;
    rows[head + NEXT] = 0;
    this.simulation.post(exponentialNs(this.random, SERVICE_NS), DONE, head);
  }

  response(request: number): void {
    const rows = this.rows;
    const all = this.endpointRows;
    const outcome = rows[request + ENDPOINT]!;
    const endpoint = outcome & ~FAILED;
    all[endpoint + ACTIVE]!--;
    // As a small integer it needs no allocation.
    const latencyNs = this.simulation.clock[0]! - this.arrivalNs[request >> 1]!;
    this.histogram.record(latencyNs < 2147483648 ? latencyNs | 0 : latencyNs);
    if (outcome !== endpoint) {
      this.n5xx++;
      if (++all[endpoint + CONSECUTIVE]! === 5) {
        this.ejections++;
        all[endpoint + CONSECUTIVE] = 0;
      }
    } else all[endpoint + CONSECUTIVE] = 0;
    rows[request + NEXT] = this.free;
    this.free = request;
  }

  /** Row 0 is no request. */
  #grow(count: number): void {
    const before = this.rows.length;
    const bytes = new ArrayBuffer((before + count * ROW) * 4);
    const rows = new Int32Array(bytes);
    rows.set(this.rows);
    this.rows = rows;
    this.arrivalNs = new Float64Array(bytes);
    for (let request = rows.length - ROW; request >= Math.max(before, ROW); request -= ROW) {
      rows[request + NEXT] = this.free;
      this.free = request;
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
