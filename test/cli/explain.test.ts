import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { runProgram } from '../../src/cli/program.ts';
import { anIo } from './io.ts';

const FAILOVER = 'examples/two-regions/failover.yaml';

async function foresail(args: string[], changes: Partial<Io> = {}) {
  const io = anIo(changes);
  const code = await runProgram(args, io, '0.1.0');
  return { code, out: io.stdout, err: io.stderr };
}
const scratch = (name: string) => join(mkdtempSync(join(tmpdir(), 'foresail-')), name);

describe('foresail explain', () => {
  it('shows the whole way of a request as a tree, and the chosen hop step by step with places', async () => {
    const { code, out, err } = await foresail([
      'explain',
      FAILOVER,
      '--load',
      'after',
      '--request',
      '3',
      '--to',
      'reviews',
    ]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Request 3 of after, from 22\.000s to .*: 200$/m);
    expect(out).toMatch(/^▸ {3}productpage-v1-0 → reviews\.default\/reviews\/0 +reviews-v2-0 {2}200$/m);
    expect(out).toMatch(/^ 5 cluster {6}outbound\|9080\|\|reviews/m);
    expect(out).toMatch(/examples\/two-regions\/mesh\/reviews-failover\.yaml:9/);
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('fits a small screen with --quiet, one line a step', async () => {
    const { out } = await foresail([
      'explain',
      FAILOVER,
      '--load',
      'after',
      '--to',
      'reviews',
      '--request',
      '1',
      '-q',
    ]);
    const lines = out.trimEnd().split('\n');
    expect(lines.length).toBeLessThan(24);
    expect(lines.filter((line) => /^ ?\d+ /.test(line))).toHaveLength(11);
  });

  it('names rules and their sources with --verbose', async () => {
    const { out } = await foresail(['explain', FAILOVER, '-v']);
    expect(out).toContain('rule RT-1: istio pilot/pkg/networking/core/route/retry/retry.go');
  });

  it('needs neither colour nor Unicode', async () => {
    const { out } = await foresail(['explain', FAILOVER, '--to', 'reviews'], {
      env: { LANG: 'C', FORCE_COLOR: '0' },
    });
    expect(out).toContain('> ');
    expect(out).toMatch(/^[\x20-\x7e\n]*$/);
    const coloured = await foresail(['explain', FAILOVER], { env: { LANG: 'C', FORCE_COLOR: '1' } });
    expect(coloured.out).toContain('\u001b[');
    const plain = await foresail(['explain', FAILOVER], {
      env: { LANG: 'C', FORCE_COLOR: '1', NO_COLOR: '1' },
    });
    expect(plain.out).not.toContain('\u001b[');
  });

  it('is JSON with --json, with every step, place and rule', async () => {
    const { out } = await foresail([
      'explain',
      FAILOVER,
      '--variant',
      'refuse-instead',
      '--load',
      'after',
      '--request',
      '2',
      '--all',
      '--json',
    ]);
    const answer = JSON.parse(out);
    expect(answer.scenario.variant).toBe('refuse-instead');
    expect(answer.explained).toHaveLength(answer.hops.length);
    expect(answer.explained[2].steps.at(-1)).toMatchObject({
      step: 'response',
      says: expect.stringContaining('503'),
    });
  });

  it('tells why somebody got nothing', async () => {
    const { code, out } = await foresail(['explain', FAILOVER, '--why-not', 'reviews-v2', '--at', '1s']);
    expect(code).toBe(0);
    expect(out).toMatch(/lowerPriority: it is in priority 1/);
  });

  it('answers from a saved result what its record holds, without the files', async () => {
    const saved = scratch('run.json');
    await foresail(['run', FAILOVER, '--out', saved]);
    const { code, out } = await foresail([
      'explain',
      saved,
      '--load',
      'after',
      '--request',
      '2',
      '--to',
      'reviews',
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/endpoints +1 in EDS\n +reviews-v2-0/);
    expect(out).toContain('from the record alone');
    const variant = await foresail([
      'explain',
      saved,
      '--variant',
      'refuse-and-eject-all',
      '--load',
      'after',
      '--request',
      '2',
      '--to',
      'reviews',
    ]);
    expect(variant.out).toContain('reviews-v1-0 is ejected from 20.0');
    const late = await foresail(['explain', saved, '--request', '999']);
    expect([late.code, late.err]).toEqual([
      1,
      expect.stringContaining('the record keeps no such request (it has 10 of load before: 1, 2, 3'),
    ]);
  });

  it.each([
    [['explain'], "missing required argument 'file'"],
    [['explain', FAILOVER, '--request', '0'], 'takes a number from 1 on'],
    [['explain', FAILOVER, '--at', 'soon'], '--at: "soon" is not a duration'],
    [
      ['explain', FAILOVER, '--load', 'before', '--request', '11'],
      'load before sends 10 requests; there is no request 11',
    ],
    [
      ['explain', FAILOVER, '--request', '1', '--to', 'nothing'],
      'request 1 of before does not go there; it goes istio-ingressgateway -> productpage.default',
    ],
    [['explain', FAILOVER, '--why-not', 'revews-v1'], 'did you mean "reviews-v1"?'],
    [['explain', 'no-such.yaml'], 'there is no such file'],
    [['explain', 'package.json'], 'package.json'],
  ])('says in a sentence what is wrong with %j', async (args, words) => {
    const { code, out, err } = await foresail(args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(words);
  });

  it('refuses a result that is none of ours', async () => {
    const file = scratch('other.json');
    writeFileSync(file, '{ "foresail": 1, "loads": [] }');
    const { code, err } = await foresail(['explain', file]);
    expect([code, err]).toEqual([1, expect.stringContaining('is not a run of foresail')]);
  });
});
