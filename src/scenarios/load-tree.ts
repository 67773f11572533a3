// The scenario file with everything it extends, as one tree that remembers where each value was written.
import type { Origin } from '../models/envoy/config.ts';
import { type Diagnostic, diagnosticAt } from './diagnostics.ts';
import { shapeOf } from './envoy-dump/dump-shape.ts';
import { type Files, isProblem } from './files-contract.ts';
import { resolvePath } from './files-pattern.ts';
import { merged, type Placed, type Problem, placedOf } from './position.ts';
import { parseYamlDocuments } from './yaml-documents.ts';

const MAX_CHAIN = 20;

export interface TreeContext {
  files: Files;
  sources: Map<string, string>;
  diagnostics: Diagnostic[];
}

/** undefined = it could not be read; the diagnostics say why. */
export function readTree(file: string, context: TreeContext): Placed | undefined {
  return readChain(file, undefined, [], context);
}

function readChain(
  file: string,
  namedAt: Origin | undefined,
  chain: string[],
  context: TreeContext,
): Placed | undefined {
  const { diagnostics } = context;
  const whole = { file, line: 0, col: 0 };
  if (chain.includes(file) || chain.length >= MAX_CHAIN) {
    const circle = [...chain.slice(Math.max(0, chain.indexOf(file))), file].join(' -> ');
    const message = chain.includes(file)
      ? `files extend each other in a circle: ${circle}`
      : `more than ${MAX_CHAIN} files extend each other`;
    diagnostics.push(diagnosticAt('FS3001', namedAt ?? whole, message, 'take one `extends` out'));
    return undefined;
  }
  const text = context.files.read(file);
  if (isProblem(text)) {
    const message = namedAt ? `${file}: ${text.problem}` : text.problem;
    const hint =
      file === '-' ? 'a scenario is a file; manifests come from standard input, with -f -' : text.hint;
    diagnostics.push(diagnosticAt(text.code, namedAt ?? whole, message, hint));
    return undefined;
  }
  context.sources.set(file, text);
  const parsed = parseYamlDocuments(file, text);
  for (const diagnostic of parsed.diagnostics) diagnostics.push(diagnostic);
  const [document, second] = parsed.documents;
  if (!document || parsed.diagnostics.length > 0) return undefined;
  const strange = whatElse(document.value, file);
  if (strange) {
    diagnostics.push(diagnosticAt('FS2001', document.originOf([]), strange.message, strange.hint));
    return undefined;
  }
  if (second) {
    const message = 'a scenario file holds one document, this one holds more';
    diagnostics.push(
      diagnosticAt('FS2001', second.originOf([]), message, 'write variants, or further files with `extends`'),
    );
    return undefined;
  }
  const tree = placedOf(document);
  if (tree.kind !== 'map') {
    diagnostics.push(
      diagnosticAt('FS2001', tree.origin(), 'a scenario file is a mapping', 'start with version: 1'),
    );
    return undefined;
  }
  const above = tree.entries.get('extends');
  if (!above) return mergedWith({ kind: 'map', entries: new Map(), origin: tree.origin }, tree, diagnostics);
  const target = above.value;
  if (target.kind !== 'scalar' || typeof target.value !== 'string' || target.value === '') {
    diagnostics.push(diagnosticAt('FS2001', target.origin(), 'extends takes one file name'));
    return undefined;
  }
  const base = readChain(resolvePath(file, target.value), target.origin(), [...chain, file], context);
  if (!base) return undefined;
  const entries = new Map(tree.entries);
  entries.delete('extends');
  return mergedWith(base, { ...tree, entries }, diagnostics);
}

/** Files that are given to the wrong command. */
function whatElse(value: unknown, file: string): { message: string; hint: string } | null {
  switch (shapeOf(value)) {
    case 'kubernetes':
      return {
        message: 'this is a manifest, not a scenario file',
        hint: `name it in a scenario's manifests: { cluster: …, paths: [${file}] }; foresail init FOLDER writes one, foresail lint ${file} looks at it alone`,
      };
    case 'config dump':
      return {
        message: "this is an Envoy's config dump, not a scenario file",
        hint: `foresail import ${file} writes a scenario for it; foresail run --envoy ${file} --request "GET http://host/" asks it one thing`,
      };
    case 'clusters':
      return {
        message: 'this is what an Envoy says at /clusters, not a scenario file',
        hint: 'it goes beside a config dump: foresail import DUMP CLUSTERS',
      };
    default:
      return null;
  }
}

/** Merges and reports what cannot be. */
export function mergedWith(base: Placed, over: Placed, diagnostics: Diagnostic[]): Placed {
  const problems: Problem[] = [];
  const tree = merged(base, over, problems);
  for (const { origin, message, hint } of problems)
    diagnostics.push(diagnosticAt('FS2001', origin, message, hint));
  return tree;
}
