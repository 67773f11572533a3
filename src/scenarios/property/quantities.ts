// Quantities that only properties know, beside those of every scenario: factors in per cent, and moments such as "at + 10s".
import { isMistake, type Mistake, parseDuration } from '../durations.ts';

export { isMistake, type Mistake, parseDuration };

/** 150 from "150%"; unlike a share it may be more than the whole. */
export function parsePercent(value: unknown): number | Mistake {
  const match = /^(\d{1,6})\s*%?$/.exec(String(value).trim());
  return match
    ? Number(match[1])
    : { message: `"${String(value)}" is not a percentage`, hint: 'write e.g. 50%..200%' };
}

/** A time that a counterexample fixes: `at` = the first fault begins, `end` = the last one ends (or begins, if it stays). */
export interface Moment {
  base: 'start' | 'at' | 'end';
  offsetNs: number;
}

/** "10s", "at", "at + 10s", "end - 500ms". */
export function parseMoment(value: unknown): Moment | Mistake {
  const text = String(value).trim();
  const match = /^(at|end)\s*(?:([+-])\s*(\S.*))?$/.exec(text);
  if (!match) {
    const ns = parseDuration(text);
    if (!isMistake(ns)) return { base: 'start', offsetNs: ns };
    return {
      ...ns,
      hint: 'write a duration such as 10s, or at + 10s (at = when the fault begins), or end + 10s',
    };
  }
  const base = match[1] as 'at' | 'end';
  if (match[3] === undefined) return { base, offsetNs: 0 };
  const ns = parseDuration(match[3]);
  if (isMistake(ns)) return ns;
  return { base, offsetNs: match[2] === '-' ? -ns : ns };
}

export const momentNs = (moment: Moment, times: { atNs: number; endNs: number }): number =>
  Math.max(
    0,
    moment.offsetNs + (moment.base === 'at' ? times.atNs : moment.base === 'end' ? times.endNs : 0),
  );
