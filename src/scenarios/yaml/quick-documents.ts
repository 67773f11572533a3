// The quick reader's nodes as documents.
import type { Origin } from '../../models/envoy/config.ts';
import type { Path, YamlDocument } from '../yaml-documents.ts';
import { type QuickNode, readQuickly } from './quick-reader.ts';

/** undefined = this text needs the full reader. */
export function quickDocuments(file: string, text: string): YamlDocument[] | undefined {
  const read = readQuickly(text);
  if (!read) return undefined;
  let starts: number[] | undefined;
  const placeOf = (at: number, path: Path): Origin => {
    starts ??= lineStarts(text);
    const line = lineOf(starts, at);
    return { file, line, col: at - starts[line - 1]! + 1, path: path.join('.') };
  };
  return read.map(({ index, root }) => ({
    file,
    index,
    value: root.value,
    originOf: (path) => placeOf(find(root, path).node.at, path),
    keyOriginOf: (path) => placeOf(find(root, path).keyAt, path),
    sourceOf: (path) => find(root, path).node.source,
  }));
}

/** The value at a path, or its nearest parent, and where its key stands. */
function find(root: QuickNode, path: Path): { node: QuickNode; keyAt: number } {
  let node = root;
  let keyAt = root.at;
  for (const step of path) {
    const at = node.keys ? node.keys.indexOf(String(step)) : Number(step);
    const next = node.items?.[at];
    if (!next) break;
    keyAt = node.keysAt ? node.keysAt[at]! : next.at;
    node = next;
  }
  return { node, keyAt };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Counts from 1. */
function lineOf(starts: readonly number[], at: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle;
  }
  return low + 1;
}
