// Reads plain data of unknown shape: what is not of the wanted kind counts as absent. For objects that strangers wrote.
export const recordOf = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

export const arrayOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const stringsOf = (value: unknown): string[] =>
  arrayOf(value).filter((entry): entry is string => typeof entry === 'string');

export const booleanOf = (value: unknown): boolean | undefined =>
  typeof value === 'boolean' ? value : undefined;

/** Labels and the like: values become text; nothing is inherited from a prototype. */
export const textMapOf = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(recordOf(value)).map(([key, entry]) => [key, String(entry)]));
