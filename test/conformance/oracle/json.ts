// Reading a measured case: every key is known, or it is an error; Envoy's snake_case becomes the product's camelCase.

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of many shapes
export type Json = any;

/** @throws Error that names the unknown key and where it stands */
export function onlyKeys(value: Json, keys: string, where: string): void {
  const known = keys.split(' ');
  for (const key of Object.keys(value))
    if (!known.includes(key)) throw new Error(`${where}: unknown key "${key}"`);
}

const camelName = (name: string) => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Renames all keys; unwraps {value: x} and {default_value: x}, the wrappers of protobuf and of runtime values. */
export function camel(value: Json): Json {
  if (Array.isArray(value)) return value.map(camel);
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && keys[0] === 'value') return camel(value.value);
  if (keys.includes('default_value') && keys.every((key) => key === 'default_value' || key === 'runtime_key'))
    return camel(value.default_value);
  return Object.fromEntries(
    keys.filter((key) => key !== '@type').map((key) => [camelName(key), camel(value[key])]),
  );
}

/** Seconds or a protobuf duration -> a protobuf duration. */
export const duration = (value: number | string): string =>
  typeof value === 'string' ? value : `${value.toFixed(6).replace(/0+$/, '').replace(/\.$/, '')}s`;

/** Renames the keys and turns numbers of seconds in duration fields into durations. */
export function camelWithDurations(value: Json, isDuration: (key: string) => boolean): Json {
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [
      camelName(key),
      isDuration(key) ? duration(entry as number | string) : camel(entry),
    ]),
  );
}
