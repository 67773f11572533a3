// JUnit XML as CI systems read it: a suite per scenario and variant, a case per expectation. Only what the strictest reader accepts
// (junit-10.xsd of Jenkins' xUnit plugin: a case has neither file nor line; the text of a failure says where it is expected).
import { type Outcome, resultsOf, titleOf } from '../outcome.ts';
import type { ReporterDefinition } from './reporter.ts';

export const junit: ReporterDefinition = {
  name: 'junit',
  summary: 'JUnit XML',
  create: () => ({
    end(outcomes) {
      const suites = outcomes.flatMap(suitesOf);
      const total = (key: 'tests' | 'failures' | 'errors') =>
        suites.reduce((sum, suite) => sum + suite[key], 0);
      return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name="foresail" tests="${total('tests')}" failures="${total('failures')}" errors="${total('errors')}">`,
        ...suites.map(
          (suite) =>
            `  <testsuite name="${xml(suite.name)}" file="${xml(suite.file)}" tests="${suite.tests}" failures="${suite.failures}" errors="${suite.errors}" skipped="0">\n${suite.cases.join('\n')}\n  </testsuite>`,
        ),
        '</testsuites>',
        '',
      ].join('\n');
    },
  }),
};

interface Suite {
  name: string;
  file: string;
  tests: number;
  failures: number;
  errors: number;
  cases: string[];
}

function suitesOf(outcome: Outcome): Suite[] {
  if (outcome.result === null) {
    const text = outcome.diagnostics
      .map((d) => `${d.file}:${d.line}:${d.col} ${d.code} ${d.message}`)
      .join('\n');
    const body = `<error type="cannot run" message="${xml(outcome.diagnostics[0]?.message ?? 'cannot run')}">${xml(text)}</error>`;
    return [
      {
        name: outcome.file,
        file: outcome.file,
        tests: 1,
        failures: 0,
        errors: 1,
        cases: [testCase(outcome.file, 'runs', body)],
      },
    ];
  }
  return resultsOf(outcome).map((result) => {
    const title = titleOf(result);
    const cases = result.expectations.map(({ name, ok, expected, got, file, line }) =>
      testCase(
        title,
        name,
        ok
          ? ''
          : `<failure type="expectation" message="${xml(`expected ${expected}, got ${got}`)}">${xml(`${file}:${line}`)}</failure>`,
      ),
    );
    if (cases.length === 0) cases.push(testCase(title, 'runs', ''));
    const failures = result.expectations.filter(({ ok }) => !ok).length;
    return { name: title, file: outcome.file, tests: cases.length, failures, errors: 0, cases };
  });
}

function testCase(suite: string, name: string, body: string): string {
  const open = `    <testcase classname="${xml(suite)}" name="${xml(name)}" time="0"`;
  return body ? `${open}>${body}</testcase>` : `${open}/>`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** XML 1.0 has no way to write most control characters and lone surrogates: they become U+FFFD. */
function xml(text: string): string {
  return text
    .replace(/[&<>"']/g, (char) => ENTITIES[char]!)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|\p{Surrogate}/gu, '\ufffd')
    .replace(/[\t\n\r]/g, (char) => `&#${char.charCodeAt(0)};`);
}
