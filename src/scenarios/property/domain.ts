// Values that a property varies, as a finite row with the simplest first: 1..3, 5s..30s, 50%..200%, a list, or one value. A search counts
// positions, so that shrinking towards 0 is shrinking towards the simplest.
import { isMistake, type Mistake, parseDuration, parsePercent } from './quantities.ts';

/** `at(0)` is the simplest. Values are written as the scenario file writes them. */
export interface Domain<T = unknown> {
  count: number;
  at(position: number): T;
}

export type Unit = 'whole' | 'duration' | 'percent';

const MOST_VALUES = 100_000;

export const listDomain = <T>(values: readonly T[]): Domain<T> => ({
  count: values.length,
  at: (position) => values[position]!,
});

/** "1..3", "5s..30s", "50%..200%", 7, [1, 2, 5]. */
export function domainOf(value: unknown, unit: Unit): Domain<number> | Mistake {
  if (Array.isArray(value)) {
    const values: number[] = [];
    for (const item of value) {
      const parsed = numberOf(item, unit);
      if (typeof parsed !== 'number') return parsed;
      values.push(parsed);
    }
    if (values.length === 0) return { message: 'the list has no values', hint: 'write e.g. 1..3 or [1, 5]' };
    return listDomain(values);
  }
  const text = String(value);
  const at = text.indexOf('..');
  if (at < 0) {
    const one = numberOf(value, unit);
    return typeof one === 'number' ? listDomain([one]) : one;
  }
  const [low, high] = [numberOf(text.slice(0, at), unit), numberOf(text.slice(at + 2), unit)];
  if (typeof low !== 'number') return low;
  if (typeof high !== 'number') return high;
  if (low > high)
    return {
      message: `the range ${text} is empty`,
      hint: `write ${text.slice(at + 2)}..${text.slice(0, at)}`,
    };
  const step = unit === 'duration' ? durationStep(high - low) : 1;
  const count = Math.floor((high - low) / step) + 1;
  if (count > MOST_VALUES) return { message: `the range ${text} has more than ${MOST_VALUES} values` };
  return { count, at: (position) => low + position * step };
}

/** Times between which nothing new happens are not worth trying: whole seconds in long ranges, tenths in short ones. */
function durationStep(spanNs: number): number {
  if (spanNs >= 10e9) return 1e9;
  return spanNs >= 1e9 ? 1e8 : 1e6;
}

function numberOf(value: unknown, unit: Unit): number | Mistake {
  const text = String(value).trim();
  if (unit === 'duration') return parseDuration(text);
  if (unit === 'percent') return parsePercent(text);
  if (/^\d{1,9}$/.test(text)) return Number(text);
  return { message: `"${text}" is not a whole number`, hint: 'write e.g. 3, 1..3 or [1, 5]' };
}

/** Values of a field of a manifest or of the scenario: numbers stay numbers, what has a unit keeps it. */
export function fieldDomainOf(value: unknown): Domain | Mistake {
  if (Array.isArray(value)) {
    if (value.length === 0) return { message: 'the list has no values', hint: 'write e.g. [10, 50, 100]' };
    return listDomain(value);
  }
  const text = String(value);
  if (typeof value !== 'string' || !text.includes('..')) return listDomain([value]);
  if (text.includes('%')) {
    const domain = domainOf(value, 'percent');
    return isMistake(domain) ? domain : { ...domain, at: (position) => `${domain.at(position)}%` };
  }
  if (/[a-zµμ]/.test(text)) {
    const domain = domainOf(value, 'duration');
    return isMistake(domain) ? domain : { ...domain, at: (position) => durationText(domain.at(position)) };
  }
  return domainOf(value, 'whole');
}

/** "5s", "1500ms": as the scenario file takes it. */
export function durationText(ns: number): string {
  for (const [unit, size] of [
    ['s', 1e9],
    ['ms', 1e6],
    ['us', 1e3],
  ] as const)
    if (ns % size === 0) return `${ns / size}${unit}`;
  return `${ns}ns`;
}
