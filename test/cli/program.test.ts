import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/registry.ts';
import { SHARED_FLAGS } from '../../src/cli/flag-table.ts';
import type { Io } from '../../src/cli/io.ts';
import { runProgram } from '../../src/cli/program.ts';
import { anIo } from './io.ts';

const DISTRIBUTE = 'examples/two-regions/distribute.yaml';
const FAILOVER = 'examples/two-regions/failover.yaml';

async function foresail(args: string[], changes: Partial<Io> = {}) {
  const io = anIo(changes);
  const code = await runProgram(args, io, '0.1.0');
  return { code, out: io.stdout, err: io.stderr };
}

function scratch(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'foresail-')), name);
  writeFileSync(file, text);
  return file;
}

describe('arguments', () => {
  it('lists every command and every exit code with --help, and the shared flags with help run', async () => {
    const { code, out } = await foresail(['--help']);
    expect(code).toBe(0);
    for (const { name, summary } of COMMANDS)
      expect(out).toMatch(new RegExp(`${name} .*${summary.slice(0, 12)}`));
    for (const exit of [0, 1, 2, 3, 70, 98, 99, 130]) expect(out).toMatch(new RegExp(`^ +${exit} `, 'm'));
    const help = await foresail(['help', 'run']);
    expect(help.code).toBe(0);
    for (const { flags } of SHARED_FLAGS) expect(help.out).toContain(flags);
  });

  it('names the nearest command for a word that is none and no file either', async () => {
    const { code, out, err } = await foresail(['tset']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toBe('foresail: there is no command and no file "tset"; did you mean "test"?\n');
  });

  it('names the nearest flag for one that does not exist', async () => {
    const { code, err } = await foresail(['run', '--sed', '1']);
    expect(code).toBe(1);
    expect(err).toMatch(/unknown option '--sed'\n\(Did you mean .*--seed/);
  });

  it.each([
    [
      ['explain'],
      /missing required argument 'file'\n {2}usage: foresail explain <file>; foresail help explain tells more\n$/,
    ],
    [
      ['run', 'examples/two-regions/k8s/hangzhou/bookinfo.yaml'],
      /this is a manifest, not a scenario file[\s\S]*foresail init FOLDER/,
    ],
    [
      ['run', 'examples/envoy/dumps/productpage-v1.json'],
      /this is an Envoy's config dump[\s\S]*foresail import examples/,
    ],
    [
      ['run', 'examples/envoy/dumps/productpage-v1.clusters.json'],
      /at \/clusters[\s\S]*beside a config dump/,
    ],
    [['report', 'no-such.json'], /^foresail: no-such\.json: there is no such file or folder\n$/],
    [['report', 'package.json'], /package\.json is not a run of foresail: foresail run SCENARIO --out/],
    [['rules', 'XX1'], /foresail rules lists them/],
    [['init', 'docs'], /foresail init FOLDER takes the folder of your manifests/],
  ])('says what to do instead of %j', async (args, words) => {
    const { code, out, err } = await foresail(args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(words);
  });

  it('finds the command behind flags with values', async () => {
    const { code, err } = await foresail(['--seed', '7', 'test', 'no-such-folder/']);
    expect(code).toBe(1);
    expect(err).toContain('no-such-folder/: there is no such file or folder');
  });

  it.each([
    [['--runs', '0', DISTRIBUTE], 'A whole number'],
    [['--runs', 'many', DISTRIBUTE], 'A whole number'],
    [['--set', 'nothing', DISTRIBUTE], 'path=value'],
    [['--reporter', 'jnuit', DISTRIBUTE], 'did you mean "junit"?'],
    [['--reporter', 'json,junit', DISTRIBUTE], 'cannot share standard output'],
    [['--out', 'run.docx', DISTRIBUTE], 'the extension is none of'],
    [['-f', 'no-such-file.yaml', DISTRIBUTE], 'there is no such file'],
    [['run', 'examples/'], 'foresail test examples/ runs the scenarios in it'],
    [['completion', 'csh'], 'completion knows bash, zsh, fish'],
    [['schema', 'results'], 'there is no schema "results"'],
  ])('refuses %j', async (args, text) => {
    const { code, out, err } = await foresail(args as string[]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(text);
  });

  it('prints completion for three shells with all commands and flags', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, out } = await foresail(['completion', shell]);
      expect(code).toBe(0);
      for (const word of ['run', 'completion', 'check-determinism', 'per-run']) expect(out).toContain(word);
    }
  });

  it('prints JSON Schemas of the scenario and of the result', async () => {
    for (const name of ['scenario', 'result']) {
      const { code, out } = await foresail(['schema', name]);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
    }
  });
});

describe('run', () => {
  it('predicts the split of the two regions, nine to one, and exits with 0', async () => {
    const { code, out, err } = await foresail([DISTRIBUTE]);
    expect(err).toBe('');
    expect(out).toMatch(/✓ distribute-90-10 +2 of 2 expectations met/);
    expect(out).toMatch(/reviews-v1 +█+. +9 +90%/);
    expect(out).toMatch(/reviews-v2 +█*. +1 +10%/);
    expect(code).toBe(0);
  });

  it('predicts the failover, ten of ten in the other region, and says why', async () => {
    const { code, out } = await foresail([FAILOVER]);
    expect(code).toBe(0);
    expect(out).toMatch(/reviews-v2 +0 +0% +█+ +10 +100%/);
    expect(out).toContain('after: only cn-shanghai/cn-shanghai-b has hosts');
    expect(out).toMatch(/15\.110s +istiod pushes endpoints of reviews/);
    expect(out.match(/^again: foresail run .*$/m)![0]).toBe(`again: foresail run ${FAILOVER} --seed 1`);
  });

  it('says how certain the split is over many runs', async () => {
    const { code, out } = await foresail([
      DISTRIBUTE,
      '--runs',
      '30',
      '--variant',
      'two-workers',
      '--json',
      '--per-run',
    ]);
    const result = JSON.parse(out);
    expect(code).toBe(result.ok ? 0 : 99);
    expect(result.scenario).toMatchObject({ runs: 30, variant: 'two-workers' });
    expect(
      result.services[0].by.workload[Object.keys(result.services[0].by.workload)[0]!].perRun,
    ).toHaveLength(30);
  });

  it('writes the same JSON for the same seed, and repeats itself with the line it gives', async () => {
    const first = await foresail([DISTRIBUTE, '--json', '--seed', 'word']);
    const { rerun } = JSON.parse(first.out);
    const again = await foresail([...rerun.split(' ').slice(1), '--json']);
    expect(again.out).toBe(first.out);
  });

  it('gives 99 when an expectation fails, with the line that asked for it', async () => {
    const { code, out } = await foresail([
      DISTRIBUTE,
      '--variant',
      'two-workers',
      '--set',
      'load[0].iterations=9',
    ]);
    expect(code).toBe(99);
    expect(out).toMatch(/at +examples\/two-regions\/distribute.yaml:\d+/);
    expect(out).toContain("--set 'load[0].iterations=9'");
  });

  it('gives 1 with a place and a hint when the scenario cannot be read', async () => {
    const file = scratch('broken.yaml', 'version: 1\nname: x\nlaod: []\n');
    const { code, out, err } = await foresail([file]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/broken\.yaml:3:1 error FS\d+ .*laod/);
    expect(err).toContain('load');
  });

  it('gives 1 for a variant that does not exist, and names the nearest', async () => {
    const { code, err } = await foresail([DISTRIBUTE, '--variant', 'two-wrokers']);
    expect(code).toBe(1);
    expect(err).toContain('did you mean "two-workers"?');
  });

  it('gives 3 with --strict for what is read but not simulated, and 0 without', async () => {
    const text = [
      'apiVersion: networking.istio.io/v1alpha3',
      'kind: EnvoyFilter',
      'metadata: { name: lua, namespace: default }',
      'spec: {}',
      '',
    ].join('\n');
    const paths = 'manifests[2].paths=[examples/two-regions/mesh/gateway.yaml, "-"]';
    const args = [DISTRIBUTE, '--set', paths, '--set', 'variants=[]', '-f', '-'];
    const loose = await foresail(args, { readStdin: () => text });
    expect([loose.code, loose.err]).toEqual([0, '']);
    expect(loose.out).toMatch(/Read, but not simulated\n +.*EnvoyFilter/);
    const strict = await foresail([...args, '--strict', '--json'], { readStdin: () => text });
    expect(strict.code).toBe(3);
    expect(strict.err).toMatch(/refused by --strict: read, but not simulated: .*EnvoyFilter/);
    expect(JSON.parse(strict.out)).toMatchObject({ ok: false, exitCode: 3 });
  });

  it('saves the result with --out beside the report on stdout', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'foresail-')), 'deep/run.json');
    const { code, out } = await foresail([DISTRIBUTE, '--out', file]);
    expect(code).toBe(0);
    expect(out).toContain('Where the requests went');
    expect(JSON.parse(readFileSync(file, 'utf8')).scenario.name).toBe('distribute-90-10');
  });

  it('writes several reports at once: JSON to stdout, JUnit to a file', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'foresail-')), 'out.xml');
    const { out } = await foresail([DISTRIBUTE, FAILOVER, '--reporter', `json,junit=${file}`]);
    expect(JSON.parse(out).map((result: { scenario: { name: string } }) => result.scenario.name)).toEqual([
      'distribute-90-10',
      'failover',
    ]);
    expect(readFileSync(file, 'utf8')).toContain('<testsuite name="failover / crash-instead"');
  });

  it('takes manifests from standard input', async () => {
    const text = [
      'apiVersion: networking.istio.io/v1',
      'kind: VirtualService',
      'metadata: { name: abort, namespace: default }',
      'spec:',
      '  hosts: [reviews]',
      '  http:',
      '    - fault: { abort: { httpStatus: 418, percentage: { value: 100 } } }',
      '      route: [{ destination: { host: reviews } }]',
      '',
    ].join('\n');
    const { out } = await foresail(
      [
        DISTRIBUTE,
        '--set',
        'manifests[2].paths=[examples/two-regions/mesh/gateway.yaml, "-"]',
        '-f',
        '-',
        '--json',
      ],
      { readStdin: () => text },
    );
    const reviews = JSON.parse(out).services.find(
      ({ service }: { service: string }) => service === 'reviews.default',
    );
    expect(reviews.codes).toEqual({ 418: 10 });
  });

  it('checks that two runs of one seed are equal', async () => {
    expect((await foresail([DISTRIBUTE, '--check-determinism', '-q'])).code).toBe(0);
  });

  it('answers a bug of ours with 70, short, and with the stack only when asked', async () => {
    const broken = { readStdin: () => (null as unknown as string[])[0]! };
    const short = await foresail([DISTRIBUTE, '-f', '-'], broken);
    expect(short.code).toBe(70);
    expect(short.err).toContain('a bug in foresail 0.1.0');
    expect(short.err).not.toContain('    at ');
    const long = await foresail([DISTRIBUTE, '-f', '-', '-v'], broken);
    expect(long.err).toContain('    at ');
  });
});

describe('test', () => {
  it('finds the scenarios below a folder and leaves out what they only extend', async () => {
    const { out } = await foresail([
      'test',
      'examples/',
      '--only',
      'distribute-90-10',
      '--only',
      'failover',
      '--reporter',
      'json',
    ]);
    const names = JSON.parse(out).map((result: { scenario: { name: string } }) => result.scenario.name);
    expect(names.sort()).toEqual(['distribute-90-10', 'failover']);
  });

  it('gives one line per scenario, a summary, and 99 when one fails', async () => {
    const bad = scratch(
      'bad.yaml',
      `version: 1\nextends: ${process.cwd()}/${DISTRIBUTE}\nname: bad\nvariants: []\nexpect: [{ errorRate: 50% }]\n`,
    );
    const { code, out } = await foresail(['test', DISTRIBUTE, bad]);
    const lines = out.split('\n').filter(Boolean);
    expect(lines[0]).toMatch(/^✓ examples\/two-regions\/distribute.yaml +\d of \d met/);
    expect(lines.some((line) => /^✗ .*bad\.yaml +0 of 1 met/.test(line))).toBe(true);
    expect(lines.at(-1)).toMatch(/^2 scenarios, 1 passed, 1 failed/);
    expect(code).toBe(99);
  });

  it('gives 1 when one cannot run', async () => {
    const broken = scratch('broken.yaml', 'version: 1\nexpect: 3\n');
    const { code, out } = await foresail(['test', broken]);
    expect(code).toBe(1);
    expect(out).toContain('1 cannot run');
  });
});
