// Series are mostly zeros: as texts of what is not zero they take a tenth. "n:i=v,i=v" with n numbers; i counts from 0.

/** A name could look like one; the mark keeps names and series apart. */
const MARK = '\u0000';

export function packed(_key: string, value: unknown): unknown {
  if (!isSparse(value)) return value;
  const entries = value.flatMap((one, i) => (one === 0 ? [] : [`${i}=${one}`]));
  return `${MARK}${value.length}:${entries.join(',')}`;
}

export function unpacked(_key: string, value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
  const [length, entries = ''] = value.slice(MARK.length).split(':');
  const numbers = new Array<number>(Number(length)).fill(0);
  for (const entry of entries === '' ? [] : entries.split(',')) {
    const [at, number] = entry.split('=');
    numbers[Number(at)] = Number(number);
  }
  return numbers;
}

function isSparse(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length < 12) return false;
  let zeros = 0;
  for (const one of value) {
    if (typeof one !== 'number') return false;
    if (one === 0) zeros++;
  }
  return zeros * 4 > value.length * 3;
}
