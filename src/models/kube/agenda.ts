// What is still to happen: a binary heap by (time, order of entry). Used before a run only, so entries may be closures.

interface Entry {
  atNs: number;
  order: number;
  run: () => void;
}

export class Agenda {
  readonly #heap: Entry[] = [];
  #order = 0;

  /** Time of the next entry; infinity when there is none. */
  get nextNs(): number {
    return this.#heap[0]?.atNs ?? Number.POSITIVE_INFINITY;
  }

  add(atNs: number, run: () => void): void {
    const heap = this.#heap;
    const entry = { atNs, order: this.#order++, run };
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the next entry off and runs it. */
  runNext(): void {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last) return;
    if (heap.length > 0) {
      let at = 0;
      for (;;) {
        let child = 2 * at + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
        if (!isBefore(heap[child]!, last)) break;
        heap[at] = heap[child]!;
        at = child;
      }
      heap[at] = last;
    }
    first.run();
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.atNs < b.atNs || (a.atNs === b.atNs && a.order < b.order);
