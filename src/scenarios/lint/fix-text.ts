// Writes a fix into the text of a manifest. Only the touched line changes, or one is added: comments, order and layout stay.
import { isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseAllDocuments, type YAMLMap } from 'yaml';
import type { Fix } from './rule.ts';

/** The new text; undefined when the object or the place is not found, or the value stands there already. */
export function fixedText(text: string, fix: Fix): string | undefined {
  const path = normalised(fix.path);
  const lines = new LineCounter();
  for (const document of parseAllDocuments(text, { lineCounter: lines })) {
    if (document.errors.length > 0 || !isObject(document.toJS(), fix.object)) continue;
    let node: unknown = document.contents;
    for (let depth = 0; depth < path.length; depth++) {
      const step = path[depth]!;
      const child = childOf(node, step);
      if (child === undefined)
        return isMap(node) ? added(text, node as YAMLMap, path.slice(depth), fix.value, lines) : undefined;
      if (depth === path.length - 1) return replaced(text, child, fix.value);
      node = child;
    }
  }
  return undefined;
}

/** ".." goes up, as in file names. */
function normalised(path: Fix['path']): (string | number)[] {
  const steps: (string | number)[] = [];
  for (const step of path) {
    if (step === '..') steps.pop();
    else steps.push(step);
  }
  return steps;
}

function isObject(value: unknown, name: string): boolean {
  if (value === null || typeof value !== 'object') return false;
  const { kind, metadata } = value as { kind?: unknown; metadata?: { name?: unknown; namespace?: unknown } };
  return `${String(kind)} ${String(metadata?.namespace ?? 'default')}/${String(metadata?.name)}` === name;
}

function childOf(node: unknown, step: string | number): unknown {
  if (isSeq(node) && typeof step === 'number') return node.items[step];
  if (isMap(node))
    return (
      node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))?.value ?? undefined
    );
  return undefined;
}

function replaced(text: string, node: unknown, value: unknown): string | undefined {
  const range = (node as ParsedNode).range;
  if (!isScalar(node) || !range || node.value === value) return undefined;
  return text.slice(0, range[0]) + flow(value) + text.slice(range[1]);
}

function added(
  text: string,
  map: YAMLMap,
  path: readonly (string | number)[],
  value: unknown,
  lines: LineCounter,
): string | undefined {
  const [key, ...rest] = path;
  const range = (map as { range?: [number, number, number] }).range;
  if (key === undefined || !range) return undefined;
  const entry = `${key}: ${flow(rest.reduceRight<unknown>((inner, step) => ({ [step]: inner }), value))}`;
  if (map.flow) {
    const close = text.lastIndexOf('}', range[1]);
    const before = text.slice(0, close).trimEnd();
    const isEmpty = before.endsWith('{');
    return `${before}${isEmpty ? ' ' : ', '}${entry} ${text.slice(close)}`;
  }
  const first = map.items[0]?.key as ParsedNode | undefined;
  const last = (map.items.at(-1)?.value ?? map.items.at(-1)?.key) as ParsedNode | undefined;
  if (!first?.range || !last?.range) return undefined;
  const indent = ' '.repeat(lines.linePos(first.range[0]).col - 1);
  // After the last entry, and what is written behind it on its line.
  const end = text.indexOf('\n', Math.max(last.range[1] - 1, last.range[0]));
  const at = end < 0 ? text.length : end;
  return `${text.slice(0, at)}\n${indent}${entry}${text.slice(at)}`;
}

/** As YAML in one line. */
function flow(value: unknown): string {
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
    const entries = Object.entries(value).map(([key, inner]) => `${key}: ${flow(inner)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  return typeof value === 'string' && /^[\w.-]+$/.test(value) ? value : JSON.stringify(value);
}
