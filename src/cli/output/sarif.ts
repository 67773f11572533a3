// SARIF 2.1.0 for code-scanning views: findings, diagnostics and failed expectations with stable fingerprints.
// Source: OASIS SARIF 2.1.0; GitHub shows 5,000 results of a run and tracks them by partialFingerprints.
import { DIAGNOSTIC_CODES } from '../../scenarios/diagnostics.ts';
import { type Outcome, resultsOf, titleOf } from '../outcome.ts';
import { clean } from './layout.ts';
import type { ReporterDefinition } from './reporter.ts';

const MOST_RESULTS = 5000;
export const EXPECTATION_RULE = 'expectation';

export const sarif: ReporterDefinition = {
  name: 'sarif',
  summary: 'SARIF 2.1.0',
  create: ({ version }) => ({
    end(outcomes) {
      const problems = unique(outcomes.flatMap(problemsOf)).sort((a, b) => RANK[a.level] - RANK[b.level]);
      const shown = problems.slice(0, MOST_RESULTS);
      const rules = [...new Set(shown.map(({ rule }) => rule))].sort();
      const log = {
        $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
        version: '2.1.0',
        runs: [
          {
            tool: {
              driver: {
                name: 'foresail',
                version,
                semanticVersion: version,
                rules: rules.map((id) => ({ id, shortDescription: { text: describe(id) } })),
              },
            },
            columnKind: 'utf16CodeUnits',
            results: shown.map((problem) => ({
              ruleId: problem.rule,
              ruleIndex: rules.indexOf(problem.rule),
              level: problem.level,
              message: { text: clean(problem.text) },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: uriOf(problem.file) },
                    ...(problem.line > 0
                      ? { region: { startLine: problem.line, startColumn: Math.max(1, problem.col) } }
                      : {}),
                  },
                },
              ],
              partialFingerprints: { 'foresail/v1': problem.fingerprint },
            })),
          },
        ],
      };
      return `${JSON.stringify(log, null, 2)}\n`;
    },
  }),
};

interface Problem {
  rule: string;
  level: 'error' | 'warning' | 'note';
  text: string;
  file: string;
  line: number;
  col: number;
  /** From the rule and what it is about, never from the line: a result stays the same when lines move. */
  fingerprint: string;
}
const RANK = { error: 0, warning: 1, note: 2 };

function problemsOf(outcome: Outcome): Problem[] {
  return [
    ...outcome.diagnostics.map((d) => ({
      rule: d.code,
      level: d.severity,
      text: d.message,
      file: d.file,
      line: d.line,
      col: d.col,
      fingerprint: `${d.code}|${d.file}|${d.message}`,
    })),
    ...resultsOf(outcome).flatMap((result): Problem[] => [
      ...result.findings.map(
        (f): Problem => ({
          rule: f.rule,
          level: f.severity === 'info' ? 'note' : f.severity,
          text: f.hint ? `${f.message} ${f.hint}` : f.message,
          file: f.file,
          line: f.line,
          col: f.col,
          fingerprint: `${f.rule}|${f.file}|${f.message}`,
        }),
      ),
      ...result.expectations
        .filter(({ ok }) => !ok)
        .map(
          (e): Problem => ({
            rule: EXPECTATION_RULE,
            level: 'error',
            text: `${titleOf(result)}: ${e.name}: expected ${e.expected}, got ${e.got}`,
            file: e.file,
            line: e.line,
            col: 1,
            fingerprint: `${EXPECTATION_RULE}|${titleOf(result)}|${e.name}`,
          }),
        ),
    ]),
  ];
}

function unique(problems: Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.fingerprint, problem])).values()];
}

function describe(rule: string): string {
  if (rule === EXPECTATION_RULE) return 'An expectation of a scenario failed.';
  return (DIAGNOSTIC_CODES as Record<string, string>)[rule] ?? `foresail rule ${rule}`;
}

/** A relative URI reference with forward slashes, as SARIF wants artifacts. */
function uriOf(file: string): string {
  const wellFormed = file.replace(/\p{Surrogate}/gu, '\ufffd').replaceAll('\\', '/');
  return wellFormed.split('/').map(encodeURIComponent).join('/');
}
