import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runProgram } from '../../../src/cli/program.ts';
import { parseShard, shardOf } from '../../../src/cli/shard.ts';
import { anIo } from '../io.ts';

const schemaFile = new URL('../../fixtures/schemas/sarif-2.1.0-rtm.5.json', import.meta.url);
// zod takes a uri-reference for a whole URL, so that one format is looked at here.
const schema = JSON.parse(readFileSync(schemaFile, 'utf8'), (key, value) =>
  key === 'format' && value === 'uri-reference' ? undefined : value,
);
const sarif = z.fromJSONSchema(schema, { defaultTarget: 'draft-4' });

/** Five scenarios of which b and d fail, and e cannot run. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'foresail-test-'));
  const base = `${process.cwd()}/examples/two-regions/distribute.yaml`;
  const text = (name: string, expected: string) =>
    `version: 1\nextends: ${base}\nname: ${name}\nvariants: []\nexpect: [{ errorRate: ${expected} }]\n`;
  for (const name of ['a', 'c']) writeFileSync(join(path, `${name}.yaml`), text(name, '0'));
  for (const name of ['b', 'd']) writeFileSync(join(path, `${name}.yaml`), text(name, '50%'));
  writeFileSync(join(path, 'e.yaml'), 'version: 1\nload: 3\n');
  return path;
}

async function test(...args: string[]) {
  const io = anIo();
  const code = await runProgram(['test', ...args], io, '0.1.0');
  const ran = [...io.stdout.matchAll(/^[✓✗] \S*([a-i])\.yaml /gm)].map(([, name]) => name);
  return { code, ran: ran.join(''), out: io.stdout, err: io.stderr };
}

describe('--shard', () => {
  it('gives every file to exactly one shard, whatever the order in which files were found', () => {
    const files = Array.from({ length: 23 }, (_, i) => `scenario-${String((i * 7) % 23).padStart(2, '0')}`);
    for (const count of [1, 2, 3, 5, 23, 40]) {
      const shards = Array.from({ length: count }, (_, i) => shardOf(files, { index: i + 1, count }));
      expect(shards.flat().sort()).toEqual([...files].sort());
      const sizes = shards.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(shards).toEqual(shards.map((_, i) => shardOf([...files].reverse(), { index: i + 1, count })));
    }
  });

  it.each(['0/2', '3/2', '1', '1/0', 'a/b', '-1/2', '1/2/3', ''])('refuses %j', async (text) => {
    expect(() => parseShard(text)).toThrow(/i\/n is needed/);
    const { code, out, err } = await test(`--shard=${text}`, 'examples/two-regions');
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('i/n is needed');
  });

  it('runs its part alone; the exit code is that of its part', async () => {
    const path = folder();
    const shards = await Promise.all([1, 2, 3].map((i) => test(path, '--shard', `${i}/3`)));
    expect(shards.map(({ ran }) => ran)).toEqual(['ad', 'be', 'c']);
    expect(shards.map(({ code }) => code)).toEqual([99, 1, 0]);
  });

  it('is content and says so when nothing is left for it, and stays a list in JSON', async () => {
    const path = folder();
    const empty = await test(path, '--shard', '6/6');
    expect([empty.code, empty.ran]).toEqual([0, '']);
    expect(empty.out).toContain('0 scenarios');
    expect(empty.err).toBe('foresail: shard 6/6 of 5 scenario(s) is empty\n');
    const json = await test(path, '--shard', '3/3', '--json');
    expect(JSON.parse(json.out)).toMatchObject([{ scenario: { name: 'c' } }]);
    expect(JSON.parse((await test(path, '--shard', '6/6', '--json')).out)).toEqual([]);
  });

  it('does not go together with --only, whose names other shards may hold', async () => {
    const { code, err } = await test(folder(), '--shard', '1/2', '--only', 'a');
    expect(code).toBe(1);
    expect(err).toContain('do not go together');
  });
});

describe('--bail', () => {
  it('ends with the first that fails, or with the n-th, and says how many ran', async () => {
    const path = folder();
    const first = await test('--bail', path);
    expect([first.code, first.ran]).toEqual([99, 'ab']);
    expect(first.err).toBe('foresail: ended by --bail after 1 failed scenario(s); 2 of 5 ran\n');
    const second = await test('--bail', '2', path);
    expect([second.code, second.ran]).toEqual([99, 'abcd']);
    const beyond = await test(path, '--bail=9');
    expect([beyond.code, beyond.ran]).toEqual([1, 'abcde']);
    expect(beyond.err).not.toContain('--bail');
  });

  it('counts what --strict refuses as failed', async () => {
    const path = mkdtempSync(join(tmpdir(), 'foresail-test-'));
    const base = `${process.cwd()}/examples/two-regions/failover.yaml`;
    const refused = 'faults: [{ at: 15s, refuse: { workload: reviews-v1 } }]\nexpect: [{ ejections: 0 }]\n';
    for (const name of ['a', 'b'])
      writeFileSync(
        join(path, `${name}.yaml`),
        `version: 1\nextends: ${base}\nname: ${name}\nvariants: []\n${refused}`,
      );
    const { code, ran } = await test('--bail', '--strict', path);
    expect([code, ran]).toEqual([3, 'a']);
    expect((await test('--bail', path)).ran).toBe('ab');
  });

  it('still writes all reports, of what ran', async () => {
    const path = folder();
    const { out } = await test(path, '--bail', '--reporter', 'tap');
    expect(out.split('\n')[1]).toBe('1..2');
  });

  it('refuses a number that is none', async () => {
    const { code, err } = await test('--bail=0', folder());
    expect(code).toBe(1);
    expect(err).toContain('A whole number');
  });
});

describe('reports of many scenarios', () => {
  it('writes lines, TAP, JUnit, SARIF and annotations in one go, which agree', async () => {
    const path = folder();
    const to = (name: string) => join(path, 'reports', name);
    const reporters = `lines,tap=${to('t.tap')},junit=${to('j.xml')},sarif=${to('s.sarif')},github=${to('g.txt')}`;
    const { code, ran } = await test(path, '--reporter', reporters);
    expect([code, ran]).toEqual([1, 'abcde']);
    const read = (name: string) => readFileSync(to(name), 'utf8');
    expect(read('t.tap').match(/^not ok/gm)).toHaveLength(3);
    expect(read('j.xml')).toMatch(/<testsuites name="foresail" tests="5" failures="2" errors="1"/);
    const log = JSON.parse(read('s.sarif'));
    const errors = log.runs[0].results.filter(({ level }: { level: string }) => level === 'error');
    expect(errors.filter(({ ruleId }: { ruleId: string }) => ruleId === 'expectation')).toHaveLength(2);
    expect(errors.some(({ ruleId }: { ruleId: string }) => ruleId.startsWith('FS'))).toBe(true);
    expect(read('g.txt').match(/^::error /gm)).toHaveLength(errors.length);
  });

  it('writes JUnit with the elements and attributes that every reader knows, and places in the text', async () => {
    const { out } = await test(folder(), 'examples/two-regions', '--reporter', 'junit');
    const tags = [...out.matchAll(/<([a-z]+)((?: [a-z]+="[^"]*")*)\/?>/g)];
    const seen = new Map<string, Set<string>>();
    for (const [, tag, attributes] of tags) {
      const names = [...attributes!.matchAll(/ ([a-z]+)="[^"]*"/g)].map(([, name]) => name!);
      expect(new Set(names).size).toBe(names.length);
      seen.set(tag!, new Set([...(seen.get(tag!) ?? []), ...names]));
    }
    const sorted = [...seen].map(([tag, names]) => [tag, [...names].sort().join(' ')]);
    expect(Object.fromEntries(sorted)).toEqual({
      testsuites: 'errors failures name tests',
      testsuite: 'errors failures file name skipped tests',
      testcase: 'classname name time',
      failure: 'message type',
      error: 'message type',
    });
    expect(out).toMatch(/<failure type="expectation" message="[^"]*">[^<]*b\.yaml:\d+<\/failure>/);
  });

  it('writes SARIF that keeps the OASIS schema, which the schema itself can refuse', async () => {
    const path = folder();
    const { out } = await test(path, 'examples/two-regions', '--reporter', 'sarif');
    const log = JSON.parse(out);
    expect(sarif.safeParse(log).error?.issues ?? []).toEqual([]);
    expect(log.runs[0].results.length).toBeGreaterThan(3);
    for (const { locations } of log.runs[0].results) {
      const { uri } = locations[0].physicalLocation.artifactLocation;
      expect(uri).toMatch(/^[\w./%~-]+$/);
    }
    expect(sarif.safeParse({ ...log, version: '2.0.0' }).success).toBe(false);
    const [run] = log.runs;
    const broken = { ...log, runs: [{ ...run, results: [{ ...run.results[0], level: 'fatal' }] }] };
    expect(sarif.safeParse(broken).success).toBe(false);
  });
});

describe('--jobs', () => {
  /** Nine scenarios, of which the fourth is long and the sixth fails. */
  function many(): string {
    const path = mkdtempSync(join(tmpdir(), 'foresail-jobs-'));
    const base = `${process.cwd()}/examples/two-regions/distribute.yaml`;
    for (const [i, name] of [...'abcdefghi'].entries())
      writeFileSync(
        join(path, `${name}.yaml`),
        `version: 1\nextends: ${base}\nname: ${name}\nvariants: []\nruns: ${i === 3 ? 200 : 2}\nexpect: [{ errorRate: ${i === 5 ? '50%' : '0'} }]\n`,
      );
    return path;
  }

  it('tells the same in the same order, whoever simulates', async () => {
    const path = many();
    for (const [more, ran] of [
      [[], 'abcdefghi'],
      [['--bail'], 'abcdef'],
      [['--only', 'd', '--only', 'h'], 'dh'],
    ] as const) {
      const [one, two] = [await test(path, '--jobs', '1', ...more), await test(path, '--jobs', '2', ...more)];
      expect(two).toEqual(one);
      expect(two.ran).toBe(ran);
    }
  }, 180_000);
});

it('is green for the examples of what Istio refuses', async () => {
  const { code, out, err } = await test(
    'examples/library/P31-failover-to-zone-invalid',
    'examples/library/P51-distribute-and-failover-rejected',
  );
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/refused\.yaml +1 of 1 met/);
  expect(out).toContain('4 scenarios, 4 passed, 0 failed');
});
