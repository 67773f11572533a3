// What an unquoted scalar means. Source: YAML 1.2 core schema, as in yaml 2.9 (schema/core, schema/common).

const NULL = /^(?:~|[Nn]ull|NULL)?$/;
const TRUE = /^(?:true|True|TRUE)$/;
const FALSE = /^(?:false|False|FALSE)$/;
const DECIMAL = /^[-+]?[0-9]+$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
/** Octal, hexadecimal, infinity, no number: seldom meant, and left to the full reader. */
const RARE = /^(?:0[ox]|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)$)/;

/** Can the text be anything but itself? Most are told from their first letter. */
const MAYBE_NOT_TEXT = /^[-+.0-9~nNtTfF]/;

/** undefined = the full reader has to say. */
export function plainValue(text: string): string | number | boolean | null | undefined {
  if (text !== '' && !MAYBE_NOT_TEXT.test(text)) return text;
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  if (RARE.test(text)) return undefined;
  if (DECIMAL.test(text)) return Number.parseInt(text, 10);
  return FLOAT.test(text) ? Number.parseFloat(text) : text;
}
