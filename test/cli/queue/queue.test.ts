// The queue with a real Redis, real worker processes, one of them killed. Redis comes from the project's own script.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { queueAddress } from '../../../src/cli/queue/address.ts';
import { unitId } from '../../../src/cli/queue/names.ts';
import { buildForTests, root } from '../built.ts';

const PASSWORD = 's3cret-password';
const built = buildForTests();
const children = new Set<ChildProcess>();
const folder = mkdtempSync(join(tmpdir(), 'foresail-redis-'));
let server = '';

beforeAll(() => {
  server = execFileSync(join(root, 'scripts/install-redis'), { encoding: 'utf8' }).trim().split('\n').at(-1)!;
}, 300_000);

afterEach(async () => {
  await Promise.all([...children].map((child) => ended(child, 'SIGKILL')));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      children.delete(child);
      resolve(code);
    });
    if (signal) child.kill(signal);
  });
}

async function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function startRedis(): Promise<{ url: string; child: ChildProcess }> {
  const port = await freePort();
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = start(
    server,
    [...words, '--dir', folder, '--requirepass', PASSWORD],
    /Ready to accept connections/,
  );
  await child.seen;
  return { url: `redis://:${PASSWORD}@127.0.0.1:${port}`, child: child.process };
}

/** A process, everything that it says, and a promise for the first line that matches. */
function start(command: string, args: string[], wanted: RegExp) {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, NO_COLOR: '1' } });
  children.add(child);
  const said = { out: '', err: '' };
  const seen = new Promise<void>((resolve, reject) => {
    const look = () => {
      if (wanted.test(said.out + said.err)) resolve();
    };
    child.stdout.on('data', (data) => {
      said.out += data;
      look();
    });
    child.stderr.on('data', (data) => {
      said.err += data;
      look();
    });
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${said.err}`)));
  });
  seen.catch(() => {});
  return { process: child, said, seen };
}

const foresail = (args: string[], wanted = /$^/) => start(process.execPath, [built.main, ...args], wanted);
const SWEEP = [
  'sweep',
  'examples/two-regions/distribute.yaml',
  '--set',
  'load[0].iterations=10..60:10',
  '--seeds',
  '8',
  '--json',
];

const RUN = [
  'run',
  'examples/two-regions/distribute.yaml',
  '--set',
  'variants[1].set.load[0].iterations=3000',
  '--runs',
  '200',
  '--json',
];

describe('the queue', () => {
  it('gives the bytes of one process, with three workers of which one is killed', async () => {
    const { url } = await startRedis();
    const alone = foresail(SWEEP);
    await ended(alone.process);
    const workers = [1, 2, 3].map(() => foresail(['worker', '--queue', url], /ready at/));
    await Promise.all(workers.map(({ seen }) => seen));
    const asked = foresail([...SWEEP, '--queue', url]);
    const doing = workers[0]!;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (!/1 unit done/.test(doing.said.err) && asked.process.exitCode === null) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
    await ended(doing.process, 'SIGKILL');
    expect(await ended(asked.process)).toBe(0);
    expect(asked.said.out).toBe(alone.said.out);
    expect(asked.said.err).toBe('');

    // What is done is kept: the same question needs no worker.
    await Promise.all(workers.slice(1).map((worker) => ended(worker.process, 'SIGTERM')));
    const again = foresail([...SWEEP, '--queue', url]);
    expect(await ended(again.process)).toBe(0);
    expect(again.said.out).toBe(alone.said.out);
    for (const { said } of [...workers, asked, again]) expect(said.out + said.err).not.toContain(PASSWORD);
  });

  it('runs the replications of a scenario with the bytes of one process, one of its workers killed', async () => {
    const { url } = await startRedis();
    const alone = foresail([...RUN, '--jobs', '1']);
    const code = await ended(alone.process);
    const workers = [1, 2, 3].map(() => foresail(['worker', '--queue', url], /ready at/));
    await Promise.all(workers.map(({ seen }) => seen));
    const asked = foresail([...RUN, '--queue', url]);
    const doing = workers[0]!;
    while (!/1 unit done/.test(doing.said.err) && asked.process.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await ended(doing.process, 'SIGKILL');
    expect([await ended(asked.process), asked.said.err]).toEqual([code, '']);
    expect(asked.said.out).toBe(alone.said.out);
    expect(asked.said.out).toContain('"productpage-in-both-regions"');

    // The workers may go: what is done is kept.
    await Promise.all(workers.slice(1).map((worker) => ended(worker.process, 'SIGTERM')));
    const again = foresail([...RUN, '--queue', url]);
    await ended(again.process);
    expect(again.said.out).toBe(alone.said.out);
    for (const { said } of [...workers, asked, again]) expect(said.out + said.err).not.toContain(PASSWORD);
  });

  it('leaves nothing behind when a run is interrupted, and tells what is finished', async () => {
    const { url } = await startRedis();
    const asked = foresail([...RUN, '--queue', url]);
    const looking = new Redis(url);
    while ((await looking.keys('bull:*:wait')).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
    asked.process.kill('SIGINT');
    expect(await ended(asked.process)).toBe(130);
    // Nobody worked: the first replication is run where it was asked for.
    expect(asked.said.err).toMatch(/interrupted; the report of .* covers 1 finished run/);
    expect(JSON.parse(asked.said.out).scenario.runs).toBe(1);
    expect(await looking.keys('bull:*:wait')).toEqual([]);
    looking.disconnect();
  });

  it('says clearly that no Redis answers, or that it wants other credentials', async () => {
    const port = await freePort();
    const nobody = foresail([...SWEEP, '--queue', `redis://user:${PASSWORD}@127.0.0.1:${port}`]);
    expect(await ended(nobody.process)).toBe(1);
    expect(nobody.said.err).toBe(
      `foresail: no Redis answers at redis://127.0.0.1:${port}: the connection is refused\n`,
    );
    const { url } = await startRedis();
    const stranger = foresail(['worker', '--queue', url.replace(PASSWORD, 'wrong')]);
    expect(await ended(stranger.process)).toBe(1);
    expect(stranger.said.err).toMatch(/it refuses the credentials/);
  });

  it('gives up when Redis is lost, and says how to go on', async () => {
    const { url, child } = await startRedis();
    const asked = foresail([...SWEEP, '--queue', url]);
    const looking = new Redis(url);
    // Its first unit waits: nobody works on it.
    while ((await looking.keys('bull:*:wait')).length === 0)
      await new Promise((resolve) => setTimeout(resolve, 50));
    looking.disconnect();
    await ended(child, 'SIGKILL');
    expect(await ended(asked.process)).toBe(1);
    expect(asked.said.err).toMatch(
      /^foresail: Redis at redis:\/\/127\.0\.0\.1:\d+ is lost; 0 units are done and kept/m,
    );
    expect(asked.said.err).not.toContain(PASSWORD);
  });
});

describe('the address of a queue', () => {
  it('is shown without credentials', () => {
    const address = queueAddress('redis://me:pass@example.test:7000/2');
    expect(address).toMatchObject({
      username: 'me',
      password: 'pass',
      db: 2,
      shown: 'redis://example.test:7000/2',
    });
    expect(queueAddress('redis://[::1]').shown).toBe('redis://[::1]:6379');
  });

  it.each(['http://x', 'redis://x/one', 'nonsense'])('%s is refused', (text) => {
    expect(() => queueAddress(text)).toThrow(/--queue/);
  });
});

describe('the id of a unit', () => {
  it('depends on what is asked, not on the order of its keys', () => {
    const unit = { file: 's.yaml', seed: 1, runs: 2 };
    expect(unitId({ files: 'f', unit })).toBe(
      unitId({ files: 'f', unit: { runs: 2, seed: 1, file: 's.yaml' } }),
    );
    expect(unitId({ files: 'f', unit })).not.toBe(unitId({ files: 'f', unit: { ...unit, seed: 2 } }));
    expect(unitId({ files: 'f', unit })).not.toBe(unitId({ files: 'g', unit }));
  });
});
