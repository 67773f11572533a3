// Holds a part of the file against its schema and says what is wrong in words, at the place where it was written: an unknown key points at
// the key, a missing one at its parent, and the nearest known name is named.
import type * as z from 'zod';
import { type Diagnostic, type DiagnosticCode, diagnosticAt, hintFor } from './diagnostics.ts';
import { textOf } from './manifests-fields.ts';
import { keyOriginAt, originAt, type Placed, placedAt, plainOf } from './position.ts';
import { type IssueParams, listed } from './schema-values.ts';

type Issue = z.core.$ZodIssue;
type Steps = (string | number)[];

/** Parts that passed: variants share most of theirs with the base. */
const passed = new WeakMap<Placed, Map<z.ZodType, { data: unknown }>>();

/** The parsed value, or undefined after reporting why not. `at` names the part in messages, e.g. ['load', 0]. */
export function checked<S extends z.ZodType>(
  schema: S,
  root: Placed,
  at: Steps,
  diagnostics: Diagnostic[],
): z.output<S> | undefined {
  const part = placedAt(root, at);
  const known = part && passed.get(part)?.get(schema);
  if (known) return known.data as z.output<S>;
  const result = schema.safeParse(part && plainOf(part));
  if (result.success) {
    if (part) passed.set(part, (passed.get(part) ?? new Map()).set(schema, result));
    return result.data;
  }
  for (const issue of result.error.issues) report(issue, schema, root, at, diagnostics);
  return undefined;
}

function report(
  issue: Issue,
  schema: z.ZodType,
  root: Placed,
  above: Steps,
  diagnostics: Diagnostic[],
): void {
  const path = [...above, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  const where = words(path);
  const say = (code: DiagnosticCode, message: string, hint?: string, origin = originAt(root, path)) =>
    diagnostics.push(diagnosticAt(code, origin, message, hint));
  const value = placedAt(root, path);
  if (issue.code === 'custom') {
    const params = (issue.params ?? {}) as Partial<IssueParams>;
    const isKey = params.code === 'FS2007' && issue.path.length > 0;
    const origin = isKey ? keyOriginAt(root, path) : originAt(root, path);
    return void say(params.code ?? 'FS2003', `${where}: ${issue.message}`, params.hint, origin);
  }
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path.slice(above.length));
    for (const key of issue.keys)
      say(
        'FS2004',
        `unknown field "${key}" in ${where}`,
        hintFor(key, known),
        keyOriginAt(root, [...path, key]),
      );
    return;
  }
  if (issue.code === 'invalid_union' && isPlainMessage(issue.message)) {
    const best = closest(issue.errors as Issue[][], value);
    if (best.length > 0 && value) {
      for (const inner of best) report(inner, schemaAt(schema, issue.path), root, path, diagnostics);
      return;
    }
  }
  if (value === undefined) {
    const parent = path.slice(0, -1);
    const message = `${words(parent)}: ${String(path.at(-1))} is missing`;
    return void say(
      'FS2002',
      message,
      undefined,
      parent.length ? keyOriginAt(root, parent) : originAt(root, []),
    );
  }
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const message = `${where}: ${described(value)} is not known here`;
    return void say(
      'FS2003',
      message,
      yesHint(value) ?? hintFor(textOf(plainOf(value)), values) ?? `known: ${values.join(', ')}`,
    );
  }
  if (issue.code === 'invalid_type') {
    const expected = KINDS[issue.expected] ?? issue.expected;
    const quote =
      issue.expected === 'string' && value.kind === 'scalar' && value.value !== null
        ? `write it in quotes: "${value.source ?? String(value.value)}"`
        : undefined;
    return void say(
      'FS2001',
      `${where}: expected ${expected}, got ${described(value)}`,
      yesHint(value) ?? quote,
    );
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
    const isText = issue.origin === 'string' || issue.origin === 'array';
    const message = isPlainMessage(issue.message)
      ? `${where}: must ${isText ? 'have' : 'be'} ${bound}${isText ? (issue.origin === 'string' ? ' characters' : ' entries') : ''}`
      : `${where}: ${issue.message}`;
    return void say('FS2003', message);
  }
  if (issue.code === 'invalid_union' && isPlainMessage(issue.message)) {
    const kinds = (issue.errors as Issue[][])
      .flat()
      .flatMap((each) => (each.code === 'invalid_type' ? [each.expected] : []));
    const expected = listed([...new Set(kinds)].map((kind) => KINDS[kind] ?? kind));
    return void say('FS2001', `${where}: expected ${expected}, got ${described(value)}`, yesHint(value));
  }
  say(
    issue.code === 'invalid_union' ? 'FS2001' : 'FS2003',
    `${where}: ${issue.message}, got ${described(value)}`,
  );
}

const KINDS: Record<string, string> = {
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
};

const isPlainMessage = (message: string) => /^(Invalid input|Too (small|big))/.test(message);

/** The form that was meant: the one that failed deepest inside, not by its kind. */
function closest(branches: Issue[][], value: Placed | undefined): Issue[] {
  const kinds = {
    map: ['object', 'record'],
    list: ['array', 'tuple'],
    scalar: ['string', 'number', 'int', 'boolean'],
  };
  let best: Issue[] = [];
  let bestScore = -1;
  for (const issues of branches) {
    const first = issues[0];
    if (!first) continue;
    const isKindWrong =
      first.path.length === 0 &&
      (first.code === 'invalid_type' || first.code === 'invalid_value' || first.code === 'invalid_union');
    const isNear =
      first.code === 'invalid_type' && value !== undefined && kinds[value.kind].includes(first.expected);
    const score = isKindWrong ? (isNear ? 1 : 0) : 2 + Math.min(90, first.path.length);
    if (score > bestScore) [best, bestScore] = [issues, score];
  }
  return bestScore >= 1 ? best : [];
}

/** `load[0].request`; the top is "the file". */
export function words(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'the file';
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

export function described(value: Placed): string {
  if (value.kind === 'map') return 'a mapping';
  if (value.kind === 'list') return 'a list';
  if (value.value === null) return 'nothing';
  const text = value.source ?? String(value.value);
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return typeof value.value === 'string' ? `"${shown}"` : shown;
}

function yesHint(value: Placed): string | undefined {
  if (value.kind !== 'scalar' || !/^(y|yes|on|n|no|off)$/i.test(value.source ?? '')) return undefined;
  const meant = /^(y|yes|on)$/i.test(value.source!) ? 'true' : 'false';
  return `write ${meant}: \`${value.source}\` is a truth value only in YAML 1.1`;
}

/** Schemas that stand where a path leads; several where forms are alternatives. */
function schemasAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType[] {
  const def = schema._zod.def as unknown as Record<string, unknown> & { type: string };
  const go = (next: unknown, rest = path) => (next ? schemasAt(next as z.core.$ZodType, rest) : []);
  if (['optional', 'default', 'nullable', 'prefault', 'catch', 'readonly'].includes(def.type))
    return go(def['innerType']);
  if (def.type === 'pipe') return go(def['in']);
  if (def.type === 'union') return (def['options'] as unknown[]).flatMap((option) => go(option));
  const [step, ...rest] = path;
  if (step === undefined) return [schema];
  if (def.type === 'array') return go(def['element'], rest);
  if (def.type === 'record') return go(def['valueType'], rest);
  if (def.type !== 'object') return [];
  const shape = def['shape'] as Record<string, unknown>;
  return Object.hasOwn(shape, String(step)) ? go(shape[String(step)], rest) : go(def['catchall'], rest);
}

const schemaAt = (schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType =>
  ({ _zod: { def: { type: 'union', options: schemasAt(schema, path) } } }) as unknown as z.ZodType;

/** Keys that the objects at a path know. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  return schemasAt(schema, path).flatMap((found) => {
    const def = found._zod.def as unknown as { type: string; shape?: object };
    return def.type === 'object' ? Object.keys(def.shape ?? {}) : [];
  });
}
