// What is laid over a scenario for one candidate of a search: faults, fields of objects, sizes, expectations. It is applied to the loaded
// scenario (no file is read again) and can be written as a file that `extends` the original: both mean the same run.
import { stringify } from 'yaml';
import type { ManifestObject } from '../../models/kube/model.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { faultOf } from '../load-faults.ts';
import { expectationOf, loadOf, topologyOf } from '../load-parts.ts';
import { mergedWith } from '../load-tree.ts';
import { patchManifests } from '../patch.ts';
import { type Entry, type Placed, placedAt } from '../position.ts';
import type { Scenario } from '../scenario.ts';
import { SECTIONS } from '../schema.ts';
import { checked } from '../schema-check.ts';

/** Plain data in the words of the scenario file. */
export interface Overlay {
  seed?: string | number;
  runs?: number;
  topology?: {
    mesh?: Record<string, { distribute?: unknown[] }>;
    securityGroups?: Record<string, { ingress: unknown[] }>;
  };
  patch?: Record<string, unknown>;
  /** Replaces the loads. */
  load?: unknown[];
  /** Added to the scenario's own. */
  faults?: Record<string, unknown>[];
  /** In place of the scenario's own; absent = those stay. */
  expect?: unknown[];
}

export interface Applied {
  scenario: Scenario;
  diagnostics: Diagnostic[];
}

/** Objects of `apply`, by path as written. */
export type ReadObjects = (paths: readonly string[], isMesh: boolean) => ManifestObject[];

/** @param tree the file with everything it extends, that `base` was made from */
export function applyOverlay(base: Scenario, tree: Placed, overlay: Overlay, read: ReadObjects): Applied {
  const diagnostics: Diagnostic[] = [];
  const origin = { file: base.file, line: 0, col: 0 };
  const { faults, expect, ...rest } = overlay;
  const over = placedFrom({ ...rest, ...(faults && { faults }), ...(expect && { expect }) }, origin);
  const scenario: Scenario = { ...base };
  if (overlay.seed !== undefined) scenario.seed = overlay.seed;
  if (overlay.runs !== undefined) scenario.runs = overlay.runs;
  if (overlay.topology) {
    const whole = mergedWith(tree, over, diagnostics);
    const topology = checked(SECTIONS.topology, whole, ['topology'], diagnostics);
    if (topology) scenario.topology = topologyOf(topology, whole);
    // Clusters that only the manifests name were added while loading.
    if (!placedAt(tree, ['topology', 'clusters'])) scenario.topology.clusters = base.topology.clusters;
  }
  if (overlay.patch) scenario.manifests = patchManifests(base.manifests, over, diagnostics);
  const each = (key: 'load' | 'faults' | 'expect'): number[] => {
    const list = placedAt(over, [key]);
    return list?.kind === 'list' ? [...list.items.keys()] : [];
  };
  if (overlay.load)
    scenario.load = each('load').flatMap((i) => {
      const load = checked(SECTIONS.load.unwrap().element, over, ['load', i], diagnostics);
      return load ? [loadOf(load, i, over)] : [];
    });
  if (faults)
    scenario.faults = [
      ...base.faults,
      ...each('faults').flatMap((i) => {
        const fault = checked(SECTIONS.faults.unwrap().element, over, ['faults', i], diagnostics);
        return fault ? [faultOf(fault, i, over, (paths) => read(paths, fault.cluster === undefined))] : [];
      }),
    ];
  if (expect)
    scenario.expect = each('expect').flatMap((i) => {
      const expectation = checked(SECTIONS.expect.unwrap().element, over, ['expect', i], diagnostics);
      return expectation ? [expectationOf(expectation, i, over)] : [];
    });
  return { scenario, diagnostics };
}

/** Plain data as a tree whose every value stands at one place. */
export function placedFrom(value: unknown, place: { file: string; line: number; col: number }): Placed {
  const origin = () => place;
  if (Array.isArray(value))
    return { kind: 'list', items: value.map((item) => placedFrom(item, place)), origin };
  if (value === null || typeof value !== 'object') return { kind: 'scalar', value, origin };
  const entries = new Map<string, Entry>();
  for (const [key, child] of Object.entries(value))
    if (child !== undefined) entries.set(key, { key: origin, value: placedFrom(child, place) });
  return { kind: 'map', entries, origin };
}

/** A scenario file that extends another one and runs what the overlay means. @param comment lines, without # */
export function overlayFile(
  overlay: Overlay,
  head: { extends: string; name: string; comment: readonly string[]; seed: string | number },
): string {
  const lines = head.comment.flatMap((line) => line.split('\n')).map((line) => `# ${line}`.trimEnd());
  lines.push('version: 1', `extends: ${scalar(head.extends)}`, `name: ${scalar(head.name)}`);
  lines.push(`seed: ${scalar(overlay.seed ?? head.seed)}`);
  if (overlay.runs !== undefined) lines.push(`runs: ${overlay.runs}`);
  if (overlay.topology) lines.push(`topology: ${flow(overlay.topology)}`);
  if (overlay.patch) {
    lines.push('patch:');
    for (const [key, value] of Object.entries(overlay.patch)) lines.push(`  ${scalar(key)}: ${flow(value)}`);
  }
  const list = (key: string, items: readonly unknown[]) => {
    lines.push(items.length === 0 ? `${key}: []` : `${key}:`);
    for (const item of items) lines.push(`  - ${flow(item)}`);
  };
  if (overlay.load) list('load', overlay.load);
  if (overlay.faults && overlay.faults.length > 0) list('faults+', overlay.faults);
  if (overlay.expect) list('expect', overlay.expect);
  lines.push('properties: []', 'variants: []');
  return `${lines.join('\n')}\n`;
}

const scalar = (value: unknown) => stringify(value, { lineWidth: 0 }).trimEnd();

/** One line of flow style, spaced as people write it. */
export function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (value === null || typeof value !== 'object') return flowScalar(value);
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  if (entries.length === 0) return '{}';
  return `{ ${entries.map(([key, child]) => `${flowScalar(key)}: ${flow(child)}`).join(', ')} }`;
}

function flowScalar(value: unknown): string {
  const text = scalar(value);
  // Inside a flow mapping these would end the scalar; a text of several lines has no plain form there.
  return typeof value === 'string' && (/[,[\]{}\n]/.test(text) || text.includes('|'))
    ? JSON.stringify(value)
    : text;
}
