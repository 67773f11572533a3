// Which adapter answers a recorded case. An adapter calls the product's own functions and compares; it holds no rule of its own.
// Envoy files name the kind in each case; Istio files are told apart by their file name. New adapters: one file, one line in `families`.
import { envoyCircuit } from './envoy-circuit.ts';
import { envoyEdf } from './envoy-edf.ts';
import { envoyHash } from './envoy-hash.ts';
import { envoyLb } from './envoy-lb.ts';
import { envoyLocality } from './envoy-locality.ts';
import { envoyOutlier } from './envoy-outlier.ts';
import { envoyPriority } from './envoy-priority.ts';
import { envoyRetry } from './envoy-retry.ts';
import { istioEndpoints } from './istio-endpoints.ts';
import { istioPolicy } from './istio-policy.ts';
import { istioRoutes } from './istio-routes.ts';
import { istioValidation } from './istio-validation.ts';

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of many shapes
export type Json = any;

export interface RecordedCase {
  id: string;
  kind?: string;
  input: Json;
  expect?: Json;
  tolerance?: number;
  [key: string]: Json;
}

/** What an adapter found: null = agrees. */
export interface Difference {
  got: Json;
  expected: Json;
}

export type Adapter = (entry: RecordedCase) => Difference | null;

/** Thrown by an adapter that meets a shape it does not know. */
export class Unsupported extends Error {}

/** Adapters by key: the case's kind for Envoy files, "istio/<file name without number and extension>", e.g. "istio/retry", for Istio files. */
export type Family = Readonly<Record<string, Adapter>>;

const families: readonly Family[] = [
  envoyCircuit,
  envoyEdf,
  envoyHash,
  envoyLb,
  envoyLocality,
  envoyOutlier,
  envoyPriority,
  envoyRetry,
  istioEndpoints,
  istioPolicy,
  istioRoutes,
  istioValidation,
];

/**
 * @param file the file's parsed content  @param name its base name, e.g. "08-retry.json"
 * @returns null = no adapter knows this case
 */
export function adapterFor(file: Json, name: string, entry: RecordedCase): Adapter | null {
  const isMatch = (key: string) =>
    file.istioCommit === undefined
      ? key === entry.kind
      : key.startsWith('istio/') && name.includes(key.slice('istio/'.length));
  for (const family of families) for (const key of Object.keys(family)) if (isMatch(key)) return family[key]!;
  return null;
}

/** Parses a file of cases. Whole numbers too long for a double become strings, as 64-bit values are written elsewhere. */
export function parseCases(text: string): Json {
  return JSON.parse(text.replace(/([:[,]\s*)(\d{16,})(?=\s*[,\]}])/g, '$1"$2"'));
}

/** Runs one case. @returns 'unsupported' when no adapter knows the kind, or the adapter does not know the shape */
export function runCase(file: Json, name: string, entry: RecordedCase): Difference | null | 'unsupported' {
  const adapter = adapterFor(file, name, entry);
  if (adapter === null) return 'unsupported';
  try {
    return adapter(entry);
  } catch (error) {
    if (error instanceof Unsupported) return 'unsupported';
    return { got: `threw ${error instanceof Error ? error.message : String(error)}`, expected: entry.expect };
  }
}

/** Equal within the tolerance; a key that is missing counts as null, key order does not matter. */
export function isWithin(got: Json, expected: Json, tolerance = 0): boolean {
  if (typeof got === 'number' && typeof expected === 'number') return Math.abs(got - expected) <= tolerance;
  if (got === null || expected === null || typeof got !== 'object' || typeof expected !== 'object')
    return (got ?? null) === (expected ?? null);
  if (Array.isArray(got) !== Array.isArray(expected)) return false;
  if (Array.isArray(got) && got.length !== expected.length) return false;
  return [...new Set([...Object.keys(got), ...Object.keys(expected)])].every((key) =>
    isWithin(got[key] ?? null, expected[key] ?? null, tolerance),
  );
}

/** Compares only the keys that are expected. */
export function compareKeys(got: Json, expected: Json, tolerance = 0): Difference | null {
  for (const key of Object.keys(expected)) {
    if (!(key in got)) throw new Unsupported(`expects ${key}`);
    if (!isWithin(got[key], expected[key], tolerance)) return { got, expected };
  }
  return null;
}
