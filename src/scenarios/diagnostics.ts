// Mistakes of the user, as values: code, place, words and a hint; and how they are printed. Bugs of ours throw instead.

export type Severity = 'error' | 'warning';

export interface Diagnostic {
  code: DiagnosticCode;
  severity: Severity;
  message: string;
  file: string;
  /** From 1; 0 = the file as a whole. */
  line: number;
  col: number;
  hint?: string;
}

/** The table of codes. Numbers are never reused. */
export const DIAGNOSTIC_CODES = {
  FS1001: 'The text is not valid YAML.',
  FS1002: 'A key stands twice in one mapping.',
  FS1003: 'The file is larger than is read.',
  FS1004: 'Too many aliases: the document would unfold to an enormous one.',
  FS1005: 'The document is nested too deep.',
  FS1006: 'The file holds no document.',
  FS1007: 'The file cannot be read.',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

/** Makes control characters of a stranger's text visible instead of letting a terminal obey them. */
export function inert(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** `file:line:col severity code message`, a code frame when the source is at hand, and the hint. */
export function renderDiagnostic(diagnostic: Diagnostic, source?: string): string {
  const place = diagnostic.line > 0 ? `:${diagnostic.line}:${diagnostic.col}` : '';
  const out = [
    `${inert(diagnostic.file)}${place} ${diagnostic.severity} ${diagnostic.code} ${inert(diagnostic.message)}`,
  ];
  const text = diagnostic.line > 0 ? source?.split('\n')[diagnostic.line - 1] : undefined;
  if (text !== undefined) {
    const shown = inert(text.replace(/\r$/, '').replaceAll('\t', ' ')).slice(0, 160);
    const number = String(diagnostic.line);
    out.push(`  ${number} | ${shown}`);
    if (diagnostic.col <= shown.length + 1)
      out.push(`  ${' '.repeat(number.length)} | ${' '.repeat(diagnostic.col - 1)}^`);
  }
  if (diagnostic.hint) out.push(`  hint: ${inert(diagnostic.hint)}`);
  return out.join('\n');
}

/** The known name with the fewest edits, when it is near enough to be meant; for hints. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours count one each. */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, rows[i - 1]![j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = least;
    }
  }
  return rows[a.length]![b.length]!;
}
