// npm run fuzz -- --seconds N [--seed S]: cases for as long as one likes. A case that crashes, hangs or differs is told with its number, and
// its files are written below /tmp; `npm run fuzz -- --case NUMBER` repeats it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type CaseResult, runCase } from './fuzz-case.ts';

/** A case that takes longer hangs [ms]. */
const PATIENCE_MS = 60_000;

const ready = new WeakSet<Worker>();

const flag = (name: string) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : Number(process.argv[at + 1]);
};

const single = flag('--case');
if (single !== undefined) {
  const { outcome, problem, why } = runCase(single);
  console.log(`case ${single}: ${outcome}${why ? `, ${why}` : ''}${problem ? `\n${problem}` : ''}`);
  process.exitCode = problem ? 1 : 0;
} else await fuzz((flag('--seconds') ?? 60) * 1000, flag('--seed') ?? 1);

async function fuzz(limitMs: number, firstCase: number): Promise<void> {
  const start = performance.now();
  const counts = { ran: 0, refused: 0, big: 0 };
  const failures: number[] = [];
  let next = firstCase;
  let worker = startWorker();
  while (performance.now() - start < limitMs) {
    const number = next++;
    const result = await ask(worker, number);
    if (result === 'hangs') {
      await worker.terminate();
      worker = startWorker();
      failures.push(number);
      console.log(`case ${number} hangs: npm run fuzz -- --case ${number}`);
      continue;
    }
    counts[result.outcome]++;
    if (!result.problem) continue;
    failures.push(number);
    console.log(
      `case ${number}: ${result.problem}\n  files in ${save(number, result)}; npm run fuzz -- --case ${number}`,
    );
  }
  await worker.terminate();
  console.log(
    `${next - firstCase} cases in ${Math.round((performance.now() - start) / 1000)} s: ${counts.ran} ran twice alike, ${counts.refused} refused with a diagnostic, ${counts.big} too big; ${failures.length} failures`,
  );
  process.exitCode = failures.length > 0 ? 1 : 0;
}

function startWorker(): Worker {
  const file = JSON.stringify(new URL('./fuzz-case.ts', import.meta.url).href);
  return new Worker(
    `import('tsx/esm/api').then(({ register }) => { register(); return import(${file}); }).then(({ runCase }) => {
       const { parentPort } = require('node:worker_threads');
       parentPort.on('message', (number) => parentPort.postMessage(runCase(number)));
       parentPort.postMessage('ready');
     });`,
    { eval: true },
  );
}

async function ask(worker: Worker, number: number): Promise<CaseResult | 'hangs'> {
  if (!ready.has(worker)) {
    await message(worker, PATIENCE_MS);
    ready.add(worker);
  }
  worker.postMessage(number);
  return ((await message(worker, PATIENCE_MS)) as CaseResult | undefined) ?? 'hangs';
}

/** undefined = none in time. */
function message(worker: Worker, limitMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => done(undefined), limitMs);
    const done = (value: unknown) => {
      clearTimeout(timer);
      worker.off('error', reject);
      worker.off('message', done);
      resolve(value);
    };
    worker.once('message', done);
    worker.once('error', reject);
  });
}

function save(number: number, { files, main }: CaseResult): string {
  const folder = join(tmpdir(), `foresail-fuzz-${number}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return join(folder, main);
}
