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
    const { end, mistake } = scan(text, 0);
    return mistake ?? mistakeAt(text, end, 'nothing may follow the end of the document, but here is');
  }
}

/** Several documents one after the other, as `cat` leaves them. */
export function parseJsonStream(text: string): { values: unknown[] } | JsonMistake {
  try {
    return { values: [JSON.parse(text)] };
  } catch {
    const values: unknown[] = [];
    let from = 0;
    do {
      const { end, mistake } = scan(text, from);
      if (mistake) return mistake;
      values.push(JSON.parse(text.slice(from, end)));
      from = end;
    } while (/\S/.test(text.slice(from)));
    return { values };
  }
}

const SPACE = /[ \t\r\n]*/y;
const PLAIN = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Walks one document with a stack of what is open, to its end or to what is not as it must be. */
function scan(text: string, from: number): { end: number; mistake?: JsonMistake } {
  let at = from;
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
    if (wanted === 'comma or end' && !inner) return { end: at };
    const mistake = (message: string) => ({ end: at, mistake: { message, ...placeAt(text, at) } });
    const needed = (what: string) => ({
      end: at,
      mistake: mistakeAt(text, at, `${what} is needed here, not`),
    });
    if (char === undefined) {
      at = Math.max(0, text.trimEnd().length - 1);
      return mistake(
        inner
          ? `the text ends before the ${inner.closes === '}' ? '{' : '['} of line ${placeAt(text, inner.at).line} is closed: is the file cut off?`
          : 'the text is empty',
      );
    }
    const closed = char === '"' ? endOfString(text, at) : null;
    if (closed === 'open')
      return mistake('the text ends before these quotes are closed: is the file cut off?');
    if (wanted === 'comma or end') {
      const closes = inner!.closes;
      if (char !== ',' && char !== closes) return needed(`"," or "${closes}"`);
      at++;
      if (char === ',') wanted = closes === '}' ? 'name' : 'value';
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
      if (typeof closed !== 'number') return needed('a name in double quotes');
      at = closed;
      take(SPACE);
      if (text[at] !== ':')
        return { end: at, mistake: mistakeAt(text, at, '":" is needed after the name, not') };
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
    } else if (typeof closed === 'number') {
      at = closed;
      wanted = 'comma or end';
    } else if (take(PLAIN) !== null) wanted = 'comma or end';
    else return needed('a value');
  }
}

/** Just behind the closing quote; "open" = it is never closed; null = something in it may not be there. */
function endOfString(text: string, from: number): number | 'open' | null {
  for (let at = from + 1; ; at++) {
    const char = text[at];
    if (char === undefined) return 'open';
    if (char === '"') return at + 1;
    if (char < ' ') return null;
    if (char !== '\\') continue;
    const escaped = /^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.exec(text.slice(at + 1, at + 6))?.[0];
    if (at + 6 > text.length && escaped === undefined) return 'open';
    if (escaped === undefined) return null;
    at += escaped.length;
  }
}

const mistakeAt = (text: string, at: number, words: string): JsonMistake => ({
  message: `${words} ${shown(text, at)}`,
  ...placeAt(text, at),
});

function placeAt(text: string, index: number): { line: number; col: number } {
  const before = text.slice(0, index);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, col: index - lastBreak };
}

const shown = (text: string, at: number): string =>
  at >= text.length
    ? 'the end of the text'
    : JSON.stringify(/^\S{1,20}|^./s.exec(text.slice(at, at + 20))![0]);
