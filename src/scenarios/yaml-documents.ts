// Text becomes documents that remember line and column. What people and kubectl write is read by a small reader of its own, tens of times
// as fast as a full one; whatever that leaves, and every mistake, goes to the full one. Both give the same documents.
import type { Origin } from '../models/envoy/config.ts';
import type { Diagnostic } from './diagnostics.ts';
import { fullDocuments } from './yaml/full-documents.ts';
import { quickDocuments } from './yaml/quick-documents.ts';

export const MAX_FILE_CHARS = 10_000_000;

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

export interface ReadDocuments {
  documents: YamlDocument[];
  diagnostics: Diagnostic[];
}

/** All documents of a text that could be read, and everything that is wrong with the others. Empty documents are left out. */
export function parseYamlDocuments(file: string, text: string): ReadDocuments {
  const error = (code: 'FS1003' | 'FS1006', message: string, hint: string): ReadDocuments => ({
    documents: [],
    diagnostics: [{ code, severity: 'error', message, file, line: 0, col: 0, hint }],
  });
  if (text.length > MAX_FILE_CHARS)
    return error(
      'FS1003',
      `the file has ${text.length} characters; at most ${MAX_FILE_CHARS} are read`,
      'split it, or name fewer files',
    );
  const documents = quickDocuments(file, text);
  const read = documents ? { documents, diagnostics: [] } : fullDocuments(file, text);
  if (read.documents.length === 0 && read.diagnostics.length === 0)
    return error('FS1006', 'the file holds no document', 'is it the right file?');
  return read;
}
