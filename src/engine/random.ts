// Random streams by name: one seed, a sub-stream per purpose and entity, so that an extra draw in one place moves nothing
// elsewhere. Streams are seedrandom's alea seeded with a string; the same name gives the same numbers on every machine.
import seedrandom from 'seedrandom';
import { fillFromAlea, stepAlea } from './alea-fill.ts';
import { jumpAlea } from './alea-jump.ts';

/** A source of independent uniform draws. */
export interface RandomStream {
  /** Uniform integer in [0, 2^32). */
  uint32(): number;
  /** Uniform double in [0, 1) with 32 bits. */
  unit(): number;
}

/** A stream whose draws need no allocation even when the call is not inlined: small integers in and out. */
export interface IntegerStream extends RandomStream {
  /** The 32 bits of uint32() as a signed integer. */
  int32(): number;
  /** Uniform integer in [0, count), by multiplication: one draw. @param count at most 2^31 */
  below(count: number): number;
}

/** The draw of unit(), by way of a small integer: a double that comes out of a call that is not inlined would be allocated. */
export function unitOf(draw: IntegerStream): number {
  return (draw.int32() >>> 0) / TWO_32;
}

/** A stream for many draws of which few are looked at. */
export interface SkippingStream extends IntegerStream {
  /** As if so many numbers had been drawn; in a time that hardly grows with them. */
  skip(draws: number): void;
  /** Draws `period` numbers for each cell and keeps one of them, as int32(). @param offset which one, from 0 */
  fill(cells: Int32Array, period: number, offset: number): void;
}

/** Hands out named sub-streams of one seed. */
export class Streams {
  readonly #prefix: string;

  /** @param seed the run's seed  @param replication counts from 0; part of every stream's name */
  constructor(seed: number | string, replication = 0) {
    this.#prefix = `${seed}/${replication}/`;
  }

  /** A fresh stream at its start; two calls with one name give two streams with the same numbers. */
  stream(name: string): SkippingStream {
    return new AleaStream(this.#prefix + name);
  }
}

const TWO_32 = 4294967296;
const UNSEEDED: Float64Array = new Float64Array(0);
/** Fewer draws than this are made rather than jumped over: a jump takes 5 to 20 microseconds. */
const FEW_DRAWS = 1000;

/** Draws that are made at once: one line of the processor's cache. */
const BLOCK = 16;
const NO_BLOCK: Int32Array = new Int32Array(0);

/** Seeded by seedrandom, stepped here, a block of draws at a time: its own draws are closures over an object, and slow. */
class AleaStream implements SkippingStream {
  readonly #name: string;
  /**
   * s0, s1, s2 and the carry behind the block, and before it; empty until the first draw, since most streams of a run never draw and
   * seeding takes a microsecond.
   */
  #state = UNSEEDED;
  /** Draws, as int32(); those before #at have been given away. */
  #block = NO_BLOCK;
  #at = BLOCK;

  constructor(name: string) {
    this.#name = name;
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  int32(): number {
    const at = this.#at;
    if (at === BLOCK) return this.#nextBlock();
    this.#at = at + 1;
    return this.#block[at]!;
  }

  unit(): number {
    return (this.int32() >>> 0) / TWO_32;
  }

  below(count: number): number {
    return (((this.int32() >>> 0) / TWO_32) * count) | 0;
  }

  skip(draws: number): void {
    const beyond = draws - (BLOCK - this.#at);
    if (beyond <= 0) this.#at += Math.max(0, draws);
    else if (beyond < FEW_DRAWS) for (let i = 0; i < draws; i++) this.int32();
    else {
      this.#seed();
      this.#at = BLOCK;
      jumpAlea(this.#state, beyond);
    }
  }

  fill(cells: Int32Array, period: number, offset: number): void {
    this.#seed();
    // Back to the draws that have been given away.
    const given = this.#at;
    if (given < BLOCK) {
      this.#state.copyWithin(0, 4, 8);
      this.#draw(given);
      this.#at = BLOCK;
    }
    fillFromAlea(this.#state, cells, period, offset);
  }

  #seed(): void {
    if (this.#state.length > 0) return;
    this.#state = seeded(this.#name);
    this.#block = new Int32Array(BLOCK);
  }

  /** @returns the first draw of a new block */
  #nextBlock(): number {
    this.#seed();
    this.#draw(BLOCK);
    this.#at = 1;
    return this.#block[0]!;
  }

  /** The first draws of a block. */
  #draw(count: number): void {
    const state = this.#state;
    for (let i = 0; i < 4; i++) state[4 + i] = state[i]!;
    stepAlea(state, this.#block, 0, count, 1, 0);
  }
}

function seeded(name: string): Float64Array {
  const { s0, s1, s2, c } = seedrandom.alea(name, { state: true }).state() as AleaState;
  return new Float64Array([s0, s1, s2, c, s0, s1, s2, c]);
}

interface AleaState {
  s0: number;
  s1: number;
  s2: number;
  c: number;
}
