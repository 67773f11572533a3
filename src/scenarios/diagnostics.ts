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
  FS1008: 'The file is not UTF-8 text.',
  FS1009: 'A path or glob of `manifests` matches no file.',
  FS1010: 'The text is not valid JSON.',
  FS2001: 'A value is of the wrong kind.',
  FS2002: 'A key that is needed is missing.',
  FS2003: 'A value is out of range or none of those that are known.',
  FS2004: 'A field is not known.',
  FS2005: 'A duration cannot be read.',
  FS2006: 'A size, rate, share or CIDR block cannot be read.',
  FS2007: 'Keys exclude each other, or one needs another.',
  FS2008: 'The scenario file is of a version that is not read.',
  FS2009: 'The istioVersion is no Istio version.',
  FS2010:
    'A document is no Kubernetes object: apiVersion, kind or metadata.name is missing or of the wrong kind.',
  FS2011: 'A name is none that Kubernetes takes.',
  FS2012: 'A field of a Service or workload is misspelt; Kubernetes would drop it.',
  FS2013: 'A label or annotation is not text; Kubernetes refuses the object.',
  FS2014: 'The document is no config dump of an Envoy, or no answer of its /clusters.',
  FS2020: 'Istio refuses the object.',
  FS2021: 'Istio takes the object with a warning.',
  FS2022: 'The text of MeshConfig cannot be read.',
  FS2023: 'Kubernetes refuses the object.',
  FS2024: 'Kubernetes takes the object, but not as it seems.',
  FS2030: 'A --set option cannot be followed.',
  FS3001: 'Files extend each other in a circle.',
  FS3002: 'A cluster is not known.',
  FS3003: 'A workload or pod is not known.',
  FS3004: 'A gateway is not known.',
  FS3005: 'A service is not known.',
  FS3006: 'Applications call each other in a circle.',
  FS3007: 'A region or zone is not known.',
  FS3008: 'A subset is not defined by any DestinationRule of its host.',
  FS3009: 'An object stands twice.',
  FS3010: 'A load is not known.',
  FS3011: 'No pod carries this label.',
  FS3012: 'A fault comes after the last request.',
  FS3013: 'A VPC, vSwitch or security group is not known.',
  FS3014: 'A name is given twice.',
  FS3015: 'A variant is not known.',
  FS3017: 'A load has no ready pod to start from.',
  FS3016: 'The object to delete is not in the manifests.',
  FS3018: 'An object to patch is not in the manifests.',
  FS3019: 'A policy of the library is not known.',
  FS3020: 'A property has nothing to vary.',
  FS5001: 'An expected value cannot be read.',
  FS5002: 'An expectation checks nothing.',
  FS5003: 'Expected values cannot be met together.',
  FS9001: 'A bug in foresail.',
} as const;

export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

/** Makes control characters of a stranger's text visible instead of letting a terminal obey them. */
export function inert(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Characters of a line that a frame shows where nobody says how wide the terminal is. */
const MOST_SHOWN = 160;
const LEAST_SHOWN = 30;

/**
 * `file:line:col severity code message`, a code frame when the source is at hand, and the hint.
 * @param columns of the terminal: what is longer would wrap, and the marks below it point elsewhere
 */
export function renderDiagnostic(diagnostic: Diagnostic, source?: string, columns?: number): string {
  const place = diagnostic.line > 0 ? `:${diagnostic.line}:${diagnostic.col}` : '';
  const out = [
    `${inert(diagnostic.file)}${place} ${diagnostic.severity} ${diagnostic.code} ${inert(diagnostic.message)}`,
  ];
  const text = diagnostic.line > 0 ? source?.split('\n')[diagnostic.line - 1] : undefined;
  if (text !== undefined) {
    const line = text.replace(/\r$/, '').replaceAll('\t', ' ');
    // A long line is shown from a little before the place that matters.
    const number = String(diagnostic.line);
    const room = columns === undefined ? MOST_SHOWN : Math.max(LEAST_SHOWN, columns - number.length - 6);
    const from = diagnostic.col > room * 0.75 ? diagnostic.col - 1 - Math.floor(room / 4) : 0;
    const before = inert(line.slice(from, diagnostic.col - 1));
    const token = tokenAt(line, diagnostic.col - 1).slice(0, 60);
    const shown = before + inert(line.slice(diagnostic.col - 1, from + room));
    out.push(`  ${number} | ${shown}`);
    if (diagnostic.col <= line.length + 1)
      out.push(
        `  ${' '.repeat(number.length)} | ${' '.repeat(before.length)}${'^'.repeat(Math.max(1, Math.min(inert(token).length, room - before.length)))}`,
      );
  }
  if (diagnostic.hint) out.push(`  hint: ${inert(diagnostic.hint)}`);
  return out.join('\n');
}

/** The quoted or plain YAML scalar that starts at an index of a line; one character where none does. */
function tokenAt(line: string, index: number): string {
  const match = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:(?!:(?:\s|$))[^\s,{}[\]"'])+)/.exec(
    line.slice(index, index + 2000),
  );
  return match?.[0] ?? line.slice(index, index + 1);
}

/** `did you mean "x"?` when a known name is near; else the known ones, if they are few. */
export function hintFor(name: string, known: Iterable<string>): string | undefined {
  const names = [...new Set(known)];
  const nearest = nearestName(name, names);
  if (nearest !== undefined) return `did you mean "${nearest}"?`;
  if (names.length === 0 || names.length > 12) return undefined;
  return `known: ${names.join(', ')}`;
}

/** A diagnostic at a place. */
export function diagnosticAt(
  code: DiagnosticCode,
  origin: { file: string; line: number; col: number },
  message: string,
  hint?: string,
  severity: Severity = 'error',
): Diagnostic {
  const { file, line, col } = origin;
  return { code, severity, message, file, line, col, ...(hint !== undefined && { hint }) };
}

/** The known name with the fewest edits, when it is near enough to be meant; for hints. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  if (name.length > 100) return undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
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
