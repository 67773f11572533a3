// Reads fields of objects that strangers wrote: a value of the wrong kind counts as absent, exactly as if it had not been written.
// (Admission reports it; see models/istio/validation.)

import { formatDuration } from '../../envoy/duration.ts';
import { parseGoDurationNs } from '../duration.ts';

export type Spec = Record<string, unknown>;

export const isRecord = (value: unknown): value is Spec =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** undefined when the block is absent; an empty block is present. */
export const blockOf = (spec: Spec, field: string): Spec | undefined => {
  const value = Object.hasOwn(spec, field) ? spec[field] : undefined;
  return isRecord(value) ? value : undefined;
};

export const listOf = (spec: Spec, field: string): Spec[] => {
  const value = Object.hasOwn(spec, field) ? spec[field] : undefined;
  return Array.isArray(value) ? value.filter(isRecord) : [];
};

export const textOf = (spec: Spec, field: string): string => {
  const value = Object.hasOwn(spec, field) ? spec[field] : undefined;
  return typeof value === 'string' ? value : '';
};

export const textsOf = (spec: Spec, field: string): string[] => {
  const value = Object.hasOwn(spec, field) ? spec[field] : undefined;
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
};

export const numberOf = (spec: Spec, field: string): number | undefined => {
  const value = Object.hasOwn(spec, field) ? spec[field] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

export const labelsOf = (spec: Spec, field: string): Record<string, string> => {
  const block = blockOf(spec, field) ?? {};
  return Object.fromEntries(Object.keys(block).map((key) => [key, String(block[key])]));
};

/** Go's duration text as proto JSON; undefined when absent or not a duration. */
export function durationOf(spec: Spec, field: string): string | undefined {
  const text = textOf(spec, field);
  if (text === '') return undefined;
  if (/^0(ns|us|µs|ms|s|m|h)?$/.test(text)) return '0s';
  try {
    return formatDuration(parseGoDurationNs(text));
  } catch {
    return undefined;
  }
}

export const isLabelSubset = (
  wanted: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>>,
): boolean => Object.keys(wanted).every((key) => Object.hasOwn(labels, key) && labels[key] === wanted[key]);
