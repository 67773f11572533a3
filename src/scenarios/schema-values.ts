// The small values of the scenario file as zod schemas: each takes what people write and gives what the run needs (nanoseconds, shares
// 0..1, bytes), or an issue that carries a code and a hint.
import * as z from 'zod';
import type { DiagnosticCode } from './diagnostics.ts';
import {
  isMistake,
  type Mistake,
  parseBandwidth,
  parseCidr,
  parseDuration,
  parseRange,
  parseRate,
  parseRuns,
  parseShare,
  parseSize,
  type RangeUnit,
} from './durations.ts';

// One parse of each schema per process: compiling validators would cost more than it saves.
z.config({ jitless: true });

export interface IssueParams {
  code: DiagnosticCode;
  hint?: string;
  /** Point at the key of this child instead of the value itself. */
  key?: string;
}

/** Reports a mistake from inside a schema. */
export function refuse(
  context: {
    addIssue(issue: { code: 'custom'; message: string; path?: PropertyKey[]; params: object }): void;
  },
  code: DiagnosticCode,
  message: string,
  hint?: string,
  path?: (string | number)[],
): void {
  const params: IssueParams = { code, ...(hint !== undefined && { hint }) };
  context.addIssue({ code: 'custom', message, params, ...(path && { path }) });
}

/** Schemas of parts that few files have are made when a file has one: making all takes longer than checking a file. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

const textOrNumber = [z.string(), z.number()] as const;

function quantity<T>(parse: (value: unknown) => T | Mistake, code: DiagnosticCode, description: string) {
  return z
    .union(textOrNumber, { error: `${description} is needed here` })
    .describe(description)
    .transform((value, context): T => {
      const parsed = parse(value);
      if (!isMistake(parsed)) return parsed;
      refuse(context, code, parsed.message, parsed.hint);
      return z.NEVER;
    });
}

export const duration = quantity(parseDuration, 'FS2005', 'a duration such as 500ms, 30s or 1m30s');
export const size = quantity(parseSize, 'FS2006', 'a size such as 2KiB or 10Mi');
export const bandwidth = quantity(parseBandwidth, 'FS2006', 'a bandwidth such as 5Mbps');
export const rate = quantity(parseRate, 'FS2006', 'a rate such as 100/s');
export const share = quantity(parseShare, 'FS2006', 'a share such as 0.1%');
export const percentage = quantity(parsePercentage, 'FS2006', 'a percentage from 0 to 100');
export const cidr = quantity(keepCidr, 'FS2006', 'a CIDR block such as 10.45.0.0/16');
export const runsBand = quantity(parseRuns, 'FS5001', '`all runs`, `95%.. of runs` or `40%..70% of runs`');

const DESCRIBED: Record<RangeUnit, string> = {
  count: 'a count or range: 9, 8..10, ..20, 5..',
  share: 'a share or range: 10%, 8%..12%, ..1%, 99%..',
  number: 'a number or range: 3, ..1.5',
  seconds: 'a duration or range: ..80ms, 10ms..20ms',
};
const rangeOf = (unit: RangeUnit) => quantity((value) => parseRange(value, unit), 'FS5001', DESCRIBED[unit]);
const ranges = {
  count: rangeOf('count'),
  share: rangeOf('share'),
  number: rangeOf('number'),
  seconds: rangeOf('seconds'),
};
export const range = (unit: RangeUnit) => ranges[unit];

function parsePercentage(value: unknown): number | Mistake {
  const match = /^(\d+(?:\.\d+)?)%?$/.exec(String(value).trim());
  const number = match ? Number(match[1]) : Number.NaN;
  return number >= 0 && number <= 100
    ? number
    : { message: `"${String(value)}" is not a percentage from 0 to 100`, hint: 'write e.g. 50' };
}

function keepCidr(value: unknown): string | Mistake {
  const parsed = parseCidr(value);
  return isMistake(parsed) ? parsed : String(value).trim();
}

export const name = z.string().min(1, { error: 'a name is needed here' }).max(253);
export const count = z.int().min(0).max(1_000_000);
export const positive = z.int().min(1).max(1_000_000);
export const status = z.int().min(100).max(599);
export const port = z.int().min(1).max(65535);
export const headers = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));

/** Which of the keys are written. */
export const writtenOf = (value: object, keys: readonly string[]): string[] =>
  keys.filter((key) => (value as Record<string, unknown>)[key] !== undefined);

/** Reports unless exactly one of the keys is there; returns it. */
export function exactlyOne(
  value: object,
  keys: readonly string[],
  what: string,
  context: Parameters<typeof refuse>[0],
): string | undefined {
  const written = writtenOf(value, keys);
  if (written.length === 1) return written[0];
  if (written.length === 0) refuse(context, 'FS2002', `${what}: one of ${listed(keys)} is needed`);
  else
    refuse(context, 'FS2007', `${listed(written, 'and')} exclude each other`, 'keep one of them', [
      written[1]!,
    ]);
  return undefined;
}

export const listed = (words: readonly string[], last = 'or'): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
