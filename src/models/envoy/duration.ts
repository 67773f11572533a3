// proto3 JSON durations ("1.5s") to integer nanoseconds.
import type { Duration } from './config.ts';

/** @throws RangeError when the text is no proto3 JSON duration */
export function parseDurationNs(text: Duration | undefined, fallbackNs: number): number {
  if (text === undefined) return fallbackNs;
  const match = /^(-?\d+(?:\.\d+)?)s$/.exec(text);
  if (!match) throw new RangeError(`not a duration: ${text}`);
  return Math.round(Number(match[1]) * 1e9);
}

/** Nanoseconds as proto3 JSON writes them: 25000000 -> "0.025s". */
export function formatDuration(ns: number): Duration {
  return `${ns / 1e9}s`;
}
