// Files, folders and globs become the objects of a cluster or of the mesh. Each file is read once, however many variants name it, so its
// mistakes are told once.
import type { Origin } from '../models/envoy/config.ts';
import type { ManifestObject } from '../models/kube/model.ts';
import { type Diagnostic, diagnosticAt } from './diagnostics.ts';
import { type Files, isProblem } from './files-contract.ts';
import { resolvePath } from './files-pattern.ts';
import { checkConfigMap } from './manifests-mesh-config.ts';
import { objectsOf } from './manifests-object.ts';
import { parseYamlDocuments } from './yaml-documents.ts';

export const STDIN = '-';

export interface WrittenPath {
  path: string;
  /** Where it was written: relative paths start at that file. */
  origin: Origin;
}

export class ManifestReader {
  readonly #files: Files;
  readonly #sources: Map<string, string>;
  readonly #diagnostics: Diagnostic[];
  readonly #stdin: string | undefined;
  readonly #known = new Map<string, ManifestObject[]>();
  #asked = new Set<string>();

  constructor(files: Files, sources: Map<string, string>, diagnostics: Diagnostic[], stdin?: string) {
    this.#files = files;
    this.#sources = sources;
    this.#diagnostics = diagnostics;
    this.#stdin = stdin;
  }

  /** Files that were asked for since the last call. */
  takeAsked(): ReadonlySet<string> {
    const asked = this.#asked;
    this.#asked = new Set();
    return asked;
  }

  /** Objects of all paths in order; a file that several paths name counts once. */
  read(paths: readonly WrittenPath[], isMesh: boolean): ManifestObject[] {
    const seen = new Set<string>();
    const objects: ManifestObject[] = [];
    for (const { path, origin } of paths) {
      for (const file of this.#list(path, origin)) {
        if (seen.has(file)) continue;
        seen.add(file);
        this.#asked.add(file);
        for (const object of this.#objects(file, origin, isMesh)) objects.push(object);
      }
    }
    return objects;
  }

  #list(path: string, origin: Origin): string[] {
    if (path === STDIN) return [STDIN];
    // What --set names lies where the command was given.
    const resolved = resolvePath(origin.file.startsWith('--set ') ? '' : origin.file, path);
    const found = this.#files.list(resolved);
    if (isProblem(found)) this.#report(found.code, origin, `${path}: ${found.problem}`, found.hint);
    else if (found.length === 0)
      this.#report(
        'FS1009',
        origin,
        `${path} matches no file`,
        'folders and globs give .yaml, .yml and .json files',
      );
    else return found;
    return [];
  }

  #objects(file: string, origin: Origin, isMesh: boolean): ManifestObject[] {
    const key = `${isMesh}:${file}`;
    const known = this.#known.get(key);
    if (known) return known;
    const objects: ManifestObject[] = [];
    this.#known.set(key, objects);
    const text = file === STDIN ? this.#stdin : this.#files.read(file);
    if (text === undefined) {
      this.#report('FS1007', origin, 'nothing comes from standard input', 'pipe manifests in, with -f -');
      return objects;
    }
    if (typeof text !== 'string') {
      // The place is the file itself: whoever names it by a folder or glob looks there.
      this.#report(text.code, { file, line: 0, col: 0 }, text.problem, text.hint);
      return objects;
    }
    this.#sources.set(file, text);
    const { documents, diagnostics } = parseYamlDocuments(file, text);
    for (const diagnostic of diagnostics)
      this.#diagnostics.push(
        diagnostic.code === 'FS1006' ? { ...diagnostic, severity: 'warning' } : diagnostic,
      );
    for (const document of documents) {
      for (const object of objectsOf(document, isMesh, this.#diagnostics)) {
        if (object.kind === 'ConfigMap' && /^istio(-|$)/.test(object.metadata.name))
          checkConfigMap(object, text, this.#diagnostics);
        objects.push(object);
      }
    }
    return objects;
  }

  #report(
    code: Diagnostic['code'],
    origin: { file: string; line: number; col: number },
    message: string,
    hint?: string,
  ) {
    this.#diagnostics.push(diagnosticAt(code, origin, message, hint));
  }
}
