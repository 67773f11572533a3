// `npm run bench:peers`: W2, or what comes nearest to it, in other simulators, each by one adapter beside this file. They are installed on
// demand into .cache/bench-peers (a Python venv and an npm prefix), never into this package.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cases } from '../cases.ts';
import { measure } from '../harness.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/bench-peers', import.meta.url));

interface Peer {
  name: string;
  package: string;
  adapter: string;
  requests: number;
  note: string;
}
const peers: readonly Peer[] = [
  { name: 'simjs', package: 'simjs@2.0.3', adapter: 'simjs.mjs', requests: 50_000, note: 'W2' },
  { name: 'SimPy', package: 'simpy==4.1.2', adapter: 'simpy_w2.py', requests: 20_000, note: 'W2' },
  {
    name: 'Ciw',
    package: 'ciw==3.2.7',
    adapter: 'ciw_w2.py',
    requests: 3_000,
    note: 'W2 by a routing class',
  },
  {
    name: 'AsyncFlow',
    package: 'asyncflow-sim==0.1.1',
    adapter: 'asyncflow_near.py',
    requests: 5_000,
    note: 'not W2: least connections, constant service time',
  },
];

function install(peer: Peer): string {
  mkdirSync(cache, { recursive: true });
  if (peer.adapter.endsWith('.mjs')) {
    if (!existsSync(`${cache}/package.json`)) writeFileSync(`${cache}/package.json`, '{"private":true}\n');
    execFileSync('npm', ['install', '--no-save', '--ignore-scripts', '--prefix', cache, peer.package], {
      stdio: 'pipe',
    });
    return process.execPath;
  }
  const python = `${cache}/venv-${peer.name}/bin/python`;
  if (!existsSync(python))
    execFileSync('python3', ['-m', 'venv', `${cache}/venv-${peer.name}`], { stdio: 'pipe' });
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', peer.package], { stdio: 'pipe' });
  return python;
}

const w2 = cases.find((entry) => entry.name === 'w2')!;
const ours = await measure(w2, w2.requests, 5);
const rate = ours.requests / ours.cpuSeconds;
console.log(`foresail      ${Math.round(rate).toLocaleString('en').padStart(10)} requests a CPU second  W2`);
let missing = 0;
for (const peer of peers) {
  let runtime: string;
  try {
    runtime = install(peer);
  } catch (error) {
    missing++;
    const text = String((error as { stderr?: Buffer }).stderr ?? error).trim();
    console.error(`${peer.name}: ${peer.package} cannot be installed here: ${text.split('\n').at(-1)}`);
    continue;
  }
  const out = execFileSync(runtime, [`${here}${peer.adapter}`, String(peer.requests), cache], {
    encoding: 'utf8',
  });
  const answer: { cpu: number; requests: number; mean_ms: number } = JSON.parse(
    out.trim().split('\n').at(-1)!,
  );
  const theirs = answer.requests / answer.cpu;
  console.log(
    `${peer.name.padEnd(14)}${Math.round(theirs).toLocaleString('en').padStart(10)} requests a CPU second  ${peer.note}; mean ${answer.mean_ms.toFixed(3)} ms; foresail is ${(rate / theirs).toFixed(1)}x`,
  );
}
process.exitCode = missing > 0 ? 1 : 0;
