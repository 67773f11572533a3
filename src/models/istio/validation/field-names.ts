// Names of fields: proto3 JSON takes a field under its camelCase and its snake_case name; a wrong one gets the nearest known as a hint.
// Source: protobuf JSON mapping; istio/api field names.
import type { ObjectShape, Shape } from './shape.ts';

/** consecutive_5xx_errors -> consecutive5xxErrors; undefined = no such field. */
export function canonicalName(key: string, shape: ObjectShape): string | undefined {
  if (Object.hasOwn(shape.fields, key)) return key;
  if (!key.includes('_')) return undefined;
  const camel = key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  if (Object.hasOwn(shape.fields, camel)) return camel;
  // A digit after the underscore has no upper case: its own letters keep theirs.
  const flat = key.replaceAll('_', '').toLowerCase();
  return Object.keys(shape.fields).find((name) => name.toLowerCase() === flat);
}

/** The object with every field under its camelCase name, as the rest of this product reads it. Unknown fields stay. */
export function withCanonicalNames(value: unknown, shape: Shape): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value))
    return shape.type === 'list' ? value.map((entry) => withCanonicalNames(entry, shape.of)) : value;
  const entries = Object.entries(value as Record<string, unknown>);
  if (shape.type === 'map')
    return Object.fromEntries(entries.map(([key, entry]) => [key, withCanonicalNames(entry, shape.of)]));
  if (shape.type !== 'object') return value;
  return Object.fromEntries(
    entries.map(([key, entry]) => {
      const name = canonicalName(key, shape);
      return name === undefined ? [key, entry] : [name, withCanonicalNames(entry, shape.fields[name]!)];
    }),
  );
}

/** The known name that takes the fewest edits, if that is few for its length. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 20 || a.length > 100) return 100;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforeLast[j - 2]! + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
