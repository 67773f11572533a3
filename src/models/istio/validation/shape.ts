// What the CRD schema of a kind says: which fields there are and of what type. Unknown fields and wrong types are refused by the API server.
// Source: istio/api kubernetes/customresourcedefinitions.gen.yaml (1.31).
import { canonicalName, nearestName } from './field-names.ts';
import { durationNs } from './names.ts';
import type { Path, Report } from './report.ts';

export type Shape =
  | { type: 'string' | 'boolean' | 'int' | 'uint' | 'number' | 'duration' | 'any' }
  | { type: 'enum'; values: readonly string[] }
  | { type: 'list'; of: Shape }
  | { type: 'map'; of: Shape }
  | ObjectShape;

export interface ObjectShape {
  type: 'object';
  fields: Readonly<Record<string, Shape>>;
  /** Of each group at most one field may be set. */
  oneOf?: readonly (readonly string[])[];
}

export const string: Shape = { type: 'string' };
export const boolean: Shape = { type: 'boolean' };
export const int: Shape = { type: 'int' };
export const uint: Shape = { type: 'uint' };
export const number: Shape = { type: 'number' };
export const duration: Shape = { type: 'duration' };
export const any: Shape = { type: 'any' };
export const list = (of: Shape): Shape => ({ type: 'list', of });
export const map = (of: Shape): Shape => ({ type: 'map', of });
export const oneOfWords = (...values: string[]): Shape => ({ type: 'enum', values });
export const object = (fields: Record<string, Shape>, ...oneOf: string[][]): ObjectShape => ({
  type: 'object',
  fields,
  ...(oneOf.length > 0 && { oneOf }),
});

const isRecord = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A null counts as not written, as it does for the API server. List entries are passed on, null or not. */
export function checkShape(value: unknown, shape: Shape, path: Path, report: Report): void {
  if (value === undefined || value === null || shape.type === 'any') return;
  if (shape.type === 'list') {
    if (!Array.isArray(value))
      return report.error(path, `must be a list, not ${kindOf(value)}`, listHint(value));
    for (const [index, entry] of value.entries()) {
      if (entry === null && shape.of.type !== 'object') report.error([...path, index], 'must not be empty');
      checkShape(entry, shape.of, [...path, index], report);
    }
  } else if (shape.type === 'map') {
    if (!isRecord(value)) return report.error(path, `must be a map, not ${kindOf(value)}`);
    for (const key of Object.keys(value)) checkShape(value[key], shape.of, [...path, key], report);
  } else if (shape.type === 'object') {
    if (!isRecord(value)) return report.error(path, `must be a map of fields, not ${kindOf(value)}`);
    checkFields(value, shape, path, report);
  } else checkScalar(value, shape, path, report);
}

function checkFields(value: Record<string, unknown>, shape: ObjectShape, path: Path, report: Report): void {
  const names = Object.keys(shape.fields);
  for (const key of Object.keys(value)) {
    const name = canonicalName(key, shape);
    if (name !== undefined) checkShape(value[key], shape.fields[name]!, [...path, key], report);
    else {
      const nearest = nearestName(key, names);
      report.error(
        [...path, key],
        `unknown field "${key}"`,
        nearest === undefined ? undefined : `did you mean "${nearest}"?`,
      );
    }
  }
  for (const group of shape.oneOf ?? []) {
    const set = group.filter((name) => value[name] !== undefined && value[name] !== null);
    if (set.length > 1) report.error([...path, set[1]!], `only one of ${set.join(' and ')} can be set`);
  }
}

function checkScalar(value: unknown, shape: Shape, path: Path, report: Report): void {
  const wrong = (wanted: string, hint?: string) =>
    report.error(path, `must be ${wanted}, not ${kindOf(value)}`, hint);
  switch (shape.type) {
    case 'string':
      if (typeof value !== 'string')
        wrong('text', typeof value === 'object' ? undefined : `write it in quotes: "${String(value)}"`);
      return;
    case 'boolean':
      if (typeof value !== 'boolean') wrong('true or false', yesHint(value));
      return;
    case 'number':
      if (typeof value !== 'number') wrong('a number', quotedHint(value));
      return;
    case 'int':
    case 'uint':
      if (typeof value !== 'number' || !Number.isInteger(value))
        return wrong('a whole number', quotedHint(value));
      if (shape.type === 'uint' && value < 0) report.error(path, `must not be negative (is ${value})`);
      else if (Math.abs(value) > (shape.type === 'uint' ? 4294967295 : 2147483647))
        report.error(path, `${value} is too large`);
      return;
    case 'duration':
      if (typeof value === 'number')
        wrong('a duration', `a duration is text with a unit: "${value}s" or "${value}ms"`);
      else if (typeof value !== 'string') wrong('a duration such as "10s"');
      else if (durationNs(value) === undefined)
        report.error(
          path,
          `"${value}" is no duration`,
          'a duration is a number with a unit, such as "10s", "500ms" or "1m30s"',
        );
      return;
    case 'enum':
      if (typeof value !== 'string' || !shape.values.includes(value)) {
        const nearest = typeof value === 'string' ? nearestName(value, shape.values) : undefined;
        report.error(
          path,
          `must be one of ${shape.values.join(', ')}, not ${typeof value === 'string' ? `"${value}"` : kindOf(value)}`,
          nearest === undefined ? undefined : `did you mean "${nearest}"?`,
        );
      }
      return;
    default:
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? `text ("${value.slice(0, 40)}")` : `${typeof value} (${String(value)})`;
}

const quotedHint = (value: unknown) =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? `without quotes: ${value}` : undefined;
const yesHint = (value: unknown) =>
  typeof value === 'string' && /^(yes|no|on|off|true|false)$/i.test(value)
    ? 'write true or false, without quotes'
    : undefined;
const listHint = (value: unknown) =>
  isRecord(value) || typeof value === 'string' ? 'begin each entry with "- "' : undefined;
