// `# foresail-ignore OD001` on the line of a finding, or on the line above it, silences it; several ids, or none = all.
import { getOrCreate } from '../../models/istio/get-or-create.ts';
import type { Finding } from '../result.ts';

const COMMENT = /#\s*foresail-ignore\b:?\s*([A-Z0-9, ]*)/;

/** Answers for any number of findings; each file is cut into lines once. */
export function ignoring(
  sources: ReadonlyMap<string, string>,
): (finding: Pick<Finding, 'rule' | 'file' | 'line'>) => boolean {
  const cut = new Map<string, string[]>();
  return (finding) => {
    const text = finding.line > 0 ? sources.get(finding.file) : undefined;
    if (text === undefined) return false;
    return isIgnored(
      finding,
      getOrCreate(cut, finding.file, () => text.split('\n')),
    );
  };
}

function isIgnored(finding: Pick<Finding, 'rule' | 'line'>, lines: readonly string[]): boolean {
  const above = lines[finding.line - 2];
  // The line above counts only when the comment stands alone there: else it is about that line.
  const comments = [lines[finding.line - 1], above?.trimStart().startsWith('#') ? above : undefined];
  return comments.some((line) => {
    const match = line === undefined ? null : COMMENT.exec(line);
    if (!match) return false;
    const ids = match[1]!.split(/[, ]+/).filter(Boolean);
    return ids.length === 0 || ids.includes(finding.rule);
  });
}
