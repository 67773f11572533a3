// Text becomes documents that remember line and column. Files come from strangers: size, depth and aliases are bounded, keys such as
// __proto__ are plain keys, and nothing is executed.
import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseAllDocuments,
  visit,
} from 'yaml';
import type { Origin } from '../models/envoy/config.ts';
import type { Diagnostic, DiagnosticCode } from './diagnostics.ts';

export const MAX_FILE_CHARS = 10_000_000;
export const MAX_DEPTH = 100;
export const MAX_ALIASES = 100;

export type Path = readonly (string | number)[];

/** One YAML document, plain data, with the place of every value. */
export interface YamlDocument {
  file: string;
  /** Counts from 0 within the file. */
  index: number;
  /** Mappings are objects without a prototype. */
  value: unknown;
  /** Place of the value at a path, or of the nearest parent that exists. */
  originOf(path: Path): Origin;
  /** Place of the key at a path; falls back to originOf. */
  keyOriginOf(path: Path): Origin;
  /** The unquoted text of a scalar (`1.30`, `yes`, `0777`), which its value no longer tells; undefined when it was quoted. */
  sourceOf(path: Path): string | undefined;
}

/** All documents of a text that could be read, and everything that is wrong with the others. Empty documents are left out. */
export function parseYamlDocuments(
  file: string,
  text: string,
): { documents: YamlDocument[]; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const report = (code: DiagnosticCode, message: string, line: number, col: number, hint?: string) =>
    diagnostics.push({ code, severity: 'error', message, file, line, col, hint });
  if (text.length > MAX_FILE_CHARS) {
    report(
      'FS1003',
      `the file has ${text.length} characters; at most ${MAX_FILE_CHARS} are read`,
      0,
      0,
      'split it, or name fewer files',
    );
    return { documents: [], diagnostics };
  }
  const deepAt = tooDeepAt(text);
  if (deepAt > 0) {
    report('FS1005', `nested deeper than ${MAX_DEPTH} levels`, deepAt, 1, DEPTH_HINT);
    return { documents: [], diagnostics };
  }
  const lineCounter = new LineCounter();
  let parsed: ReturnType<typeof parseAllDocuments<ParsedNode>>;
  try {
    parsed = parseAllDocuments(text, { lineCounter, prettyErrors: false, uniqueKeys: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report('FS1005', 'nested deeper than can be read', 1, 1, DEPTH_HINT);
    return { documents: [], diagnostics };
  }
  const documents: YamlDocument[] = [];
  // Most files have neither anchors nor aliases: then the trees are not walked for them.
  const hasAnchors = /[&*]/.test(text);
  const isTemplate = /^[^#\n]*\{\{/m.test(text);
  for (const [index, document] of [...parsed].entries()) {
    const mistake = document.errors[0];
    if (mistake) {
      const { line, col } = lineCounter.linePos(mistake.pos[0]);
      if (mistake.code === 'DUPLICATE_KEY')
        report(
          'FS1002',
          'this key stands twice in the same mapping',
          line,
          col,
          'Kubernetes would keep only one of the two: remove the other',
        );
      else if (/call stack/.test(mistake.message))
        report('FS1005', 'nested deeper than can be read', line, col, DEPTH_HINT);
      else
        report(
          'FS1001',
          mistake.message.split('\n')[0]!,
          line,
          col,
          isTemplate ? TEMPLATE_HINT : hintFor(mistake.code),
        );
      continue;
    }
    const root = document.contents as ParsedNode | null;
    if (root === null || (isScalar(root) && root.value === null)) continue;
    const anchors = hasAnchors ? anchorsOf(root) : new Map<string, Node>();
    let aliases = 0;
    const unknown: Alias[] = [];
    if (hasAnchors)
      visit(document, {
        Alias(_, alias) {
          aliases++;
          if (!anchors.has(alias.source)) unknown.push(alias);
        },
      });
    if (unknown[0]) {
      const { line, col } = lineCounter.linePos(unknown[0].range?.[0] ?? 0);
      report(
        'FS1001',
        `the alias *${unknown[0].source} has no anchor`,
        line,
        col,
        `define it before with &${unknown[0].source}`,
      );
      continue;
    }
    if (aliases > MAX_ALIASES) {
      report(
        'FS1004',
        `${aliases} aliases in one document; at most ${MAX_ALIASES} are followed`,
        1,
        1,
        'write the values out',
      );
      continue;
    }
    const budget: Budget = { nodes: 1_000_000 };
    const value = plain(root, anchors, budget, 0);
    if (budget.isTooDeep && aliases === 0) {
      report('FS1005', `nested deeper than ${MAX_DEPTH * 2} levels`, 1, 1, DEPTH_HINT);
      continue;
    }
    if (budget.nodes < 0 || budget.isTooDeep) {
      report('FS1004', 'aliases unfold to more than a million values', 1, 1, 'write the values out');
      continue;
    }
    if (budget.badKey) {
      const { line, col } = lineCounter.linePos(budget.badKey.range?.[0] ?? 0);
      const hint = isTemplate ? TEMPLATE_HINT : 'keys are plain text';
      report('FS1001', 'a mapping or list stands where a key is expected', line, col, hint);
      continue;
    }
    documents.push(withOrigins(file, index, value, root, lineCounter));
  }
  if (documents.length === 0 && diagnostics.length === 0)
    report('FS1006', 'the file holds no document', 0, 0, 'is it the right file?');
  return { documents, diagnostics };
}

/** First line whose flow brackets or indentation go too deep; 0 = none. Runs before the parser, which recurses. */
function tooDeepAt(text: string): number {
  let brackets = 0;
  for (const [i, line] of text.split('\n').entries()) {
    const dashes = /^(?:\s*-\s)+/.exec(line)?.[0].split('-').length ?? 0;
    const indent = line.search(/\S/);
    for (const char of line) {
      if (char === '[' || char === '{') brackets++;
      else if ((char === ']' || char === '}') && brackets > 0) brackets--;
      if (brackets > MAX_DEPTH) return i + 1;
    }
    if (dashes > MAX_DEPTH || indent > MAX_DEPTH * 8) return i + 1;
  }
  return 0;
}

const DEPTH_HINT = 'no Kubernetes or Istio object is this deep';
const TEMPLATE_HINT = 'this looks like a Helm template: render it with `helm template` and read the result';

function hintFor(code: string): string | undefined {
  if (code === 'TAB_AS_INDENT') return 'YAML wants spaces for indentation';
  if (code === 'BAD_INDENT' || code === 'MISSING_CHAR' || code === 'BLOCK_AS_IMPLICIT_KEY')
    return 'check the indentation of this line and the one above';
  return undefined;
}

function anchorsOf(root: Node): Map<string, Node> {
  const anchors = new Map<string, Node>();
  visit(root, {
    Node(_, node) {
      if ('anchor' in node && node.anchor) anchors.set(node.anchor, node as Node);
    },
  });
  return anchors;
}

/** What unfolding may still cost, and the first key that is none. */
interface Budget {
  nodes: number;
  badKey?: Node;
  isTooDeep?: boolean;
}

function plain(node: unknown, anchors: Map<string, Node>, budget: Budget, depth: number): unknown {
  // Too deep, or an anchor that contains its own alias.
  if (depth > MAX_DEPTH * 2) budget.isTooDeep = true;
  if (budget.isTooDeep) return null;
  if (--budget.nodes < 0) return null;
  if (isAlias(node)) return plain(anchors.get(node.source) ?? null, anchors, budget, depth + 1);
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => plain(item, anchors, budget, depth + 1));
  if (!isMap(node)) return null;
  const object: Record<string, unknown> = Object.create(null);
  for (const pair of node.items) {
    if (!isScalar(pair.key) && isNode(pair.key)) budget.badKey ??= pair.key;
    const key = String(isScalar(pair.key) ? pair.key.value : '');
    const value = plain(pair.value, anchors, budget, depth + 1);
    if (key === '<<' && value !== null && typeof value === 'object') {
      for (const [merged, mergedValue] of Object.entries(value))
        if (!(merged in object)) object[merged] = mergedValue;
    } else object[key] = value;
  }
  return object;
}

function withOrigins(
  file: string,
  index: number,
  value: unknown,
  root: ParsedNode,
  lineCounter: LineCounter,
): YamlDocument {
  const place = (node: unknown, path: Path): Origin => {
    const offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    const { line, col } = lineCounter.linePos(offset);
    return { file, line: Math.max(1, line), col: Math.max(1, col), path: path.join('.') };
  };
  const find = (path: Path): { value: unknown; key: unknown } => {
    let node: unknown = root;
    let key: unknown = root;
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find(
          (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
        );
        if (!pair) break;
        [key, node] = [pair.key, pair.value ?? pair.key];
      } else if (isSeq(node) && node.items[Number(step)] !== undefined) {
        node = node.items[Number(step)];
        key = node;
      } else break;
    }
    return { value: node, key };
  };
  return {
    file,
    index,
    value,
    originOf: (path) => place(find(path).value, path),
    keyOriginOf: (path) => place(find(path).key, path),
    sourceOf(path) {
      const node = find(path).value;
      return isScalar(node) && node.type === 'PLAIN' ? node.source : undefined;
    },
  };
}
