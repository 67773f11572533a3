// Quantities as people write them: Go's durations, Kubernetes' sizes, rates, shares, and the ranges of `expect`. A value that cannot be
// read is a Mistake in words, never an exception. Pure.
import type { Range } from './scenario.ts';

export interface Mistake {
  message: string;
  hint?: string;
}
export const isMistake = (value: unknown): value is Mistake =>
  typeof value === 'object' && value !== null && 'message' in value;

const NS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
/** Whole nanoseconds stay exact up to here, 104 days. */
const MAX_NS = Number.MAX_SAFE_INTEGER;

/** Nanoseconds from "1m30s", "500ms", "1.5h", "0". */
export function parseDuration(value: unknown): number | Mistake {
  if (value === 0 || value === '0') return 0;
  const text = String(value).trim();
  if (/^-/.test(text))
    return { message: `a duration must not be negative: ${text}`, hint: 'times count from the start' };
  if (/^\+?[\d.]+$/.test(text))
    return { message: `${text} is a number, not a duration`, hint: `write ${text}s if seconds are meant` };
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text)
    return { message: `"${text}" is not a duration`, hint: durationHint(text) };
  const ns = Math.round(parts.reduce((sum, part) => sum + Number(part[1]) * NS[part[2]!]!, 0));
  if (ns > MAX_NS)
    return { message: `${text} is longer than 104 days`, hint: 'longer runs are not simulated' };
  return ns;
}

function durationHint(text: string): string {
  const match = /^([\d.]+)\s*([a-zA-Z]+)$/.exec(text);
  const unit = match?.[2]?.toLowerCase() ?? '';
  const short = /^ms|^milli/.test(unit)
    ? 'ms'
    : /^s(ec|$)/.test(unit)
      ? 's'
      : /^m(in|$)/.test(unit)
        ? 'm'
        : /^h/.test(unit)
          ? 'h'
          : '';
  if (match && short) return `write ${match[1]}${short}`;
  if (match && /^d(ay|$)/.test(unit))
    return `write ${Number(match[1]) * 24}h: days have no unit of their own`;
  return 'write a number and a unit, e.g. 500ms, 30s, 1m30s';
}

const SIZES: Record<string, number> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  ti: 1024 ** 4,
};

/** Bytes from "2KiB", "10Mi", "1k", "5MB", 512. */
export function parseSize(value: unknown): number | Mistake {
  const text = String(value).trim();
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]i?)?b?$/i.exec(text);
  const bytes = match ? Math.round(Number(match[1]) * SIZES[(match[2] ?? '').toLowerCase()]!) : Number.NaN;
  if (!Number.isSafeInteger(bytes))
    return { message: `"${text}" is not a size`, hint: 'write e.g. 2KiB, 10Mi or 512' };
  return bytes;
}

/** Bits per second from "10Mbps", "1Gbps", "500kbit/s". */
export function parseBandwidth(value: unknown): number | Mistake {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:bps|bit\/s|b\/s)$/i.exec(String(value).trim());
  const bits = match ? Math.round(Number(match[1]) * SIZES[match[2]!.toLowerCase()]!) : Number.NaN;
  if (!(bits > 0))
    return {
      message: `"${String(value)}" is not a bandwidth`,
      hint: 'write e.g. 5Mbps or 1Gbps, more than 0',
    };
  return bits;
}

/** Per second from 100, "100/s", "5k/s", "300/m". */
export function parseRate(value: unknown): number | Mistake {
  const text = String(value).trim();
  const match = /^(\d+(?:\.\d+)?)\s*(k?)\s*(?:\/\s*(s|sec|second|m|min|minute|h|hour)|(?:rps|qps))?$/i.exec(
    text,
  );
  if (!match)
    return {
      message: /^-/.test(text) ? `a rate must not be negative: ${text}` : `"${text}" is not a rate`,
      hint: 'write e.g. 100/s or 300/m',
    };
  const seconds = /^h/i.test(match[3] ?? '') ? 3600 : /^m/i.test(match[3] ?? '') ? 60 : 1;
  return (Number(match[1]) * (match[2] ? 1000 : 1)) / seconds;
}

/** 0..1 from "0.1%" or 0.001. */
export function parseShare(value: unknown): number | Mistake {
  const text = String(value).trim();
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text);
  if (!match) return { message: `"${text}" is not a share`, hint: 'write a percentage such as 0.1%' };
  const share = match[2] ? Number((Number(match[1]) / 100).toPrecision(15)) : Number(match[1]);
  if (share > 1)
    return match[2]
      ? { message: `${text} is more than 100%` }
      : { message: `${text} is more than the whole`, hint: `write ${text}% if per cent is meant` };
  return share;
}

/** What the numbers of a range are: counts, shares 0..1, plain numbers, or seconds written as durations. */
export type RangeUnit = 'count' | 'share' | 'number' | 'seconds';

/** `9` exact, `8..10`, `..1%` at most, `99%..` at least. */
export function parseRange(value: unknown, unit: RangeUnit): Range | Mistake {
  const text = String(value).trim();
  if ((typeof value !== 'number' && typeof value !== 'string') || text === '')
    return { message: 'a number or a range is needed', hint: 'write e.g. 9, 8..10, ..1% or 99%..' };
  const at = text.indexOf('..');
  if (at < 0) {
    const exact = parseBound(text, unit);
    return typeof exact === 'number' ? { least: exact, most: exact, text } : exact;
  }
  let [low, high] = [text.slice(0, at).trim(), text.slice(at + 2).trim()];
  if (low === '' && high === '')
    return { message: 'the range has no bounds', hint: 'write e.g. 8..10 or ..1%' };
  if (unit === 'share' && /%$/.test(high) && /^[\d.]+$/.test(low)) low = `${low}%`; // 8..12% means both
  const least = low === '' ? (unit === 'number' ? -Infinity : 0) : parseBound(low, unit);
  const most = high === '' ? (unit === 'share' ? 1 : Infinity) : parseBound(high, unit);
  if (typeof least !== 'number') return least;
  if (typeof most !== 'number') return most;
  if (least > most)
    return {
      message: `the range ${text} is empty`,
      hint: `write ${high}..${low}: the smaller bound comes first`,
    };
  return { least, most, text };
}

function parseBound(text: string, unit: RangeUnit): number | Mistake {
  if (unit === 'share') return parseShare(text);
  if (unit === 'seconds') {
    const ns = parseDuration(text);
    return typeof ns === 'number' ? ns / 1e9 : ns;
  }
  if (/%$/.test(text))
    return {
      message: `${text} is a percentage where a number is needed`,
      hint: 'use `share` for percentages',
    };
  const number = /^-?(\d+(\.\d+)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number))
    return { message: `"${text}" is not a number or a range`, hint: 'write e.g. 9, 8..10, ..20 or 5..' };
  if (number < 0 && unit === 'count') return { message: `a count must not be negative: ${text}` };
  return number;
}

/** `in: all runs`, `in: 95%.. of runs`, `in: 40%..70% of runs`; a bare `95% of runs` means at least. */
export function parseRuns(value: unknown): Range | Mistake {
  const text = String(value).trim();
  const match = /^(.*?)\s*(?:of\s+)?(?:the\s+)?runs?$/i.exec(text);
  if (!match) return { message: `"${text}" is not read here`, hint: 'write `all runs` or `95%.. of runs`' };
  if (/^all(\s+of)?$/i.test(match[1]!)) return { least: 1, most: 1, text };
  const range = parseRange(match[1]!, 'share');
  if (isMistake(range)) return range;
  return match[1]!.includes('..') ? { ...range, text } : { least: range.least, most: 1, text };
}

export interface Cidr {
  /** Address as an unsigned number, and the prefix length. */
  base: number;
  bits: number;
}

/** IPv4 "10.45.0.0/16". */
export function parseCidr(value: unknown): Cidr | Mistake {
  const text = String(value).trim();
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/.exec(text);
  const octets = match?.slice(1, 5).map(Number) ?? [];
  if (!match || octets.some((octet) => octet > 255) || Number(match[5] ?? 0) > 32)
    return { message: `"${text}" is not a CIDR block`, hint: 'write e.g. 10.45.0.0/16' };
  if (match[5] === undefined)
    return { message: `${text} has no prefix length`, hint: `write ${text}/16, or as long as the block is` };
  const base = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - Number(match[5]));
  if (base % size !== 0) {
    const start = base - (base % size);
    const address = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256).join('.');
    return { message: `${text} does not start at its block's border`, hint: `write ${address}/${match[5]}` };
  }
  return { base, bits: Number(match[5]) };
}

/** Does `outer` hold the whole of `inner`? */
export const contains = (outer: Cidr, inner: Cidr): boolean =>
  inner.bits >= outer.bits &&
  Math.floor(inner.base / 2 ** (32 - outer.bits)) === outer.base / 2 ** (32 - outer.bits);

export const overlap = (a: Cidr, b: Cidr): boolean => contains(a, b) || contains(b, a);
