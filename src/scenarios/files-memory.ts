// Files that are only in memory: for a browser page, for tests, and for text that came from standard input.
import { decodeText, type Files } from './files-contract.ts';
import { isPattern, matcherOf } from './files-pattern.ts';

export function memoryFiles(contents: Record<string, string | Uint8Array>): Files {
  const names = Object.keys(contents).sort();
  return {
    read(path) {
      const content = Object.hasOwn(contents, path) ? contents[path] : undefined;
      if (content !== undefined)
        return decodeText(typeof content === 'string' ? new TextEncoder().encode(content) : content);
      if (names.some((name) => name.startsWith(`${path}/`)))
        return { code: 'FS1007', problem: 'this is a folder, not a file', hint: 'name a file in it' };
      return { code: 'FS1007', problem: 'there is no such file or folder' };
    },
    list(path) {
      if (Object.hasOwn(contents, path)) return [path];
      const matches = isPattern(path) ? matcherOf(path) : (name: string) => name.startsWith(`${path}/`);
      const found = names.filter(
        (name) => matches(name) && (isPattern(path) || /\.(ya?ml|json)$/i.test(name)),
      );
      if (found.length === 0 && !isPattern(path))
        return { code: 'FS1007', problem: 'there is no such file or folder' };
      return found;
    },
  };
}
