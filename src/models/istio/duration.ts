// Go's duration text, as Istio's YAML writes it ("1m30s", "500ms"), to proto JSON ("90s").
import { formatDuration } from '../envoy/duration.ts';

const UNIT_NS: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

const PART = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g;

export const isGoDuration = (text: string): boolean => text !== '' && text.replaceAll(PART, '') === '';

/** Nanoseconds. @throws RangeError when the text is no Go duration */
export function parseGoDurationNs(text: string): number {
  if (!isGoDuration(text)) throw new RangeError(`not a duration: ${text}`);
  const parts = [...text.matchAll(PART)];
  return Math.round(parts.reduce((sum, part) => sum + Number(part[1]) * UNIT_NS[part[2]!]!, 0));
}

/** "1m" -> "60s". */
export function protoDuration(text: string): string {
  return formatDuration(parseGoDurationNs(text));
}
