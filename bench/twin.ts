// `FORESAIL_TWIN=/path/to/twin npm run bench:twin [-- rounds]`: the same two workloads in native code, rounds interleaved, medians of the
// ratios of CPU time. The twin is called as `twin w1 N 1 sorted` and `twin w2 N 1 wheel zig ENDPOINTS` and prints one line of JSON.
import { execFileSync } from 'node:child_process';
import { bundledCases } from './bundled-cases.ts';
import { measure, median } from './harness.ts';

const twin = process.env['FORESAIL_TWIN'];
if (!twin) {
  console.error('set FORESAIL_TWIN to the path of the native twin');
  process.exit(1);
}
const cases = await bundledCases();
const rounds = Number(process.argv[2] ?? 5);
const native: Record<string, (n: number) => string[]> = {
  w1: (n) => ['w1', String(n), '1', 'sorted'],
  w2: (n) => ['w2', String(n), '1', 'wheel', 'zig'],
  'w2-1000': (n) => ['w2', String(n), '1', 'wheel', 'zig', '1000'],
  'w2-10000': (n) => ['w2', String(n), '1', 'wheel', 'zig', '10000'],
  full: (n) => ['w2', String(n), '1', 'wheel', 'zig'],
};
const ratios = new Map<string, number[]>();
for (let round = 0; round < rounds; round++) {
  for (const [name, args] of Object.entries(native)) {
    const entry = cases.find((candidate) => candidate.name === name)!;
    const answer = JSON.parse(execFileSync(twin, args(entry.requests), { encoding: 'utf8' }));
    const ours = await measure(entry, entry.requests, 3);
    const check = ours.check as { sum?: number; hsum?: number };
    if (name !== 'full' && (check.sum ?? check.hsum) !== (answer.sum ?? answer.hsum))
      throw new Error(`${name}: the sums differ: ${JSON.stringify(check)} ${JSON.stringify(answer)}`);
    ratios.set(name, [...(ratios.get(name) ?? []), answer.cpu / ours.cpuSeconds]);
  }
}
for (const [name, values] of ratios)
  console.log(
    `${name.padEnd(10)} ${median(values).toFixed(3)} of the twin (${values.map((v) => v.toFixed(2)).join(' ')})`,
  );
