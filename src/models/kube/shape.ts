// Reading values of unknown kind: strangers' YAML may hold anything anywhere, mappings without a prototype included. Nothing here throws.

export const record = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Text of a scalar; '' for everything else. (String() of an object without a prototype throws.) */
export const text = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint'
      ? String(value)
      : '';

/** A string map such as labels; entries that are not scalars are left out. */
export const strings = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record(value))
      .filter(([, entry]) => entry === null || typeof entry !== 'object')
      .map(([key, entry]) => [key, text(entry)]),
  );

/** Counts and seconds beyond this are taken for this, so that times stay exact integers. */
const MOST = 1_000_000;

/** A finite number at least `least`, or a default. */
export const numberOr = (value: unknown, fallback: number, least = 0): number =>
  typeof value === 'number' && Number.isFinite(value) && value >= least ? Math.min(value, MOST) : fallback;

export const label = (labels: Record<string, string>, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

/** Every pair of the selector is among the labels. */
export const isSelected = (labels: Record<string, string>, selector: Record<string, string>): boolean =>
  Object.entries(selector).every(([key, value]) => label(labels, key) === value);

export const isPort = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 65536;

/** Name, namespace and maps of an object, whatever its metadata looks like. */
export function metaOf(object: { metadata?: unknown }): {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  owners: { kind: string; name: string }[];
} {
  const metadata = record(object.metadata);
  return {
    name: text(metadata['name']),
    namespace: text(metadata['namespace']) || 'default',
    labels: strings(metadata['labels']),
    annotations: strings(metadata['annotations']),
    owners: list(metadata['ownerReferences'])
      .map(record)
      .map((owner) => ({ kind: text(owner['kind']), name: text(owner['name']) })),
  };
}
