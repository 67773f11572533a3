// A tree of values that remember where they were written, through `extends`, variants and --set: so a mistake in a merged value still
// points to the file and line that hold it.
import type { Origin } from '../models/envoy/config.ts';
import type { Path, YamlDocument } from './yaml-documents.ts';

export type Placed =
  | { kind: 'scalar'; value: unknown; source?: string; origin: () => Origin }
  | { kind: 'list'; items: Placed[]; origin: () => Origin }
  | { kind: 'map'; entries: Map<string, Entry>; origin: () => Origin };

export interface Entry {
  key: () => Origin;
  value: Placed;
}

export interface Problem {
  origin: Origin;
  message: string;
  hint?: string;
}

export function placedOf(document: YamlDocument, value: unknown = document.value, path: Path = []): Placed {
  const origin = () => document.originOf(path);
  if (Array.isArray(value))
    return { kind: 'list', items: value.map((item, i) => placedOf(document, item, [...path, i])), origin };
  if (value === null || typeof value !== 'object')
    return { kind: 'scalar', value, source: document.sourceOf(path), origin };
  const entries = new Map<string, Entry>();
  for (const [name, child] of Object.entries(value)) {
    const below = [...path, name];
    entries.set(name, { key: () => document.keyOriginOf(below), value: placedOf(document, child, below) });
  }
  return { kind: 'map', entries, origin };
}

/** Plain data; mappings have no prototype, so that a key `__proto__` is a key. */
export function plainOf(placed: Placed): unknown {
  if (placed.kind === 'scalar') return placed.value;
  if (placed.kind === 'list') return placed.items.map(plainOf);
  const object: Record<string, unknown> = Object.create(null);
  for (const [name, entry] of placed.entries) object[name] = plainOf(entry.value);
  return object;
}

export function childOf(placed: Placed | undefined, step: string | number): Placed | undefined {
  if (placed?.kind === 'map') return placed.entries.get(String(step))?.value;
  if (placed?.kind === 'list') return placed.items[Number(step)];
  return undefined;
}

export const placedAt = (placed: Placed, path: Path): Placed | undefined =>
  path.reduce<Placed | undefined>((node, step) => childOf(node, step), placed);

/** Place of the value at a path, or of the nearest parent that was written. */
export function originAt(placed: Placed, path: Path): Origin {
  let node = placed;
  for (const step of path) {
    const next = childOf(node, step);
    if (!next) break;
    node = next;
  }
  return { ...node.origin(), path: path.join('.') };
}

/** Place of the key at a path; of its value when it is an item of a list. */
export function keyOriginAt(placed: Placed, path: Path): Origin {
  const parent = placedAt(placed, path.slice(0, -1));
  const entry = parent?.kind === 'map' ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry ? { ...entry.key(), path: path.join('.') } : originAt(placed, path);
}

/** The tree with another value at a path of mappings that exists. */
export function replacedAt(tree: Placed, path: readonly string[], value: Placed): Placed {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const entry = tree.kind === 'map' ? tree.entries.get(step) : undefined;
  if (tree.kind !== 'map' || !entry) return tree;
  const entries = new Map(tree.entries).set(step, { ...entry, value: replacedAt(entry.value, rest, value) });
  return { ...tree, entries };
}

/** `over` onto `base`: mappings merge, all else is replaced; a key `name+` appends its list to the list `name`. */
export function merged(base: Placed, over: Placed, problems: Problem[]): Placed {
  if (over.kind !== 'map') return over;
  const entries = new Map(base.kind === 'map' ? base.entries : []);
  for (const [written, entry] of over.entries) {
    const isAppend = written.endsWith('+') && written.length > 1;
    const name = isAppend ? written.slice(0, -1) : written;
    const old = entries.get(name);
    if (isAppend && entry.value.kind !== 'list') {
      problems.push({
        origin: entry.key(),
        message: `${written}: takes a list to append`,
        hint: `write ${name}: to set it`,
      });
      continue;
    }
    if (isAppend && old && old.value.kind !== 'list') {
      problems.push({ origin: entry.key(), message: `${name} is no list: nothing can be appended to it` });
      continue;
    }
    if (isAppend && old?.value.kind === 'list' && entry.value.kind === 'list') {
      const items = [...old.value.items, ...entry.value.items];
      entries.set(name, { key: entry.key, value: { kind: 'list', items, origin: entry.value.origin } });
    } else if (old?.value.kind === 'map' && entry.value.kind === 'map')
      entries.set(name, { key: entry.key, value: merged(old.value, entry.value, problems) });
    else {
      // Even without anything below it, keys such as `load+` inside a new mapping mean their lists.
      const empty: Placed = { kind: 'map', entries: new Map(), origin: entry.value.origin };
      entries.set(name, { key: entry.key, value: merged(empty, entry.value, problems) });
    }
  }
  return { kind: 'map', entries, origin: over.origin };
}
