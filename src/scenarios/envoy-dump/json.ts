// Reading another program's JSON: nothing about its shape is trusted. Names with underscores become the product's.

export type Json = Record<string, unknown>;

export const recordOf = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
export const arrayOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const recordsOf = (value: unknown): Json[] => arrayOf(value).map(recordOf);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const isPresent = (value: unknown): boolean => value !== undefined && value !== null;

/** proto3 JSON writes 64-bit numbers as text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Percent and the like: {value: 5}. Runtime values: {default_value: 5}. */
export const wrapped = (value: unknown): number | undefined =>
  numberOf(recordOf(value)['value'] ?? recordOf(value)['defaultValue'] ?? value);

/** Whose keys are the user's own. */
const MAPS = new Set([
  'filterMetadata',
  'typedExtensionProtocolOptions',
  'typedPerFilterConfig',
  'defaultSubset',
]);
/** Whose whole content is the user's own. */
const LEAVES = new Set(['filterMetadata', 'defaultSubset']);
export type Keys = 'camel' | 'own' | 'own to the end';
/** How the keys of a field's value are to be read. */
export const keysBelow = (name: string, above: Keys): Keys =>
  above === 'own to the end' || LEAVES.has(name) ? 'own to the end' : MAPS.has(name) ? 'own' : 'camel';
export const camelName = (name: string) =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

export function camelCase(value: unknown, keys: Keys = 'camel', depth = 0): unknown {
  if (keys === 'own to the end') return value;
  if (depth > 100) return null;
  if (Array.isArray(value)) return value.map((entry) => camelCase(entry, 'camel', depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => {
      const name = keys === 'camel' ? camelName(key) : key;
      if (FORBIDDEN.has(name)) return [];
      return [[name, camelCase(entry, keysBelow(name, keys), depth + 1)]];
    }),
  );
}

/** Only these fields, as they are. */
export function pick<K extends string>(value: unknown, ...names: K[]): Partial<Record<K, never>> {
  const from = recordOf(value);
  return Object.fromEntries(
    names.filter((name) => isPresent(from[name])).map((name) => [name, from[name]]),
  ) as Partial<Record<K, never>>;
}

/** Entries whose values are texts; metadata has others too. */
export function textsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries(recordOf(value)).flatMap(([key, entry]) =>
      FORBIDDEN.has(key) || typeof entry === 'object' ? [] : [[key, String(entry)]],
    ),
  );
}
