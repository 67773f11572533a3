// A running hash of what happened: two runs are equal, or their digests differ. Two 32-bit lanes (FNV-1a and a multiply-rotate),
// fed with whole numbers up to 2^53. Not cryptographic.

export class Digest {
  readonly #lanes = new Int32Array([0x811c9dc5 | 0, 0x9e3779b9 | 0]);

  /** Mixes one event in. @param timeNs integer ns, up to 2^53 */
  add(timeNs: number, kind: number, arg: number): void {
    this.#mix(timeNs | 0);
    this.#mix(Math.floor(timeNs / 4294967296) | 0);
    this.#mix(kind);
    this.#mix(arg);
  }

  #mix(word: number): void {
    const lanes = this.#lanes;
    lanes[0] = Math.imul(lanes[0]! ^ word, 0x01000193);
    const turned = (lanes[1]! << 13) | (lanes[1]! >>> 19);
    lanes[1] = (Math.imul(turned ^ Math.imul(word, 0xcc9e2d51 | 0), 5) + (0xe6546b64 | 0)) | 0;
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return Array.from(this.#lanes, (lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
