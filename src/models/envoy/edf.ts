// Earliest-deadline-first scheduler, Envoy's way to follow weights without a coin: a picked entry comes back 1/weight later.
// The order is (deadline, order of insertion), see edf-order.ts. Constant weights repeat a round of sum / greatest common divisor picks,
// but for the rounding of deadlines. So a round is noted while it is picked entry by entry, and handed out again for as long as it
// is certain that the schedule would pick just so, see edf-round.ts.
// Source: Envoy source/common/upstream/edf_scheduler.h (1.40).
import { EdfOrder } from './edf-order.ts';
import { EdfRound } from './edf-round.ts';

/** seed mod this is the number of picks a fresh schedule is advanced by. Source: edf_scheduler.h createWithPicks. */
const MAX_PICKS = 429496729;

/** A round is at least so many picks, being the shortest one again and again; longer ones are not looked for. */
const SHORTEST = 32;
const LONGEST = 4096;
/** Length of a round that has not been looked for: the first picks pass before, as many schedules never make more. */
const UNKNOWN = 1;
const FIRST_PICKS = 256;
/** After rounds that did not come again the next one is noted at the end of 1, 2, 4... rounds, up to 2 ** this. */
const MOST_MISSES = 4;
/** A round is looked at anew after so many repeats: the count stays in 31 bits. */
const MOST_REPEATS = 2 ** 30 - 1;

export class EdfScheduler {
  readonly #order: EdfOrder;
  /** entry -> item; its weight at its last insertion, and 1/weight. */
  #items: Int32Array;
  #weights: Float64Array;
  #periods: Float64Array;
  #size = 0;
  /** The round that is handed out: its items from `at` to `end` are still to come. Outside of rounds both are 0. */
  #ahead: Int32Array = new Int32Array(0);
  #at = 0;
  #end = 0;
  /** Whole rounds handed out since it was noted, and how many are sure. The order stands still where it was noted. */
  #rounds = 0;
  #repeats = 0;
  #round: EdfRound | null = null;
  /** Picks of a round, 0 = the weights have none. */
  #length = UNKNOWN;
  /** Picks until a round is noted, the last `length` of them are it; and how many noted ones in a row did not come again. */
  #untilNoted = FIRST_PICKS;
  #misses = 0;

  constructor(capacity: number) {
    const room = Math.max(1, capacity);
    this.#order = new EdfOrder(room);
    this.#items = new Int32Array(room);
    this.#weights = new Float64Array(room);
    this.#periods = new Float64Array(room);
  }

  get size(): number {
    return this.#size;
  }

  /** Inserts with deadline now + 1/weight, behind every entry of an equal or earlier deadline. */
  add(item: number, weight: number): void {
    this.#leaveRound();
    this.#insert(item, weight, this.#order.now + 1 / weight);
    this.#forgetRound();
  }

  /** The item with the earliest deadline, which stays where it is. -1 when empty. */
  peek(): number {
    if (this.#isAhead()) return this.#ahead[this.#at]!;
    return this.#size === 0 ? -1 : this.#items[this.#order.first()]!;
  }

  /** Picks the earliest entry and puts it back with the weight it had. -1 when empty. */
  pick(): number {
    const at = this.#at;
    if (at === this.#end) return this.#pickNext();
    this.#at = at + 1;
    return this.#ahead[at]!;
  }

  /** Picks the earliest entry and puts it back with the weight it has now. -1 when empty. */
  pickAndAdd(weightOf: (item: number) => number): number {
    if (this.#isAhead()) {
      const at = this.#at;
      const item = this.#ahead[at]!;
      const weight = weightOf(item);
      if (weight === this.#weights[this.#round!.entries[at]!]) this.#at = at + 1;
      else {
        this.#leaveRound();
        this.#reweigh(this.#order.first(), weight);
        this.#pickNext();
      }
      return item;
    }
    if (this.#size === 0) return -1;
    const entry = this.#order.first();
    const weight = weightOf(this.#items[entry]!);
    if (weight !== this.#weights[entry]) this.#reweigh(entry, weight);
    return this.#pickNext();
  }

  /**
   * Every entry is among so many picks in a row, whichever, as long as weights stay: between two picks of an entry lies 1/weight of
   * time, in which another one comes at most floor(its weight / weight) + 1 times; and once more where deadlines are rounded.
   */
  get longestGap(): number {
    let least = Number.POSITIVE_INFINITY;
    for (let entry = 0; entry < this.#size; entry++) least = Math.min(least, this.#weights[entry]!);
    let picks = 0;
    for (let entry = 0; entry < this.#size; entry++) picks += Math.floor(this.#weights[entry]! / least) + 2;
    return picks;
  }

  /** Have all entries the weights that they would be put back with now? Then pick() is pickAndAdd(). */
  hasWeights(weightOf: (item: number) => number): boolean {
    for (let entry = 0; entry < this.#size; entry++)
      if (weightOf(this.#items[entry]!) !== this.#weights[entry]) return false;
    return true;
  }

  /** Makes n picks at once and counts them by item, in O(entries + picks of a round) while rounds are sure. */
  pickCounts(n: number, counts: Int32Array | Float64Array): void {
    for (let left = this.#size === 0 ? 0 : n; left > 0; ) {
      if (left < this.#length || !this.#isAhead() || this.#at > 0) {
        counts[this.pick()]!++;
        left--;
        continue;
      }
      const rounds = Math.min(this.#repeats - this.#rounds, Math.floor(left / this.#end));
      for (const item of this.#ahead) counts[item]! += rounds;
      left -= rounds * this.#end;
      this.#rounds += rounds - 1;
      this.#at = this.#end;
    }
  }

  /**
   * A schedule of all items as if they had been inserted and then `seed mod 2^32 mod 429496729` picks been made, in O(n log n).
   * The first deadlines use weights raised by 1e-13, so near-ties of different weights go to the lower weight, as in Envoy.
   */
  static createWithPicks(
    items: ArrayLike<number>,
    weightOf: (item: number) => number,
    seed: number,
  ): EdfScheduler {
    const scheduler = new EdfScheduler(items.length);
    const picks = (seed >>> 0) % MAX_PICKS;
    let total = 0;
    for (let i = 0; i < items.length; i++) total += weightOf(items[i]!) + 1e-13;
    let done = 0;
    let now = 0;
    for (let i = 0; i < items.length; i++) {
      const weight = weightOf(items[i]!) + 1e-13;
      let floor = Math.floor((weight * picks) / total);
      if (floor > 0 && floor / weight >= picks / total) floor -= 1;
      if (floor > 0) now = Math.max(now, floor / weight);
      done += floor;
      scheduler.#insert(items[i]!, weightOf(items[i]!), (floor + 1) / weight);
    }
    scheduler.#order.now = now;
    for (let left = picks - done; left > 0; left--) scheduler.pickAndAdd(weightOf);
    return scheduler;
  }

  #insert(item: number, weight: number, deadline: number): void {
    const entry = this.#size++;
    if (entry === this.#items.length) this.#grow();
    this.#items[entry] = item;
    this.#weights[entry] = weight;
    this.#periods[entry] = 1 / weight;
    this.#order.insert(deadline);
  }

  /** A pick with nothing left of a round: from the next one, or entry by entry. (Too long to be inlined: the short way stays short.) */
  #pickNext(): number {
    if (this.#isAhead()) return this.#ahead[this.#at++]!;
    if (this.#size === 0) return -1;
    const entry = this.#order.first();
    const item = this.#items[entry]!;
    this.#order.putBack(this.#periods[entry]!);
    if (this.#length > 0 && --this.#untilNoted < this.#length) this.#note(entry, item);
    return item;
  }

  /** Whether a round tells the next pick; at its end it begins anew while that is sure. */
  #isAhead(): boolean {
    if (this.#at < this.#end) return true;
    if (this.#end === 0) return false;
    this.#rounds++;
    this.#at = 0;
    if (this.#rounds < this.#repeats) return true;
    this.#leaveRound();
    return this.#followRound();
  }

  #note(entry: number, item: number): void {
    const length = this.#length;
    if (length === UNKNOWN) return this.#lookForRounds();
    const place = length - 1 - this.#untilNoted;
    if (this.#round === null || this.#round.items.length !== length) this.#round = new EdfRound(length);
    this.#round.items[place] = item;
    this.#round.entries[place] = entry;
    if (place < length - 1) return;
    const isMiss = !this.#followRound();
    this.#untilNoted = length << (isMiss ? this.#misses : 0);
    this.#misses = isMiss ? Math.min(this.#misses + 1, MOST_MISSES) : 0;
  }

  /** Whether the round that has been picked comes again; hands it out then. */
  #followRound(): boolean {
    const round = this.#round!;
    this.#repeats = Math.min(MOST_REPEATS, round.repeats(this.#order, this.#periods)) | 0;
    if (this.#repeats === 0) return false;
    this.#ahead = round.items;
    this.#end = round.items.length;
    return true;
  }

  /** Back to picking entry by entry, behind what has been handed out. */
  #leaveRound(): void {
    if (this.#rounds + this.#at > 0) this.#round!.pass(this.#order, this.#periods, this.#rounds, this.#at);
    this.#rounds = 0;
    this.#at = 0;
    this.#end = 0;
  }

  #reweigh(entry: number, weight: number): void {
    this.#weights[entry] = weight;
    this.#periods[entry] = 1 / weight;
    this.#forgetRound();
  }

  /** Other weights have other rounds. While they go on changing, none is looked for. */
  #forgetRound(): void {
    this.#length = UNKNOWN;
    this.#untilNoted = FIRST_PICKS;
  }

  #lookForRounds(): void {
    this.#length = roundLength(this.#weights.subarray(0, this.#size));
    this.#untilNoted = this.#length;
    this.#misses = 0;
  }

  #grow(): void {
    const room = this.#items.length * 2;
    const [items, weights, periods] = [new Int32Array(room), new Float64Array(room), new Float64Array(room)];
    items.set(this.#items);
    weights.set(this.#weights);
    periods.set(this.#periods);
    this.#items = items;
    this.#weights = weights;
    this.#periods = periods;
  }
}

/** Picks of a round that is worth repeating, 0 = there is none. Whole weights have one, and so have 7.5 and 1.25. */
function roundLength(weights: Float64Array): number {
  let [sum, divisor] = [0, 0];
  for (const weight of weights) {
    if (!(weight > 0)) return 0;
    sum += weight;
    for (let rest = weight; rest > 0; ) [divisor, rest] = [rest, divisor % rest];
  }
  const shortest = sum / divisor;
  return shortest <= LONGEST ? (shortest * Math.ceil(SHORTEST / shortest)) | 0 : 0;
}
