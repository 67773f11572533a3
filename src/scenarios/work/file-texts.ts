// The files of a scenario as data: whatever was asked for while it was loaded, with the answer. A thread or another machine that has them
// loads the same scenario without a disk. Pure.
import type { FileProblem, Files } from '../files-contract.ts';

export interface FileTexts {
  /** path -> text, or why it could not be read. */
  texts: Record<string, string | FileProblem>;
  /** folder or glob -> files, or why not. */
  lists: Record<string, string[] | FileProblem>;
  /** What standard input, or whatever the manifests `-` were, held. */
  manifests?: string;
}

/** Files that remember every answer in `texts`. */
export function recordingFiles(files: Files): { files: Files; texts: FileTexts } {
  const texts: FileTexts = { texts: {}, lists: {} };
  return {
    texts,
    files: {
      read: (path, most) => remember(texts.texts, path, () => files.read(path, most)),
      list: (path) => remember(texts.lists, path, () => files.list(path)),
    },
  };
}

function remember<T>(known: Record<string, T>, path: string, ask: () => T): T {
  const answer = ask();
  // A path named __proto__ must become a key, not a prototype.
  Object.defineProperty(known, path, { value: answer, enumerable: true, configurable: true, writable: true });
  return answer;
}

export function replayedFiles({ texts, lists }: FileTexts): Files {
  const unknown: FileProblem = { code: 'FS1007', problem: 'there is no such file or folder' };
  return {
    read: (path) => (Object.hasOwn(texts, path) ? texts[path]! : unknown),
    list: (path) => (Object.hasOwn(lists, path) ? lists[path]! : unknown),
  };
}
