// Reading files with Node, and nothing but reading. Paths come from strangers' YAML, so folders that contain themselves, devices, enormous
// files and text that is not UTF-8 each become one plain problem instead of an exception.
import { closeSync, fstatSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { decodeText, type FileProblem, type Files } from './files-contract.ts';
import { isPattern, matcherOf, patternRoot } from './files-pattern.ts';
import { MAX_FILE_CHARS } from './yaml-documents.ts';

export { decodeText, type FileProblem, type Files, isProblem } from './files-contract.ts';

const MAX_FOLDER_DEPTH = 32;
const MAX_ENTRIES = 50_000;

export function nodeFiles(): Files {
  return { read: readText, list: listFiles };
}

function readText(path: string, most = MAX_FILE_CHARS): string | FileProblem {
  try {
    // The kind is asked before opening: opening a pipe waits for its writer.
    const stat = statSync(path);
    if (stat.isDirectory())
      return { code: 'FS1007', problem: 'this is a folder, not a file', hint: 'name a file in it' };
    if (!stat.isFile()) return { code: 'FS1007', problem: 'this is no regular file' };
    const handle = openSync(path, 'r');
    try {
      const { size } = fstatSync(handle);
      if (size > most)
        return {
          code: 'FS1003',
          problem: `the file has ${size} bytes; at most ${most} are read`,
          hint: 'split it, or name fewer files',
        };
      const bytes = Buffer.alloc(size);
      let length = 0;
      while (length < size) {
        const read = readSync(handle, bytes, length, size - length, length);
        if (read === 0) break;
        length += read;
      }
      return decodeText(bytes.subarray(0, length));
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    return problemOf(error);
  }
}

function listFiles(path: string): string[] | FileProblem {
  try {
    if (!isPattern(path)) {
      if (!statSync(path).isDirectory()) return [path];
      return walk(trimSlash(path), (file) => /\.(ya?ml|json)$/i.test(file));
    }
    const root = patternRoot(path);
    const matches = matcherOf(path);
    return walk(root, matches);
  } catch (error) {
    return problemOf(error);
  }
}

const trimSlash = (path: string) => (path.length > 1 ? path.replace(/\/+$/, '') : path);

function walk(root: string, isWanted: (file: string) => boolean): string[] | FileProblem {
  const found: string[] = [];
  let entries = 0;
  const start = realpathSync(root);
  // Links may lead back up, or to one folder many times: each folder is seen once, and none that holds the root.
  const seen = new Set<string>();
  const visit = (folder: string, depth: number): FileProblem | undefined => {
    const real = realpathSync(folder);
    if (seen.has(real) || start.startsWith(real === '/' ? '/' : `${real}/`)) return undefined;
    seen.add(real);
    if (depth > MAX_FOLDER_DEPTH)
      return { code: 'FS1007', problem: `folders nested deeper than ${MAX_FOLDER_DEPTH} levels` };
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      if (++entries > MAX_ENTRIES)
        return {
          code: 'FS1007',
          problem: `more than ${MAX_ENTRIES} files and folders`,
          hint: 'name the folder more narrowly',
        };
      const path = folder === '.' ? entry.name : `${trimSlash(folder)}/${entry.name}`;
      const kind = entry.isSymbolicLink() ? statOf(path) : entry;
      if (kind?.isDirectory()) {
        const problem = visit(path, depth + 1);
        if (problem) return problem;
      } else if (kind?.isFile() && isWanted(path)) found.push(path);
    }
    return undefined;
  };
  return visit(root, 1) ?? found.sort();
}

/** undefined = a link that leads nowhere, to itself, or where nobody may look. */
function statOf(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function problemOf(error: unknown): FileProblem {
  const code = (error as { code?: unknown }).code;
  const words: Record<string, [string, string?]> = {
    ENOENT: ['there is no such file or folder', 'paths are relative to the file that names them'],
    EACCES: ['it may not be read (permission denied)'],
    EPERM: ['it may not be read (permission denied)'],
    ELOOP: ['its symbolic links lead in a circle'],
    ENOTDIR: ['a part of the path is a file, not a folder'],
    EISDIR: ['this is a folder, not a file'],
    ENAMETOOLONG: ['the path is too long'],
    ERR_INVALID_ARG_VALUE: ['the path holds a NUL character'],
  };
  const [problem, hint] = words[String(code)] ?? [`it cannot be read (${String(code ?? error)})`];
  return { code: 'FS1007', problem, hint };
}
