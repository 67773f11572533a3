// A reader of the YAML that people and kubectl write: block mappings and lists, flow collections, scalars on one line, literal blocks.
// It never guesses: at anchors, tags, directives, tabs, scalars over several lines, odd indentation, keys that stand twice, or any mistake it
// gives up, and the full reader has the word. What it does read, it reads as yaml 2.9 does, with the same places.
import { plainValue } from './quick-scalars.ts';

/** One value and where it was written [UTF-16 units]. A mapping has keys and items, a list items. */
export interface QuickNode {
  at: number;
  /** Plain data of the whole node. */
  value: unknown;
  /** Text of an unquoted scalar. */
  source: string | undefined;
  keys: string[] | undefined;
  keysAt: number[] | undefined;
  items: QuickNode[] | undefined;
}

export interface QuickDocument {
  /** Counts from 0 within the text; empty documents count, and are left out. */
  index: number;
  root: QuickNode;
}

const MAX_DEPTH = 60;
const MAX_INDENT = 200;
const MAX_KEY = 1000;
const MAX_NODES = 900_000;

const [NEWLINE, SPACE, DOUBLE, HASH, SINGLE, COMMA, DASH, DOT, COLON] = [10, 32, 34, 35, 39, 44, 45, 46, 58];
/** Behind the last character. */
const END = -1;
const TAB = 9;
const [PERCENT, LIST, LIST_END, BAR, MAP, MAP_END] = [37, 91, 93, 124, 123, 125];

/** A key without quotes, up to its colon: no space before it, no colon or hash in it. */
const KEY = /[^\s\-?:,[\]{}#&*!|>'"%@`](?:[^\s:#]| (?=[^\s:#]))*(?=:(?:[ \n]|$))/y;
const DOUBLE_QUOTED = /"[^"\\\n]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\n]*)*"/y;
const SINGLE_QUOTED = /'[^'\n]*(?:''[^'\n]*)*'/y;
const LITERAL = /\|(-?) *(?: #[^\n]*)?\n/y;
/** What an unquoted value may begin with; a dash only before what is neither space nor, in a flow collection, its punctuation. */
const VALUE_START = /[^\s\-?:,[\]{}#&*!|>'"%@`]|-[^\s,[\]{}]/y;
/** In an unquoted value: tabs, a nested key. */
const NOT_PLAIN = /[\t\r]|:(?: |$)/;

class GiveUp extends Error {}
/** Made once: where it was thrown does not matter. */
const GIVE_UP = new GiveUp();

/** undefined = this text needs the full reader. */
export function readQuickly(text: string): QuickDocument[] | undefined {
  if (text.includes('\r') || text.startsWith('\ufeff')) return undefined;
  try {
    return new QuickReader(text).documents();
  } catch (error) {
    if (error === GIVE_UP) return undefined;
    throw error;
  }
}

class QuickReader {
  readonly #text: string;
  #pos = 0;
  #lineStart = 0;
  /** Column of the next content, from 0; -1 at the end of the document. */
  #indent = -1;
  #nodes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  documents(): QuickDocument[] {
    const found: QuickDocument[] = [];
    let index = -1;
    for (this.#toContent(); ; ) {
      if (this.#indent < 0) {
        if (this.#pos >= this.#text.length) return found;
        if (this.#code(this.#pos) !== DASH) throw GIVE_UP;
        index++;
        this.#pos += 3;
        this.#endLine();
        // The marker's own document may hold nothing.
        if (this.#indent < 0) continue;
      } else index++;
      found.push({ index, root: this.#root() });
      if (this.#indent >= 0) throw GIVE_UP;
    }
  }

  #root(): QuickNode {
    const code = this.#code(this.#pos);
    if (code !== MAP && code !== LIST) return this.#block(this.#indent, 0);
    const root = this.#flow(-1, 0);
    this.#endLine();
    return root;
  }

  /** A mapping or list whose first entry stands here, in this column. */
  #block(indent: number, depth: number): QuickNode {
    if (depth > MAX_DEPTH || indent > MAX_INDENT) throw GIVE_UP;
    return this.#isDash() ? this.#list(indent, depth) : this.#map(indent, depth);
  }

  #map(indent: number, depth: number): QuickNode {
    const node = this.#collection(this.#pos);
    const value: Record<string, unknown> = Object.create(null);
    const keys: string[] = [];
    const keysAt: number[] = [];
    const items: QuickNode[] = [];
    do {
      const at = this.#pos;
      const key = this.#key();
      if (key === undefined) throw GIVE_UP;
      if (key in value || key === '<<') throw GIVE_UP;
      const item = this.#blockValue(indent, depth, true);
      keys.push(key);
      keysAt.push(at);
      items.push(item);
      value[key] = item.value;
    } while (this.#indent === indent);
    if (this.#indent > indent) throw GIVE_UP;
    node.value = value;
    node.keys = keys;
    node.keysAt = keysAt;
    node.items = items;
    return node;
  }

  #list(indent: number, depth: number): QuickNode {
    const node = this.#collection(this.#pos);
    const value: unknown[] = [];
    const items: QuickNode[] = [];
    do {
      this.#pos++;
      const item = this.#blockValue(indent, depth, false);
      items.push(item);
      value.push(item.value);
    } while (this.#indent === indent && this.#isDash());
    if (this.#indent > indent) throw GIVE_UP;
    node.value = value;
    node.items = items;
    return node;
  }

  /** What follows a key's colon or a list's dash; afterwards the reader stands at the next content. */
  #blockValue(indent: number, depth: number, isOfKey: boolean): QuickNode {
    this.#skipSpaces();
    const at = this.#pos;
    const code = this.#code(at);
    if (code === NEWLINE || code === HASH || at >= this.#text.length) {
      this.#endLine();
      if (this.#indent > indent) return this.#block(this.#indent, depth + 1);
      if (isOfKey && this.#indent === indent && this.#isDash()) return this.#list(indent, depth + 1);
      return this.#scalar(at, null, '');
    }
    if (!isOfKey) {
      const column = at - this.#lineStart;
      if (this.#isDash()) return this.#block(column, depth + 1);
      const key = this.#key();
      this.#pos = at;
      if (key !== undefined) return this.#block(column, depth + 1);
    }
    if (code === BAR) return this.#literal(indent);
    if (code === MAP || code === LIST) {
      const node = this.#flow(indent, depth + 1);
      this.#endLine();
      return node;
    }
    const node = code === DOUBLE || code === SINGLE ? this.#quoted() : this.#plainLine();
    this.#endLine();
    // A deeper line would belong to it, or be a mistake.
    if (this.#indent > indent) throw GIVE_UP;
    return node;
  }

  /** A key and its colon; undefined when none stands here. Afterwards the reader stands behind the colon. */
  #key(): string | undefined {
    const code = this.#code(this.#pos);
    if (code !== DOUBLE && code !== SINGLE) {
      const text = this.#match(KEY);
      if (text === undefined) return undefined;
      if (text.length > MAX_KEY) throw GIVE_UP;
      this.#pos += text.length + 1;
      return keyText(text);
    }
    const key = String(this.#quoted().value);
    const next = this.#code(this.#pos + 1);
    if (this.#code(this.#pos) !== COLON || !(next === SPACE || next === NEWLINE || next === END))
      return undefined;
    if (key.length > MAX_KEY) throw GIVE_UP;
    this.#pos++;
    return key;
  }

  /** The rest of the line, without a comment. */
  #plainLine(): QuickNode {
    const at = this.#pos;
    if (this.#match(VALUE_START) === undefined) throw GIVE_UP;
    const end = this.#text.indexOf('\n', at);
    let source = this.#text.slice(at, end < 0 ? undefined : end);
    const comment = source.indexOf(' #');
    if (comment >= 0) source = source.slice(0, comment);
    source = withoutSpacesAtEnd(source);
    if (NOT_PLAIN.test(source)) throw GIVE_UP;
    this.#pos = at + source.length;
    return this.#plain(at, source);
  }

  #plain(at: number, source: string): QuickNode {
    const value = plainValue(source);
    if (value === undefined) throw GIVE_UP;
    return this.#scalar(at, value, source);
  }

  #quoted(): QuickNode {
    const at = this.#pos;
    const isDouble = this.#code(at) === DOUBLE;
    const text = this.#match(isDouble ? DOUBLE_QUOTED : SINGLE_QUOTED);
    if (text === undefined) throw GIVE_UP;
    this.#pos += text.length;
    const inner = text.slice(1, -1);
    if (!isDouble) return this.#scalar(at, inner.replaceAll("''", "'"), undefined);
    return this.#scalar(at, inner.includes('\\') ? unescaped(text) : inner, undefined);
  }

  /** `|` or `|-` and its lines; the first one tells their indentation. */
  #literal(indent: number): QuickNode {
    const at = this.#pos;
    const header = this.#match(LITERAL);
    if (header === undefined) throw GIVE_UP;
    let pos = at + header.length;
    const text = this.#text;
    let column = 0;
    while (this.#code(pos + column) === SPACE) column++;
    if (column <= indent || column > MAX_INDENT || isBlankCode(this.#code(pos + column))) throw GIVE_UP;
    const lines: string[] = [];
    let isBlank = 0;
    for (;;) {
      let spaces = 0;
      while (spaces < column && this.#code(pos + spaces) === SPACE) spaces++;
      const found = text.indexOf('\n', pos);
      const end = found < 0 ? text.length : found;
      const line = text.slice(pos + spaces, end);
      if (line === '') {
        if (pos >= text.length) break;
        isBlank++;
      } else {
        if (spaces < column) break;
        if (line.trim() === '') throw GIVE_UP;
        isBlank = 0;
      }
      lines.push(line);
      pos = end + 1;
      if (found < 0) break;
    }
    this.#pos = Math.min(pos, text.length);
    this.#toContent();
    if (this.#indent > indent) throw GIVE_UP;
    const content = lines.slice(0, lines.length - isBlank).join('\n');
    return this.#scalar(at, header[1] === '-' ? content : `${content}\n`, undefined);
  }

  #flow(indent: number, depth: number): QuickNode {
    if (depth > MAX_DEPTH) throw GIVE_UP;
    return this.#code(this.#pos) === MAP ? this.#flowMap(indent, depth) : this.#flowList(indent, depth);
  }

  #flowMap(indent: number, depth: number): QuickNode {
    const node = this.#collection(this.#pos++);
    const value: Record<string, unknown> = Object.create(null);
    const keys: string[] = [];
    const keysAt: number[] = [];
    const items: QuickNode[] = [];
    this.#flowGap(indent);
    if (this.#code(this.#pos) !== MAP_END)
      for (;;) {
        const at = this.#pos;
        const key = this.#flowKey();
        if (key in value || key === '<<') throw GIVE_UP;
        this.#flowGap(indent);
        const item = this.#flowValue(indent, depth);
        keys.push(key);
        keysAt.push(at);
        items.push(item);
        value[key] = item.value;
        if (this.#isFlowEnd(indent, MAP_END)) break;
      }
    this.#pos++;
    node.value = value;
    node.keys = keys;
    node.keysAt = keysAt;
    node.items = items;
    return node;
  }

  #flowList(indent: number, depth: number): QuickNode {
    const node = this.#collection(this.#pos++);
    const value: unknown[] = [];
    const items: QuickNode[] = [];
    this.#flowGap(indent);
    if (this.#code(this.#pos) !== LIST_END)
      for (;;) {
        const item = this.#flowValue(indent, depth);
        items.push(item);
        value.push(item.value);
        if (this.#isFlowEnd(indent, LIST_END)) break;
      }
    this.#pos++;
    node.value = value;
    node.items = items;
    return node;
  }

  /** After an entry: true at the bracket, false at the next entry. */
  #isFlowEnd(indent: number, end: number): boolean {
    this.#flowGap(indent);
    const code = this.#code(this.#pos);
    if (code === end) return true;
    if (code !== COMMA) throw GIVE_UP;
    this.#pos++;
    this.#flowGap(indent);
    return false;
  }

  #flowKey(): string {
    const code = this.#code(this.#pos);
    const isQuoted = code === DOUBLE || code === SINGLE;
    const at = this.#pos;
    const key = isQuoted ? String(this.#quoted().value) : keyText(this.#flowText());
    if (this.#code(this.#pos) !== COLON || this.#pos - at > MAX_KEY) throw GIVE_UP;
    this.#pos++;
    return key;
  }

  #flowValue(indent: number, depth: number): QuickNode {
    const at = this.#pos;
    const code = this.#code(at);
    if (code === MAP || code === LIST) return this.#flow(indent, depth + 1);
    if (code === DOUBLE || code === SINGLE) return this.#quoted();
    return this.#plain(at, this.#flowText());
  }

  /** An unquoted scalar between brackets: up to their punctuation, a comment, or a colon that ends a key. */
  #flowText(): string {
    if (this.#match(VALUE_START) === undefined) throw GIVE_UP;
    const at = this.#pos;
    let end = at;
    for (; ; end++) {
      const code = this.#code(end);
      if (isFlowPunctuation(code) || code === NEWLINE || code === END) break;
      if (code === COLON) {
        const next = this.#code(end + 1);
        if (isFlowPunctuation(next) || isBlankCode(next)) break;
      }
      if (code === HASH && this.#code(end - 1) === SPACE) break;
    }
    const text = withoutSpacesAtEnd(this.#text.slice(at, end));
    if (/[\t\r]/.test(text)) throw GIVE_UP;
    // A space before a colon, or text that goes on in the next line, is seen by the caller: neither punctuation nor colon follows.
    this.#pos = at + text.length;
    return text;
  }

  /** Spaces, line ends and comments between brackets. Later lines stand deeper than the collection's own parent. */
  #flowGap(indent: number): void {
    for (;;) {
      const before = this.#pos;
      this.#skipSpaces();
      const code = this.#code(this.#pos);
      if (code === HASH) {
        if (this.#pos === before && this.#pos !== this.#lineStart) throw GIVE_UP;
        this.#toLineEnd();
      } else if (code !== NEWLINE) {
        const isFirst = before === this.#lineStart && before > 0;
        if (isFirst && (this.#pos - before <= indent || this.#isMarker(this.#pos))) throw GIVE_UP;
        return;
      }
      if (this.#pos >= this.#text.length) throw GIVE_UP;
      this.#lineStart = ++this.#pos;
    }
  }

  /** Behind a value nothing but a comment may stand; then to the next content. */
  #endLine(): void {
    const before = this.#pos;
    this.#skipSpaces();
    const code = this.#code(this.#pos);
    if (code === HASH && this.#pos > before) this.#toLineEnd();
    else if (code === HASH && this.#code(before - 1) === SPACE) this.#toLineEnd();
    else if (code !== NEWLINE && this.#pos < this.#text.length) throw GIVE_UP;
    if (this.#pos < this.#text.length) this.#pos++;
    this.#toContent();
  }

  /** From the start of a line over empty ones and comments to the first that says something; to the end or a marker, there is no indent. */
  #toContent(): void {
    for (;;) {
      const start = this.#pos;
      this.#skipSpaces();
      const pos = this.#pos;
      if (pos >= this.#text.length) {
        this.#indent = -1;
        return;
      }
      const code = this.#code(pos);
      if (code === HASH) this.#toLineEnd();
      else if (code !== NEWLINE) {
        if (pos === start && code === PERCENT) throw GIVE_UP;
        this.#lineStart = start;
        this.#indent = pos === start && this.#isMarker(pos) ? -1 : pos - start;
        return;
      }
      if (this.#pos < this.#text.length) this.#pos++;
    }
  }

  /** `---` or `...` alone. */
  #isMarker(pos: number): boolean {
    const code = this.#code(pos);
    if (code !== DASH && code !== DOT) return false;
    return this.#code(pos + 1) === code && this.#code(pos + 2) === code && isBlankCode(this.#code(pos + 3));
  }

  #isDash(): boolean {
    return this.#code(this.#pos) === DASH && isBlankCode(this.#code(this.#pos + 1));
  }

  #skipSpaces(): void {
    while (this.#code(this.#pos) === SPACE) this.#pos++;
  }

  #toLineEnd(): void {
    const end = this.#text.indexOf('\n', this.#pos);
    this.#pos = end < 0 ? this.#text.length : end;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#pos;
    return pattern.exec(this.#text)?.[0];
  }

  #code(at: number): number {
    return at < this.#text.length ? this.#text.charCodeAt(at) : END;
  }

  #scalar(at: number, value: unknown, source: string | undefined): QuickNode {
    if (++this.#nodes > MAX_NODES) throw GIVE_UP;
    return { at, value, source, keys: undefined, keysAt: undefined, items: undefined };
  }

  #collection(at: number): QuickNode {
    return this.#scalar(at, undefined, undefined);
  }
}

/** The key as the mapping has it: 1.30 is a number's text. */
function keyText(text: string): string {
  const value = plainValue(text);
  if (value === undefined) throw GIVE_UP;
  return String(value);
}

/** Escapes that JSON has mean the same in YAML. */
function unescaped(quoted: string): string {
  try {
    return JSON.parse(quoted);
  } catch {
    throw GIVE_UP;
  }
}

function withoutSpacesAtEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === SPACE) end--;
  return end === text.length ? text : text.slice(0, end);
}

const isFlowPunctuation = (code: number) =>
  code === COMMA || code === LIST || code === LIST_END || code === MAP || code === MAP_END;

/** Space, tab, line end, or the end of the text. */
const isBlankCode = (code: number) => code === SPACE || code === NEWLINE || code === TAB || code === END;
