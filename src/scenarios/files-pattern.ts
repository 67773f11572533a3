// Paths as people write them: relative ones are taken from the file that names them, globs know `*`, `**`, `?` and `{a,b}`. Pure.

/** `target` as written in the file `from`. Absolute paths stay; `..` is folded where something is there to fold. */
export function resolvePath(from: string, target: string): string {
  if (target.startsWith('/')) return normalize(target);
  const folder = from.includes('/') ? from.slice(0, from.lastIndexOf('/') + 1) : '';
  return normalize(folder + target);
}

function normalize(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (part !== '..' || !path.startsWith('/')) out.push(part);
  }
  const text = out.join('/');
  return path.startsWith('/') ? `/${text}` : text || '.';
}

export const isPattern = (path: string): boolean => /[*?{]/.test(path);

/** The folder above the first part that is a pattern. */
export function patternRoot(path: string): string {
  const parts = path.split('/');
  const first = parts.findIndex(isPattern);
  return parts.slice(0, first).join('/') || (path.startsWith('/') ? '/' : '.');
}

/** `**` crosses folders, `*` and `?` do not; braces list alternatives and do not nest. */
export function matcherOf(pattern: string): (path: string) => boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const rest = pattern.slice(i);
    const braces = /^\{([^{}]*)\}/.exec(rest);
    if (rest.startsWith('**/')) {
      source += '(?:[^/]+/)*';
      i += 2;
    } else if (rest.startsWith('**')) {
      source += '.*';
      i += 1;
    } else if (rest.startsWith('*')) {
      // Neighbouring stars mean one: without this a stranger's pattern could make matching explode.
      source += '[^/]*';
    } else if (rest.startsWith('?')) source += '[^/]';
    else if (braces) {
      source += `(?:${braces[1]!.split(',').map(escaped).join('|')})`;
      i += braces[0].length - 1;
    } else source += escaped(rest[0]!);
  }
  const regExp = new RegExp(`^${source}$`);
  return (path) => regExp.test(path);
}

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
