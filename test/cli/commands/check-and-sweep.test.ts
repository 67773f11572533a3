// foresail check and foresail sweep as a user calls them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { anIo } from '../io.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'foresail-check-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function call(...argv: string[]) {
  const io = anIo();
  const code = await runProgram(argv, io, '0.0.0');
  return { code, out: io.stdout, err: io.stderr };
}

const GUIDE = 'examples/properties/guide-failover.yaml';

describe('foresail check', () => {
  it('reports a counterexample with numbers, a replay and a way back, and exits with 98', async () => {
    const { code, out, err } = await call('check', GUIDE, '--dir', folder, '--runs', '20');
    expect([code, err]).toEqual([98, '']);
    expect(out).toContain('✗ reviews fail over within ten seconds');
    expect(out).toContain('at 0s reviews-v1 refuses connections');
    expect(out).toMatch(/with it +error rate 100%/);
    expect(out).toMatch(/without +error rate 0%/);
    expect(out).toMatch(/again +foresail check \S+ --seed 1 --path [\d:]+/);
    const file = join(folder, 'guide-failover-counterexample.yaml');
    expect(out).toContain(`foresail run ${file}`);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('faults+:\n  - { at: 0s, refuse: { workload: reviews-v1 } }');
    const replay = await call('run', file, '-q');
    expect(replay.code).toBe(99);
    expect(replay.out).toMatch(/got +error rate 100%/);
  });

  it('exits with 0 when everything holds', async () => {
    const set = 'patch.DestinationRule/reviews.spec.trafficPolicy.outlierDetection.maxEjectionPercent=100';
    const { code, out } = await call('check', GUIDE, '--set', set, '--runs', '10', '--no-write');
    expect(code).toBe(0);
    expect(out).toContain('held for 10 candidates (seed 1)');
  });

  it('gives the same JSON with one thread and with two', async () => {
    const args = ['check', GUIDE, '--no-write', '--json', '--runs', '15'];
    const [one, two] = [await call(...args), await call(...args, '--jobs', '2')];
    expect(two.out).toBe(one.out);
    expect(JSON.parse(one.out)).toMatchObject({
      exitCode: 98,
      properties: [{ ok: false, counterexample: { faults: [{ at: '0s' }] } }],
    });
  });

  it('says which variants it does not look at', async () => {
    const file = join(folder, 'with-variants.yaml');
    const variants = '[{ name: one, set: { seed: 2 } }, { name: two, set: { seed: 3 } }]';
    writeFileSync(file, `version: 1\nextends: ${process.cwd()}/${GUIDE}\nvariants: ${variants}\n`);
    const { err } = await call('check', file, '--runs', '2', '--no-write');
    expect(err).toBe(
      `foresail: ${file}: properties are held against the base; not against its variants one, two\n`,
    );
    expect((await call('check', file, '--runs', '2', '--no-write', '-q')).err).toBe('');
  });

  it('says how many faults it enumerated', async () => {
    const { code, out } = await call(
      'check',
      'examples/properties/retry-storm.yaml',
      '--exhaustive',
      '--no-write',
    );
    expect(code).toBe(98);
    expect(out).toMatch(/all \d+ single faults and settings: \d+ fail/);
  });

  it('runs a TypeScript file of properties', async () => {
    const file = join(process.cwd(), 'examples/properties/promises.ts');
    const { code, out, err } = await call('check', file, '--no-write', '--runs', '30');
    expect([code, err]).toEqual([98, '']);
    expect(out).toContain('all of stock');
    expect(out).toMatch(/says +front is asked once, but stock [\d.]+ times/);
  });

  it('lists the library', async () => {
    const { code, out } = await call('check', '--list');
    expect(code).toBe(0);
    expect(out).toMatch(/^availability-under-one-zone-loss$/m);
    expect(out).toContain('properties: [{ use: failover-within, with: { of: … } }]');
  });

  it('refuses unknown names and files without properties', async () => {
    expect(await call('check', GUIDE, '--only', 'nothing')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no property is named "nothing"'),
    });
    expect(await call('check', 'examples/two-regions/failover.yaml')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no `properties:`'),
    });
    const broken = join(folder, 'broken.yaml');
    writeFileSync(
      broken,
      `version: 1\nextends: ${join(process.cwd(), GUIDE)}\nproperties: [{ use: nothing }]\n`,
    );
    expect(await call('check', broken)).toMatchObject({ code: 1, err: expect.stringContaining('FS3019') });
  });
});

describe('foresail sweep', () => {
  const RATE = [
    'sweep',
    GUIDE,
    '--set',
    'load[0].rate=1/s,2/s',
    '--set',
    'load[0].duration=10s',
    '--seeds',
    '2',
  ];

  it('prints a table and data, the same with any number of threads', async () => {
    const { code, out } = await call(...RATE, '--measure', 'requests', '--measure', 'errorRate');
    expect(code).toBe(0);
    expect(out).toMatch(/rate +requests +error rate +met/);
    expect(out).toMatch(/1\/s +10 +0% +2 of 2/);
    expect(out).toMatch(/2\/s █+ +20/);
    const [one, two] = [await call(...RATE, '--json'), await call(...RATE, '--json', '--jobs', '2')];
    expect(two.out).toBe(one.out);
    const csv = await call(...RATE, '--csv', '--measure', 'requests');
    expect(csv.out.split('\r\n').slice(0, 2)).toEqual([
      'load[0].rate,requests,requests_low,requests_high,expectations_met,expectations',
      '1/s,10,10,10,2,2',
    ]);
  });

  it('finds the value at which a promise breaks', async () => {
    const { code, out } = await call(
      'sweep',
      GUIDE,
      '--bisect',
      'load[0].duration=1s..30s',
      '--keep',
      'codes: { 200: ..20 }',
    );
    expect(code).toBe(0);
    expect(out.replace(/\s+/g, ' ')).toContain(
      'largest load[0].duration that keeps codes: { 200: ..20 }: 10s (11s does not)',
    );
  });

  it('finds it for a variant, too', async () => {
    const file = join(folder, 'faster.yaml');
    const load =
      '{ from: { gateway: istio-ingressgateway }, request: GET http://bookinfo.local/productpage, executor: constant-rate, rate: 4/s, duration: 60s }';
    writeFileSync(
      file,
      `version: 1\nextends: ${process.cwd()}/${GUIDE}\nvariants: [{ name: faster, set: { load: [${load}] } }]\n`,
    );
    const words = [
      '--bisect',
      'load[0].duration=1s..30s',
      '--keep',
      'codes: { 200: ..20 }',
      '--variant',
      'faster',
    ];
    const { code, out } = await call('sweep', file, ...words);
    expect(code).toBe(0);
    expect(out.replace(/\s+/g, ' ')).toContain(': 5s (6s does not)');
  });

  it.each([
    [[GUIDE], 'nothing varies'],
    [[GUIDE, '--bisect', 'seed=1..9'], '--bisect needs --keep'],
    [[GUIDE, '--set', 'seed=5..1'], 'the range 5..1 is empty'],
    [
      [GUIDE, '--set', 'seed=1,2', '--measure', 'erorRate'],
      'there is no measure "erorRate"; did you mean "errorRate"?',
    ],
  ])('refuses %j', async (argv, text) => {
    expect(await call('sweep', ...argv)).toMatchObject({ code: 1, err: expect.stringContaining(text) });
  });
});
