// What many messages to threads are about, a scenario or its files: written once as bytes that all threads share, and read once by each.
import { deserialize, serialize } from 'node:v8';

export interface Matter {
  matter: number;
  bytes: SharedArrayBuffer;
}

/** Matters that a thread keeps; of scenarios, each with its plan, only the last ones are planned. */
const MOST_KEPT = 4;

/** The asking side. The same object is the same matter: nobody may change it. */
export function matterWriter(): (value: object) => Matter {
  const known = new WeakMap<object, Matter>();
  let count = 0;
  return (value) => {
    let matter = known.get(value);
    if (!matter) {
      const bytes = serialize(withoutFunctions(value, new Map()));
      const shared = new SharedArrayBuffer(bytes.length);
      new Uint8Array(shared).set(bytes);
      matter = { matter: count++, bytes: shared };
      known.set(value, matter);
    }
    return matter;
  };
}

/** The side of the thread: the same matter is the same object. */
export function matterReader(): (matter: Matter) => unknown {
  const kept = new Map<number, unknown>();
  return ({ matter, bytes }) => {
    const before = kept.get(matter);
    if (before !== undefined) return before;
    const value: unknown = deserialize(Buffer.from(new Uint8Array(bytes)));
    kept.set(matter, value);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    return value;
  };
}

/**
 * A scenario knows by functions where its parts were written, and by a map the text of every file. Only diagnostics ask them; who simulates
 * does not. What stands at several places stays one thing.
 */
function withoutFunctions(value: unknown, known: Map<object, unknown>): unknown {
  if (value === null || typeof value !== 'object') return value;
  const before = known.get(value);
  if (before !== undefined) return before;
  const copy = (Array.isArray(value) ? [] : Object.create(null)) as Record<string, unknown>;
  known.set(value, copy);
  for (const [key, child] of Object.entries(value))
    if (typeof child !== 'function' && !(child instanceof Map)) copy[key] = withoutFunctions(child, known);
  return copy;
}
