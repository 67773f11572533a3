// A regular expression in an object: its length and its syntax. Source: istio/istio pkg/config/validation/validation.go validateStringRegexp (1.31).
import { re2Error } from './re2.ts';
import type { Path, Report } from './report.ts';

/** Envoy takes longer ones, Istio does not. */
const MAX_REGEX = 1024;

export function checkRegex(regex: string, path: Path, report: Report): void {
  if (regex.length > MAX_REGEX)
    return report.error(path, `a regular expression can have at most ${MAX_REGEX} characters`);
  const problem = re2Error(regex);
  if (problem !== undefined)
    report.error(path, `no RE2 expression: ${problem}`, 'RE2 knows neither look-ahead nor back-references');
}
