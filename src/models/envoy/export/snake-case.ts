// proto3 JSON has two spellings of a field's name. Bootstraps are written in the one with underscores, as in Envoy's own documentation.

/** Below these fields keys are the user's, not Envoy's. */
const MAPS = new Set(['typedExtensionProtocolOptions', 'typedPerFilterConfig']);

const snake = (name: string) =>
  name.startsWith('@') ? name : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Envoy's own irregular names. */
const IRREGULAR: Record<string, string> = {
  consecutive5xx: 'consecutive_5xx',
  enforcingConsecutive5xx: 'enforcing_consecutive_5xx',
};

export function snakeCase(value: unknown, keepsKeys = false): unknown {
  if (Array.isArray(value)) return value.map((entry) => snakeCase(entry));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => {
      if (entry === undefined) return [];
      if (key === 'filterMetadata' || key === 'jsonFormat' || key === 'defaultSubset')
        return [[snake(key), entry]];
      return [[keepsKeys ? key : (IRREGULAR[key] ?? snake(key)), snakeCase(entry, MAPS.has(key))]];
    }),
  );
}
