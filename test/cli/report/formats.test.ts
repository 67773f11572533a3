import { expect, it } from 'vitest';
import { clientAssets } from '../../../src/cli/report/client-assets.ts';
import { csvReport } from '../../../src/cli/report/csv.ts';
import { markdownReport } from '../../../src/cli/report/markdown.ts';
import { packed, unpacked } from '../../../src/cli/report/pack.ts';
import { htmlPage } from '../../../src/cli/report/page.ts';
import { reportData } from '../../../src/cli/report/reduce.ts';
import { recordedFailover } from '../dashboard/recorded.ts';

const runs = recordedFailover();

/** A long run in a large mesh: 600 bins, 400 pods behind 40 services. */
function largeRun() {
  const [{ result, record }] = structuredClone([runs[0]!]) as [(typeof runs)[0]];
  const counts = () => Array.from({ length: 600 }, (_, bin) => 1000 + ((bin * 7919) % 997));
  record.bins = 600;
  record.servers = Array.from({ length: 400 }, (_, i) => ({
    ...record.servers[0]!,
    name: `a-rather-long-pod-name-of-service-${i % 40}-7c9d8f6b5-${i}`,
    workload: `service-${i % 40}`,
  }));
  record.services = Array.from({ length: 40 }, (_, i) => `service-${i}.default`);
  record.clusters = [];
  record.traffic = record.services.map((_, service) => {
    const servers = Array.from({ length: 10 }, (_, i) => service + i * 40);
    const series = {
      requests: counts(),
      failed: counts(),
      flags: [],
      p50: counts(),
      p95: counts(),
      p99: counts(),
    };
    return {
      caller: 0,
      service,
      series,
      answers: servers.map((server) => ({ server, counts: counts() })),
      tries: servers.map((server) => ({ server, counts: counts(), failed: counts(), inARow: counts() })),
    };
  });
  return { result, record };
}

it('stays below 400 KB for a long run in a large mesh, loses no call of what it tells, and says what it left out', async () => {
  const data = reportData([largeRun()]);
  const page = htmlPage(data, await clientAssets());
  expect(Buffer.byteLength(page)).toBeLessThan(400_000);
  const { cut, time } = data.runs[0]!;
  expect(cut.length).toBeGreaterThan(0);
  const all = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);
  for (const { requests, answers } of time.traffic)
    expect(all(answers.flatMap(({ counts }) => counts))).toBe(10 * all(requests));
});

it('packs series so that they come back the same, and never takes a name for one', () => {
  const value = {
    a: Array.from({ length: 40 }, (_, i) => (i === 7 ? 0.25 : 0)),
    b: [1, 2],
    c: '12:3=4',
    d: new Array(20).fill(0),
  };
  expect(JSON.parse(JSON.stringify(value, packed), unpacked)).toEqual(value);
});

it('writes every figure as CSV with as many fields in each row, and no formula', () => {
  const [run] = structuredClone([runs[0]!]) as [(typeof runs)[0]];
  run.result.loads[0]!.name = '=HYPERLINK("http://x","y")';
  const lines = csvReport([run]).trimEnd().split('\r\n');
  expect(lines[0]!.split(',')).toHaveLength(15);
  expect(lines.some((line) => line.includes('"\'=HYPERLINK(""http://x"",""y"")"'))).toBe(true);
  const answers = lines.filter((line) => line.includes(',answers,after,reviews.default,workload,'));
  expect(answers.map((line) => line.split(',').slice(8, 15).join(','))).toContain('reviews-v2,,,10,10,10,1');
});

it('writes Markdown with the verdicts first and no markup of strangers', () => {
  const [run] = structuredClone([runs[0]!]) as [(typeof runs)[0]];
  run.result.loads[0]!.name = '<img src=x> | @everyone';
  const text = markdownReport([run]);
  expect(text).toMatch(/^### ✅ foresail: failover: 4 of 4 expectations met\n/);
  expect(text).not.toMatch(/(?<!\\)<img/);
  expect(text).not.toContain('@everyone');
});

it('says in Markdown what cannot run, and where', () => {
  const text = markdownReport(runs.slice(0, 1), [
    {
      file: 'bad.yaml',
      result: null,
      diagnostics: [
        {
          code: 'FS2004',
          severity: 'error',
          message: 'no | <img>',
          file: 'bad.yaml',
          line: 3,
          col: 7,
          hint: 'yes',
        },
      ],
      lines: {},
    },
  ]);
  expect(text).toMatch(/^### ❌ foresail: bad\.yaml cannot run\n/);
  expect(text).toContain('`bad.yaml:3:7`');
  expect(text).not.toMatch(/(?<!\\)<img/);
  expect(text).toContain('4 of 4 expectations met');
});
