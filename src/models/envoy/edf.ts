// Earliest-deadline-first scheduler, Envoy's way to follow weights without a coin: a picked entry comes back 1/weight later.
// The order is (deadline, order of insertion). Constant whole weights repeat a round of sum / greatest common divisor picks, but for
// the rounding of deadlines. So a round that was picked is tried as the next one: the deadlines are added up as ever, and when they
// come out in order, the round is what the schedule would have picked. Otherwise it is picked entry by entry, see edf-order.ts.
// Source: Envoy source/common/upstream/edf_scheduler.h (1.40).
import { EdfOrder } from './edf-order.ts';

/** seed mod this is the number of picks a fresh schedule is advanced by. Source: edf_scheduler.h createWithPicks. */
const MAX_PICKS = 429496729;

/** Rounds are repeated to at least this many picks, and longer ones are not looked for. */
const SHORTEST = 256;
const LONGEST = 4096;

/** An entry's deadline and period in `#pairs`: those of entry n stand at 2 n. */
const PAIR = 2;
/** Less than any difference of two deadlines that differ, as none is below 2^-32. Not the least double: it is a slow, denormal one. */
const LEAST = 1e-30;

export class EdfScheduler {
  readonly #order: EdfOrder;
  /** entry -> item; its weight at its last insertion, and 1/weight. */
  #items: Int32Array;
  #weights: Float64Array;
  #periods: Float64Array;
  #size = 0;
  /** Items picked in advance, [at, end) of them left; end is 0 outside of rounds. */
  #ahead = new Int32Array(0);
  #at = 0;
  #end = 0;
  /** Picks of a round, 0 = the weights have none. */
  #length = 0;
  /** Places in `#pairs` of the round's picks, and by how much the deadline of each must be behind that of the one before. */
  #round = new Int32Array(0);
  #gaps = new Float64Array(0);
  /** entry -> deadline and period, behind the round and before it. The last pair is not an entry's: its deadline is now. */
  #pairs = new Float64Array(0);
  #pairsBefore = new Float64Array(0);
  /** entry -> its last place in the round, and by how much its deadline must then be behind the round's last one. */
  #lastPlace = new Float64Array(0);
  #lastGap = new Float64Array(0);
  /** Picks noted for a round; below 0 it waits. Rounds followed since, and the last wait. */
  #noted = 0;
  #followed = 0;
  #wait = 0;

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
    this.#length = this.#roundLength();
    this.#noted = -this.#length;
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
      if (weight === this.#weights[this.#round[at]! >> 1]) this.#at = at + 1;
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
    scheduler.#length = scheduler.#roundLength();
    scheduler.#noted = -scheduler.#length;
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

  /**
   * A pick with nothing picked in advance: of the next round, or entry by entry, noting a round. The first picks of a schedule are not
   * noted: many never make more. (One function, too long to be inlined: the short way stays short.)
   */
  #pickNext(): number {
    if (this.#isAhead()) return this.#ahead[this.#at++]!;
    if (this.#size === 0) return -1;
    const entry = this.#order.first();
    const item = this.#items[entry]!;
    this.#order.putBack(this.#periods[entry]!);
    const length = this.#length;
    if (length === 0) return item;
    const place = this.#noted++;
    if (place < 0) return item;
    if (place === 0 && this.#round.length !== length) {
      this.#round = new Int32Array(length);
      this.#ahead = new Int32Array(length);
      this.#gaps = new Float64Array(length);
    }
    const round = this.#round;
    round[place] = entry * PAIR;
    this.#ahead[place] = item;
    if (place + 1 < length) return item;

    // A round has been noted. Of two equal deadlines the one that was put back first comes first; who that is depends on the places in
    // the round alone, as long as it goes on repeating.
    const size = this.#size;
    this.#pairs = new Float64Array((size + 1) * PAIR);
    this.#pairsBefore = new Float64Array((size + 1) * PAIR);
    this.#lastPlace = new Float64Array(size);
    this.#lastGap = new Float64Array(size);
    this.#order.readDeadlines(this.#pairs, PAIR);
    for (let other = 0; other < size; other++) this.#pairs[other * PAIR + 1] = this.#periods[other]!;
    this.#pairs[size * PAIR] = this.#order.now;
    this.#lastPlace.fill(Number.NaN);
    for (let i = 0; i < length; i++) this.#lastPlace[round[i]! >> 1] = i - length;
    this.#noted = 0;
    if (this.#lastPlace.some(Number.isNaN)) return item;
    // The place where the pick before had been put back.
    let putBack = round.lastIndexOf(round[length - 1]!, length - 2) - length;
    for (let i = 0; i < length; i++) {
      const itsEntry = round[i]! >> 1;
      const itsPutBack = this.#lastPlace[itsEntry]!;
      this.#gaps[i] = itsPutBack > putBack ? 0 : LEAST;
      putBack = itsPutBack;
      this.#lastPlace[itsEntry] = i;
    }
    for (let other = 0; other < size; other++)
      this.#lastGap[other] = this.#lastPlace[other]! > putBack ? 0 : LEAST;
    this.#followed = 0;
    this.#at = length;
    this.#end = length;
    return item;
  }

  /** Weights that change make no rounds. */
  #reweigh(entry: number, weight: number): void {
    this.#weights[entry] = weight;
    this.#periods[entry] = 1 / weight;
    this.#length = 0;
  }

  #roundLength(): number {
    let [sum, divisor] = [0, 0];
    for (let entry = 0; entry < this.#size; entry++) {
      const weight = this.#weights[entry]!;
      if (!Number.isInteger(weight) || weight < 1) return 0;
      sum += weight;
      for (let rest = weight; rest > 0; ) [divisor, rest] = [rest, divisor % rest];
    }
    const length = sum / divisor;
    const least = Math.max(SHORTEST, 4 * this.#size);
    return length <= LONGEST ? length * Math.ceil(least / length) : 0;
  }

  /** Whether something is picked in advance; at the end of a round the next one is tried. */
  #isAhead(): boolean {
    return this.#at < this.#end || (this.#end > 0 && this.#followRound());
  }

  /** Adds up the deadlines of one more round and looks whether it goes in order; if not, it is as if never tried. */
  #followRound(): boolean {
    const pairs = this.#pairs;
    const round = this.#round;
    const gaps = this.#gaps;
    const length = this.#length;
    const size = this.#size;
    for (let i = 0; i < pairs.length; i++) this.#pairsBefore[i] = pairs[i]!;
    let now = pairs[size * PAIR]!;
    let isInOrder = true;
    for (let i = 0; i < length; i++) {
      const pair = round[i]!;
      const deadline = pairs[pair]!;
      if (!(deadline - now >= gaps[i]!)) {
        isInOrder = false;
        break;
      }
      now = deadline;
      pairs[pair] = deadline + pairs[pair + 1]!;
    }
    // Nobody who comes later may belong before the last one.
    for (let entry = 0; entry < size; entry++)
      if (!(pairs[entry * PAIR]! - now >= this.#lastGap[entry]!)) isInOrder = false;
    pairs[size * PAIR] = now;
    this.#at = 0;
    if (isInOrder) this.#followed++;
    else {
      // Where rounding changes the order all the time, the next try waits ever longer.
      this.#wait = this.#followed < 8 ? Math.min(2 * this.#wait + length, 1e6) : 0;
      this.#leaveRound();
    }
    return isInOrder;
  }

  /** Back to picking entry by entry, behind what has been taken of the round. */
  #leaveRound(): void {
    if (this.#end === 0) return;
    const isBehind = this.#at === this.#end;
    const pairs = isBehind ? this.#pairs : this.#pairsBefore;
    const now = this.#size * PAIR;
    // Places count back from the end of the round.
    for (let entry = 0; entry < this.#size; entry++) this.#lastPlace[entry]! -= isBehind ? 0 : this.#length;
    for (let place = 0; !isBehind && place < this.#at; place++) {
      const pair = this.#round[place]!;
      pairs[now] = pairs[pair]!;
      pairs[pair]! += pairs[pair + 1]!;
      this.#lastPlace[pair >> 1] = place;
    }
    this.#order.write(pairs, PAIR, this.#lastPlace, pairs[now]!);
    this.#at = 0;
    this.#end = 0;
    this.#noted = -this.#wait;
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
