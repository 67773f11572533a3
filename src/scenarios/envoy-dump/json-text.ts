// JSON with the place of its first mistake, which JSON.parse of Node 20 does not tell. Texts are large: nothing is parsed twice but a broken one.

export interface JsonMistake {
  message: string;
  line: number;
  col: number;
}

export function parseJson(text: string): { value: unknown } | JsonMistake {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return mistakeIn(text);
  }
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PLAIN = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Walks the text with a stack of what is open until something is not as it must be. */
function mistakeIn(text: string): JsonMistake {
  let at = 0;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };
  const open: { closes: '}' | ']'; at: number }[] = [];
  let wanted: 'value' | 'value or ]' | 'name or }' | 'name' | 'comma or end' = 'value';
  for (;;) {
    take(SPACE);
    const char = text[at];
    const inner = open.at(-1);
    const mistake = (message: string) => ({ message, ...placeAt(text, at) });
    if (char === undefined) {
      at = Math.max(0, text.trimEnd().length - 1);
      return mistake(
        inner
          ? `the text ends before the ${inner.closes === '}' ? '{' : '['} of line ${placeAt(text, inner.at).line} is closed: is the file cut off?`
          : 'the text is empty',
      );
    }
    if (wanted === 'comma or end') {
      if (!inner)
        return mistake(`nothing may follow the end of the document, but here is ${shown(text, at)}`);
      if (char !== ',' && char !== inner.closes)
        return mistake(`"," or "${inner.closes}" is needed here, not ${shown(text, at)}`);
      at++;
      if (char === ',') wanted = inner.closes === '}' ? 'name' : 'value';
      else open.pop();
      continue;
    }
    if (wanted === 'name' || wanted === 'name or }') {
      if (char === '}' && wanted === 'name or }') {
        at++;
        open.pop();
        wanted = 'comma or end';
        continue;
      }
      if (take(STRING) === null)
        return mistake(`a name in double quotes is needed here, not ${shown(text, at)}`);
      take(SPACE);
      if (text[at] !== ':')
        return { message: `":" is needed after the name, not ${shown(text, at)}`, ...placeAt(text, at) };
      at++;
      wanted = 'value';
      continue;
    }
    if (char === ']' && wanted === 'value or ]') {
      at++;
      open.pop();
      wanted = 'comma or end';
    } else if (char === '{' || char === '[') {
      open.push({ closes: char === '{' ? '}' : ']', at });
      at++;
      wanted = char === '{' ? 'name or }' : 'value or ]';
    } else if (take(STRING) !== null || take(PLAIN) !== null) wanted = 'comma or end';
    else return mistake(`a value is needed here, not ${shown(text, at)}`);
  }
}

function placeAt(text: string, index: number): { line: number; col: number } {
  const before = text.slice(0, index);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, col: index - lastBreak };
}

const shown = (text: string, at: number): string =>
  at >= text.length
    ? 'the end of the text'
    : JSON.stringify(/^\S{1,20}|^./s.exec(text.slice(at, at + 20))![0]);
