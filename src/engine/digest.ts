// A running hash of what happened: two runs are equal, or their digests differ. Two 32-bit lanes, one multiplication each per event,
// fed with whole numbers up to 2^53. Not cryptographic.

const HIGH = 2 ** -32;

export class Digest {
  // Not #private, to be short enough for the loop: see EventQueue.
  private first = 0x811c9dc5 | 0;
  private second = 0x9e3779b9 | 0;

  /** Mixes one event in. @param clock its time in cell 0, integer ns up to 2^53: a double in an argument may have to be allocated */
  add(clock: Float64Array, kind: number, arg: number): void {
    const timeNs = clock[0]!;
    const a = Math.imul(this.first ^ (timeNs | 0), 0x2c1b3c6d);
    const first = (a << 15) | (a >>> 17);
    // The turned first lane carries the time into the second: there are no two events that only swap theirs.
    const b = (Math.imul(this.second ^ arg ^ (kind << 24) ^ ((timeNs * HIGH) | 0), 0x297a2d39) + first) | 0;
    this.first = first;
    this.second = (b << 13) | (b >>> 19);
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return [this.first, this.second].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
