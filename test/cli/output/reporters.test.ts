import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { SHARED_FLAGS } from '../../../src/cli/flag-table.ts';
import type { Outcome } from '../../../src/cli/outcome.ts';
import type { ReportContext } from '../../../src/cli/output/reporter.ts';
import { OUT_FORMATS, REPORTERS } from '../../../src/cli/output/reporters.ts';
import { scenarioResultSchema } from '../../../src/cli/output/result-schema.ts';
import { aFailover, anOutcome, aResult } from '../results.ts';

const HOSTILE = `x"><script>'&\u001b[2J\u0000\ud800#%0A::error::|\`a\`\n<b>`;
const appended: string[] = [];

async function report(
  name: string,
  outcomes: Outcome[],
  changes: Partial<ReportContext> = {},
): Promise<string> {
  const definition = await REPORTERS[name]!();
  const reporter = definition.create({
    terminal: { columns: 80, color: false, unicode: true },
    verbosity: 0,
    strict: false,
    hasMany: outcomes.length > 1,
    version: '0.1.0',
    env: {},
    appendFile: (file, text) => void appended.push(file, text),
    ...changes,
  });
  const first = outcomes.map((outcome) => reporter.outcome?.(outcome) ?? '').join('');
  return first + (reporter.end?.(outcomes) ?? '');
}

describe('--help', () => {
  const summaryOf = (flag: string) => SHARED_FLAGS.find(({ flags }) => flags.includes(flag))!.summary;

  it('names every reporter and every extension', () => {
    expect(
      summaryOf('--reporter')
        .replace(/^.*?: /, '')
        .split(', '),
    ).toEqual(Object.keys(REPORTERS));
    const told = summaryOf('--out').match(/\.[a-z]+/g);
    expect(told?.sort()).toEqual(
      Object.keys(OUT_FORMATS)
        .filter((ending) => ending !== '.htm')
        .sort(),
    );
  });
});

const broken: Outcome = {
  file: 'broken.yaml',
  result: null,
  diagnostics: [
    { code: 'FS1001', severity: 'error', message: `bad ${HOSTILE}`, file: 'broken.yaml', line: 3, col: 7 },
  ],
  lines: {},
};

function hostile(): Outcome {
  const result = aFailover();
  result.scenario.name = HOSTILE;
  for (const entry of result.expectations)
    Object.assign(entry, { name: HOSTILE, got: HOSTILE, file: HOSTILE });
  for (const entry of result.findings) Object.assign(entry, { message: HOSTILE, file: HOSTILE });
  return anOutcome(result);
}

describe('every reporter', () => {
  it('is listed under its own name, and every format of --out has one', async () => {
    for (const [name, load] of Object.entries(REPORTERS)) expect((await load()).name).toBe(name);
    for (const name of Object.values(OUT_FORMATS)) expect(Object.keys(REPORTERS)).toContain(name);
  });

  it('survives hostile names and scenarios that cannot run', async () => {
    for (const name of Object.keys(REPORTERS)) {
      const text = await report(name, [hostile(), broken, anOutcome(aResult())]);
      expect(text, name).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
    }
  });
});

describe('json', () => {
  it('is the result itself for one file, an array for several', async () => {
    const one = JSON.parse(await report('json', [anOutcome(aFailover())]));
    expect(one).toEqual(aFailover());
    const several = JSON.parse(await report('json', [anOutcome(aResult()), broken]));
    expect(several[0]).toEqual(aResult());
    expect(several[1]).toMatchObject({ ok: false, exitCode: 1, scenario: { file: 'broken.yaml' } });
    expect(several[1].diagnostics[0].code).toBe('FS1001');
  });

  it('has a schema that the results keep', () => {
    for (const result of [aResult(), aFailover()]) expect(scenarioResultSchema.parse(result)).toEqual(result);
  });
});

describe('junit', () => {
  it('is well-formed XML with the counts of its cases', async () => {
    const text = await report('junit', [hostile(), broken]);
    const tags = [...text.matchAll(/<(\/?)([a-z]+)((?:\s[a-z]+="[^"<]*")*)\s*(\/?)>/g)];
    const open: string[] = [];
    for (const [, close, tag, , selfClosed] of tags) {
      if (close) expect(open.pop()).toBe(tag);
      else if (!selfClosed) open.push(tag!);
    }
    expect(open).toEqual([]);
    const rest = text
      .replace(/<\?xml[^>]*>/, '')
      .replace(/<(\/?)([a-z]+)((?:\s[a-z]+="[^"<]*")*)\s*(\/?)>/g, '');
    expect(rest).not.toMatch(/[<>]/);
    expect(text).toContain('<testsuites name="foresail" tests="4" failures="1" errors="1">');
    expect(text.match(/<failure /g)).toHaveLength(1);
  });
});

describe('tap', () => {
  it('plans as many points as it writes, and gives the reason of a failure as YAML', async () => {
    const text = await report('tap', [hostile(), broken, anOutcome(aFailover())]);
    const lines = text.split('\n');
    expect(lines[0]).toBe('TAP version 14');
    const points = lines.filter((line) => /^(not )?ok \d+ - /.test(line));
    expect(lines[1]).toBe(`1..${points.length}`);
    expect(points.every((line) => !/[^\\]#/.test(line))).toBe(true);
    const block = /not ok 5[^\n]*\n {2}---\n([\s\S]*?) {2}\.\.\./.exec(text)![1]!;
    expect(parseDocument(block).toJS()).toEqual({
      expected: 'errorRate 0',
      got: 'errorRate 20 %',
      at: 'examples/two-regions/failover.yaml:36',
    });
  });
});

describe('github', () => {
  it('annotates failures and findings at their line and never lets a name start a command', async () => {
    const text = await report('github', [anOutcome(aFailover()), hostile()]);
    expect(text.split('\n')[0]).toBe(
      '::error file=examples/two-regions/failover.yaml,line=36,title=failover%3A expectation failed::during after, errorRate 0: expected errorRate 0, got errorRate 20 %25',
    );
    expect(
      text
        .split('\n')
        .filter(Boolean)
        .every((line) => /^::(error|warning|notice) file=/.test(line)),
    ).toBe(true);
    expect(text).toContain(
      '::error file=examples/two-regions/mesh/reviews-failover.yaml,line=9,col=5,title=OD001::',
    );
  });

  it('adds a table without HTML to the summary of the job', async () => {
    appended.length = 0;
    await report('github', [hostile(), broken], { env: { GITHUB_STEP_SUMMARY: '/summary.md' } });
    expect(appended[0]).toBe('/summary.md');
    expect(appended[1]).not.toContain('<');
    const rows = appended[1]!.split('\n').filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(5);
    expect(rows.every((row) => row.replaceAll('\\|', '').split('|').length === 5)).toBe(true);
  });
});

describe('sarif', () => {
  it('is a 2.1.0 log whose results point at rules and at relative places', async () => {
    const log = JSON.parse(await report('sarif', [anOutcome(aFailover()), broken, hostile()]));
    expect(log.version).toBe('2.1.0');
    const [run] = log.runs;
    expect(run.tool.driver.name).toBe('foresail');
    expect(run.results).toHaveLength(5);
    for (const result of run.results) {
      expect(run.tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      const { artifactLocation, region } = result.locations[0].physicalLocation;
      expect(artifactLocation.uri).toMatch(/^[\w%./!'()*~-]+$/);
      expect(region.startLine).toBeGreaterThan(0);
      expect(result.partialFingerprints['foresail/v1']).toBeTruthy();
    }
  });

  it('keeps a fingerprint when lines move', async () => {
    const prints = async (line: number) => {
      const result = aFailover();
      for (const entry of [...result.expectations, ...result.findings]) entry.line = line;
      const log = JSON.parse(await report('sarif', [anOutcome(result)]));
      return log.runs[0].results.map((r: { partialFingerprints: object }) => r.partialFingerprints);
    };
    expect(await prints(4)).toEqual(await prints(400));
  });
});

describe('lines', () => {
  it('writes one line per scenario, failures below it, and a summary', async () => {
    const text = await report('lines', [
      anOutcome(aResult()),
      anOutcome(aFailover()),
      { ...broken, diagnostics: [] },
    ]);
    expect(text).toMatchInlineSnapshot(`
      "✓ examples/two-regions/distribute.yaml              1 of 1 met
      ✗ examples/two-regions/failover.yaml                2 of 3 met, 1 variant
        failover
      ✗ during after, errorRate 0
        expected  errorRate 0
        got       errorRate 20 %
        at        examples/two-regions/failover.yaml:36
      ✗ broken.yaml                                       cannot run

      3 scenarios, 1 passed, 1 failed, 1 cannot run, 3 of 4 expectations met
      "
    `);
  });
});
