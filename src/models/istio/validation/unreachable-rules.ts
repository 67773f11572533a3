// Rules and matches that earlier ones leave nothing for: warnings.
// Source: istio/istio pkg/config/validation/validation.go analyzeUnreachableHTTPRules, coveredValidation (1.31).
import { blockOf, isRecord, listOf, numberOf, type Spec, textOf } from './common.ts';
import type { Path, Report } from './report.ts';

export function warnOfUnreachable(
  rules: readonly unknown[],
  path: Path,
  isHttp: boolean,
  report: Report,
): void {
  const seen = new Map<string, number>();
  let catchAll: number | undefined;
  const prefixes: PrefixMatch[] = [];
  for (const [index, rule] of rules.entries()) {
    if (!isRecord(rule)) continue;
    const here = [...path, index];
    const matches = listOf(rule, 'match');
    if (matches.length === 0) {
      if (catchAll !== undefined) report.warning(here, `never used: rule ${catchAll} takes everything`);
      catchAll = index;
      continue;
    }
    if (catchAll !== undefined) {
      report.warning(
        here,
        `never used: rule ${catchAll} takes everything`,
        'move the rule without match to the end',
      );
      continue;
    }
    let repeated = 0;
    for (const [matchIndex, match] of matches.entries()) {
      const key = canonical(match);
      const before = seen.get(key);
      if (before !== undefined) {
        report.warning([...here, 'match', matchIndex], `never used: rule ${before} has the same match`);
        repeated++;
        continue;
      }
      seen.set(key, index);
      const prefix =
        isHttp && isRecord(match) ? prefixMatch(match, [...here, 'match', matchIndex], index) : undefined;
      if (prefix) prefixes.push(prefix);
    }
    if (repeated === matches.length) report.warning(here, 'never used: earlier rules have all its matches');
  }
  for (const [index, wide] of prefixes.entries()) {
    for (const narrow of prefixes.slice(index + 1))
      if (narrow.prefix !== wide.prefix && covers(wide, narrow))
        report.warning(
          narrow.path,
          `never used: prefix ${wide.prefix} of rule ${wide.rule} takes ${narrow.prefix} as well`,
          'put the longer prefix first',
        );
  }
}

/** A match without its name, keys in order. */
function canonical(value: unknown): string {
  const sorted = (entry: unknown, isTop: boolean): unknown => {
    if (Array.isArray(entry)) return entry.map((item) => sorted(item, false));
    if (!isRecord(entry)) return entry;
    return Object.fromEntries(
      Object.keys(entry)
        .filter((key) => !(isTop && key === 'name'))
        .sort()
        .map((key) => [key, sorted(entry[key], false)]),
    );
  };
  return JSON.stringify(sorted(value, true));
}

interface PrefixMatch {
  path: Path;
  rule: number;
  prefix: string;
  port: number;
  method: string;
  authority: string;
  headers: Map<string, string>;
  queryParams: Map<string, string>;
  withoutHeaders: Map<string, string>;
}

function prefixMatch(match: Spec, path: Path, rule: number): PrefixMatch | undefined {
  const prefix = textOf(blockOf(match, 'uri'), 'prefix');
  if (prefix === '') return undefined;
  return {
    path,
    rule,
    prefix,
    port: numberOf(match, 'port'),
    // Without a method Istio compares as if it were GET.
    method: textKey(blockOf(match, 'method')) || 'exact:GET',
    authority: textKey(blockOf(match, 'authority')),
    headers: textKeys(match, 'headers'),
    queryParams: textKeys(match, 'queryParams'),
    withoutHeaders: textKeys(match, 'withoutHeaders'),
  };
}

function textKey(match: Spec | undefined): string {
  const exact = textOf(match, 'exact');
  const prefix = textOf(match, 'prefix');
  return exact ? `exact:${exact}` : prefix ? `prefix:${prefix}` : '';
}

const textKeys = (match: Spec, field: string): Map<string, string> =>
  new Map(
    Object.entries(blockOf(match, field) ?? {}).map(([key, value]) => [
      key,
      textKey(isRecord(value) ? value : undefined),
    ]),
  );

function covers(wide: PrefixMatch, narrow: PrefixMatch): boolean {
  return (
    narrow.prefix.startsWith(wide.prefix) &&
    wide.port === narrow.port &&
    wide.method.startsWith(narrow.method) &&
    wide.authority.startsWith(narrow.authority) &&
    coversAll(wide.headers, narrow.headers) &&
    coversAll(wide.queryParams, narrow.queryParams) &&
    coversAll(wide.withoutHeaders, narrow.withoutHeaders)
  );
}

function coversAll(wide: ReadonlyMap<string, string>, narrow: ReadonlyMap<string, string>): boolean {
  if (wide.size !== narrow.size) return false;
  for (const [key, value] of wide) {
    const other = narrow.get(key);
    if (other === undefined || !value.startsWith(other)) return false;
  }
  return true;
}
