// Is a text a regular expression of RE2, as Go's regexp/syntax with Perl flags reads it? JavaScript's own engine takes other things.
// Source: golang/go src/regexp/syntax/parse.go (1.24); RE2 wiki Syntax.

/** @returns what is wrong, or undefined */
export function re2Error(pattern: string): string | undefined {
  try {
    new Re2Parser(pattern).parse();
    return undefined;
  } catch (error) {
    if (error instanceof SyntaxProblem) return error.message;
    throw error;
  }
}

class SyntaxProblem extends Error {}

const CLASS_NAMES =
  /^\[:\^?(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]/;
const MAX_REPEAT = 1000;

class Re2Parser {
  #at = 0;
  #depth = 0;
  /** Something stands before that can be repeated. */
  #hasOperand = false;
  #wasRepeat = false;

  constructor(readonly text: string) {}

  parse(): void {
    while (this.#at < this.text.length) this.#step();
    if (this.#depth > 0) throw new SyntaxProblem('missing closing )');
  }

  #step(): void {
    const rest = this.text.slice(this.#at);
    const letter = rest[0]!;
    if (letter === '(') return this.#open(rest);
    if (letter === ')') {
      if (this.#depth-- === 0) throw new SyntaxProblem('unexpected )');
      return this.#operand(1);
    }
    if (letter === '|') {
      this.#at++;
      this.#hasOperand = false;
      this.#wasRepeat = false;
      return;
    }
    const counted = /^\{(\d+)(,(\d*))?\}/.exec(rest);
    if (letter === '*' || letter === '+' || letter === '?' || counted) return this.#repeat(rest, counted);
    if (letter === '[') return this.#operand(classLength(rest));
    if (letter === '\\') return this.#operand(escapeLength(rest, false));
    this.#operand([...rest][0]!.length);
  }

  #operand(length: number): void {
    this.#at += length;
    this.#hasOperand = true;
    this.#wasRepeat = false;
  }

  #repeat(rest: string, counted: RegExpExecArray | null): void {
    const operator = counted ? counted[0] : rest[0]!;
    if (!this.#hasOperand) throw new SyntaxProblem(`missing argument to repetition operator: ${operator}`);
    if (this.#wasRepeat) throw new SyntaxProblem(`invalid nested repetition operator: ${operator}`);
    if (counted) {
      const low = Number(counted[1]);
      const high = counted[3] === undefined ? low : counted[3] === '' ? low : Number(counted[3]);
      if (low > MAX_REPEAT || high > MAX_REPEAT || high < low)
        throw new SyntaxProblem(`invalid repeat count: ${operator}`);
    }
    this.#at += operator.length;
    if (this.text[this.#at] === '?') this.#at++;
    this.#wasRepeat = true;
  }

  #open(rest: string): void {
    let length = 1;
    if (rest.startsWith('(?')) {
      const named = /^\(\?P?<([A-Za-z0-9_]+)>/.exec(rest);
      const flags = /^\(\?([imsU]*(?:-[imsU]+)?)([:)])/.exec(rest);
      if (named) length = named[0].length;
      else if (flags && (flags[1] !== '' || flags[2] === ':')) {
        length = flags[0].length;
        if (flags[2] === ')') {
          // (?i): flags for the rest, no group of its own.
          this.#at += length;
          return;
        }
      } else throw new SyntaxProblem(`invalid or unsupported Perl syntax: ${rest.slice(0, 3)}`);
    }
    this.#at += length;
    this.#depth++;
    this.#hasOperand = false;
    this.#wasRepeat = false;
  }
}

/** Length of the escape that the text begins with. */
function escapeLength(rest: string, isInClass: boolean): number {
  if (rest.length === 1) throw new SyntaxProblem('trailing backslash at end of expression');
  const letter = rest[1]!;
  if (letter === 'Q' && !isInClass) {
    const end = rest.indexOf('\\E', 2);
    return end < 0 ? rest.length : end + 2;
  }
  if (letter === 'p' || letter === 'P') {
    const name = /^\\[pP](\{\^?[A-Za-z_]+\}|[A-Za-z])/.exec(rest);
    if (!name) throw new SyntaxProblem(`invalid character class range: ${rest.slice(0, 4)}`);
    return name[0].length;
  }
  if (letter === 'x') {
    const hex = /^\\x(?:[0-9A-Fa-f]{2}|\{([0-9A-Fa-f]+)\})/.exec(rest);
    if (!hex || (hex[1] !== undefined && Number.parseInt(hex[1], 16) > 0x10ffff))
      throw new SyntaxProblem(`invalid escape sequence: ${rest.slice(0, 3)}`);
    return hex[0].length;
  }
  const octal = /^\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest);
  if (octal) return octal[0].length;
  const isKnown = isInClass ? /[afnrtvdswDSW]/ : /[afnrtvdswDSWbBAzC]/;
  if (isKnown.test(letter) && letter !== 'C') return 2;
  if (letter === 'E' && !isInClass) return 2;
  if (letter.charCodeAt(0) < 128 && !/[A-Za-z0-9]/.test(letter)) return 2;
  throw new SyntaxProblem(`invalid escape sequence: \\${letter}`);
}

/** Length of the bracket expression that the text begins with. */
function classLength(rest: string): number {
  let at = 1;
  if (rest[at] === '^') at++;
  let isFirst = true;
  let low: number | undefined;
  let isRange = false;
  while (at < rest.length && (rest[at] !== ']' || isFirst)) {
    isFirst = false;
    const here = rest.slice(at);
    if (here.startsWith('[:')) {
      const name = CLASS_NAMES.exec(here);
      if (name) {
        at += name[0].length;
        low = undefined;
        isRange = false;
        continue;
      }
      if (here.includes(':]')) throw new SyntaxProblem(`invalid character class range: ${here.slice(0, 10)}`);
    }
    if (here[0] === '-' && low !== undefined && !isRange && here.length > 1 && here[1] !== ']') {
      isRange = true;
      at++;
      continue;
    }
    const length = here[0] === '\\' ? escapeLength(here, true) : [...here][0]!.length;
    const isClass = here[0] === '\\' && /[dswDSWpP]/.test(here[1] ?? '');
    const value = isClass ? undefined : codeOf(here.slice(0, length));
    if (isRange && low !== undefined && (value === undefined || value < low))
      throw new SyntaxProblem(`invalid character class range: ${rest.slice(at - 2, at + length)}`);
    low = isRange ? undefined : value;
    isRange = false;
    at += length;
  }
  if (at >= rest.length) throw new SyntaxProblem(`missing closing ]: ${rest.slice(0, 20)}`);
  return at + 1;
}

function codeOf(text: string): number {
  if (text[0] !== '\\') return text.codePointAt(0)!;
  const hex = /^\\x\{?([0-9A-Fa-f]+)\}?$/.exec(text);
  if (hex) return Number.parseInt(hex[1]!, 16);
  const octal = /^\\([0-7]+)$/.exec(text);
  if (octal) return Number.parseInt(octal[1]!, 8);
  const known: Record<string, number> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
  return known[text[1]!] ?? text.codePointAt(1)!;
}
