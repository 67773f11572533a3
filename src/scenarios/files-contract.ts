// How loading reaches files, whatever they are: on disk (files.ts), in memory (files-memory.ts), in a browser. Pure.

export interface FileProblem {
  code: 'FS1003' | 'FS1007' | 'FS1008';
  problem: string;
  hint?: string;
}

/** Config dumps of large meshes are larger than manifests may be. */
export const MOST_DUMP_CHARS = 200_000_000;

export interface Files {
  /** The text, without byte order mark. @param most characters; absent = as many as a manifest may have */
  read(path: string, most?: number): string | FileProblem;
  /** What a path means: a file itself, the manifests below a folder, or what a glob (`*`, `**`, `?`, `{a,b}`) matches; sorted. */
  list(path: string): string[] | FileProblem;
}

export const isProblem = (result: string | string[] | FileProblem): result is FileProblem =>
  typeof result === 'object' && !Array.isArray(result);

/** Bytes to text: UTF-8 only, no NUL bytes. */
export function decodeText(bytes: Uint8Array): string | FileProblem {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
    return { code: 'FS1008', problem: 'the file is UTF-16', hint: 'save it as UTF-8' };
  const nul = bytes.indexOf(0);
  if (nul >= 0)
    return {
      code: 'FS1008',
      problem: `the file holds a NUL byte at offset ${nul}`,
      hint: 'it is no text file',
    };
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { code: 'FS1008', problem: 'the file is not UTF-8', hint: 'save it as UTF-8' };
  }
}
