// The EDF rule itself, entry by entry: the least (deadline, order) of a plain list. Slow and short; what the fast one must agree with.
// Source: Envoy source/common/upstream/edf_scheduler.h (1.40).

export class PlainEdf {
  readonly #entries: { item: number; weight: number; deadline: number; order: number }[] = [];
  #now = 0;
  #order = 0;

  constructor(weights: readonly number[] = []) {
    for (const weight of weights) this.add(weight);
  }

  add(weight: number, deadline = this.#now + 1 / weight): void {
    this.#entries.push({ item: this.#entries.length, weight, deadline, order: this.#order++ });
  }

  /** @param weights by item, as they are now; without, the one of the last insertion stays */
  pick(weights?: readonly number[]): number {
    let first = this.#entries[0]!;
    for (const entry of this.#entries)
      if (entry.deadline < first.deadline || (entry.deadline === first.deadline && entry.order < first.order))
        first = entry;
    this.#now = first.deadline;
    first.weight = weights?.[first.item] ?? first.weight;
    first.deadline = this.#now + 1 / first.weight;
    first.order = this.#order++;
    return first.item;
  }

  /** Deadline of the last pick. */
  get now(): number {
    return this.#now;
  }

  deadlines(): number[] {
    return this.#entries.map((entry) => entry.deadline);
  }

  /** Orders of insertion; of equal deadlines the lesser comes first. */
  orders(): number[] {
    return this.#entries.map((entry) => entry.order);
  }

  static createWithPicks(weights: readonly number[], picks: number): PlainEdf {
    const plain = new PlainEdf();
    const total = weights.reduce((sum, weight) => sum + (weight + 1e-13), 0);
    let done = 0;
    for (const weight of weights) {
      const raised = weight + 1e-13;
      let floor = Math.floor((raised * picks) / total);
      if (floor > 0 && floor / raised >= picks / total) floor -= 1;
      if (floor > 0) plain.#now = Math.max(plain.#now, floor / raised);
      done += floor;
      plain.add(weight, (floor + 1) / raised);
    }
    for (let left = picks - done; left > 0; left--) plain.pick();
    return plain;
  }
}
