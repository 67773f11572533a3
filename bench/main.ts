// `npm run bench [-- --only w1,w2,full] [--size smoke] [--json] [--save]`: a table on stdout, or the measurements as JSON.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { bundledCases } from './bundled-cases.ts';
import { type Measurement, measure, measureMemory } from './harness.ts';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    size: { type: 'string', default: 'full' },
    requests: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});

const cases = await bundledCases();
const BASELINE = new URL('./baseline.json', import.meta.url);
const isSmoke = options.size === 'smoke';
const names = options.only?.split(',');
const unknown = names?.filter((name) => !cases.some((entry) => entry.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(
    `no such case: ${unknown.join(', ')}; there are ${cases.map((entry) => entry.name).join(', ')}`,
  );
  process.exit(1);
}
const rounds = Number(options.rounds ?? (isSmoke ? 1 : 5));
const measurements: Measurement[] = [];
for (const entry of cases) {
  if (names && !names.includes(entry.name)) continue;
  const requests = Number(options.requests ?? (isSmoke ? entry.smoke : entry.requests));
  measurements.push(await measure(entry, requests, rounds));
}

if (options.json) {
  const rows = measurements.map(({ name, requests, cpuSeconds, check }) => ({
    name,
    requests,
    cpuSeconds,
    check,
  }));
  console.log(JSON.stringify(rows));
} else await printTable();
if (options.save) {
  const machine = `${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
  const nanoseconds = Object.fromEntries(measurements.map((m) => [m.name, Number(perRequest(m).toFixed(2))]));
  writeFileSync(BASELINE, `${JSON.stringify({ machine, nanoseconds }, null, 2)}\n`);
}

function perRequest({ cpuSeconds, requests }: Measurement): number {
  return (cpuSeconds / requests) * 1e9;
}

async function printTable(): Promise<void> {
  const baseline: { machine: string; nanoseconds: Record<string, number> } = JSON.parse(
    readFileSync(BASELINE, 'utf8'),
  );
  console.log(`CPU time, best of ${rounds}; baseline: ${baseline.machine}`);
  for (const measurement of measurements) {
    const ns = perRequest(measurement);
    const before = baseline.nanoseconds[measurement.name];
    const change = before === undefined ? '' : `x${(ns / before).toFixed(2)}`;
    const what = cases.find((entry) => entry.name === measurement.name)!.what;
    console.log(
      `${measurement.name.padEnd(14)}${ns.toFixed(1).padStart(9)} ns ${change.padStart(7)}  ${what}  ${JSON.stringify(measurement.check)}`,
    );
  }
  if (isSmoke) return;
  for (const entry of cases) {
    if (!['w2', 'full'].includes(entry.name) || !measurements.some((m) => m.name === entry.name)) continue;
    const { collectionsPerMillion, rssMb } = await measureMemory(entry, entry.requests);
    console.log(
      `${entry.name.padEnd(14)}${collectionsPerMillion.toFixed(1).padStart(9)} garbage collections per million requests, ${rssMb} MB resident`,
    );
  }
}
