// Replications and units on real threads, from sources.
import { describe, expect, it } from 'vitest';
import { newCells, STOPPED } from '../../src/cli/cells.ts';
import { gated } from '../../src/cli/gate.ts';
import { jobsFor } from '../../src/cli/jobs.ts';
import { matterReader, matterWriter } from '../../src/cli/matter.ts';
import { runProgram } from '../../src/cli/program.ts';
import { openThreads } from '../../src/cli/threads.ts';
import { unitSizes } from '../../src/cli/unit-size.ts';
import { growing } from '../../src/cli/work-pool.ts';
import { nodeFiles } from '../../src/scenarios/files.ts';
import { loadScenario } from '../../src/scenarios/load.ts';
import { NO_REPLICATIONS, unpacked } from '../../src/scenarios/replication.ts';
import { runLoaded } from '../../src/scenarios/run.ts';
import { recordingFiles } from '../../src/scenarios/work/file-texts.ts';
import { runShared } from '../../src/scenarios/work/replications.ts';
import { runUnit } from '../../src/scenarios/work/run-unit.ts';
import { loadOptionsOf } from '../../src/scenarios/work/source.ts';
import type { ReplicationRunner, ScenarioSource, WorkRunner } from '../../src/scenarios/work/unit.ts';
import { anIo } from './io.ts';

function recorded(set: string[] = []) {
  const recording = recordingFiles(nodeFiles());
  const source: ScenarioSource = {
    files: recording.texts,
    file: 'examples/two-regions/distribute.yaml',
    set,
  };
  return { source, loaded: loadScenario(source.file, recording.files, loadOptionsOf(source)) };
}

describe('foresail run on threads', () => {
  const run = async (...more: string[]) => {
    const io = anIo();
    const words = ['run', 'examples/two-regions/distribute.yaml', '--json', ...more];
    const code = await runProgram(words, io, '0.1.0');
    return { code, ...io };
  };

  it('gives the same bytes on one, two and three threads, variants included', async () => {
    const outs = [];
    for (const jobs of ['1', '2', '3'])
      outs.push(
        await run(
          '--runs',
          '160',
          '--jobs',
          jobs,
          '--per-run',
          '--set',
          'variants[1].set.load[0].iterations=100',
        ),
      );
    expect(outs[0]!.stdout).toContain('"productpage-in-both-regions"');
    expect(outs[1]!.stdout).toBe(outs[0]!.stdout);
    expect(outs[2]!.stdout).toBe(outs[0]!.stdout);
    expect(outs.map(({ code, stderr }) => [code, stderr])).toEqual([0, 0, 0].map((code) => [code, '']));
  }, 120_000);

  it('takes the config dump of --envoy along', async () => {
    const outs = [];
    for (const jobs of ['1', '2']) {
      const io = anIo();
      const asked = [
        '--request',
        'GET http://bookinfo.local/productpage',
        '--requests',
        '2000',
        '--runs',
        '80',
      ];
      const dump = 'examples/envoy/dumps/istio-ingressgateway.json';
      const code = await runProgram(
        ['run', '--envoy', dump, ...asked, '--json', '--jobs', jobs],
        io,
        '0.1.0',
      );
      outs.push([code, io.stderr, io.stdout]);
    }
    expect(outs[0]!.slice(0, 2)).toEqual([0, '']);
    expect(outs[1]).toEqual(outs[0]);
  }, 60_000);

  it('tells a terminal how far it is, and takes that back', async () => {
    const io = anIo({ isErrTty: true });
    const words = ['--runs', '2000', '--set', 'variants=[]', '--jobs', '2'];
    await runProgram(['run', 'examples/two-regions/distribute.yaml', '--json', ...words], io, '0.1.0');
    const shown = [...io.stderr.matchAll(/\rdistribute-90-10: ([\d,]+) of 2,000 runs/g)].map(([, done]) =>
      Number(done!.replaceAll(',', '')),
    );
    expect(shown.length).toBeGreaterThan(0);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(io.stderr.endsWith('\r\u001b[K')).toBe(true);
  }, 60_000);

  it('checks determinism there, too', async () => {
    const { code, stderr } = await run(
      '--runs',
      '150',
      '--set',
      'variants=[]',
      '--jobs',
      '2',
      '--check-determinism',
    );
    expect([code, stderr]).toEqual([0, '']);
  }, 60_000);

  it('says what cannot be planned as one thread does', async () => {
    const broken = ['--set', 'variants=[]', '--set', 'load[0].from.gateway=nobody'];
    const one = await run('--runs', '5', ...broken);
    const two = await run('--runs', '5000', '--jobs', '2', ...broken);
    expect([two.code, two.stderr]).toEqual([one.code, one.stderr]);
    expect(one.code).toBe(1);
  });

  it('takes the manifests of standard input along', async () => {
    const io = anIo({
      readStdin: () => nodeFiles().read('examples/two-regions/mesh/gateway.yaml') as string,
    });
    const words = [
      'run',
      'examples/two-regions/distribute.yaml',
      '--set',
      'manifests[2].paths=["-"]',
      '-f',
      '-',
    ];
    const code = await runProgram(
      [...words, '--set', 'variants=[]', '--runs', '250', '--jobs', '2'],
      io,
      '0.1.0',
    );
    expect([code, io.stderr]).toEqual([0, '']);
    expect(io.stdout).toMatch(/9 : 1 in every one of 250 runs/);
  }, 60_000);
});

describe('threads', () => {
  it('give what this thread gives, and count what they have done', async () => {
    const { source, loaded } = recorded(['variants=[]']);
    const threads = await openThreads(2, 'replications');
    try {
      const cells = newCells();
      const shared = await runShared(loaded, source, threads.ofScenarios(cells), { runs: 12 });
      expect(JSON.stringify(shared)).toBe(JSON.stringify(runLoaded(loaded, { runs: 12 })));
      expect(cells[1]).toBe(12);
      // A unit whose files are texts, as a queue's worker gets it.
      const unit = { ...source, index: 0, seed: 1, from: 3, to: 5 };
      const there = unpacked((await threads.replicate(unit)).runs);
      const [runner, scenario] = [threads.ofScenarios(newCells()), loaded.base];
      expect(there).toEqual(unpacked((await runner.replicate(unit, scenario)).runs));
      expect(there.length).toBe(2);
    } finally {
      await threads.end();
    }
  }, 60_000);

  it('do whole units, and files that are handed on for others', async () => {
    const { source } = recorded(['variants=[]']);
    const threads = await openThreads(2);
    try {
      const units = [1, 2, 3].map((seed) => ({ ...source, seed }));
      const there = await Promise.all(units.map((unit) => threads.run(unit)));
      expect(there).toEqual(units.map((unit) => JSON.parse(JSON.stringify(runUnit(unit)))));
      const options = { set: ['variants=[]'], perRun: false, checkDeterminism: false };
      const answers = await Promise.all([
        threads.predict(source.file, options, ['distribute-90-10']),
        threads.predict(source.file, options, ['another']),
        threads.predict(source.file, { ...options, runs: 5_000 }),
      ]);
      expect(answers).toMatchObject([
        { name: 'distribute-90-10', outcome: { result: { ok: true } } },
        { name: 'distribute-90-10' },
        { name: 'distribute-90-10', isLong: true },
      ]);
      expect(answers.map(({ outcome }) => outcome === undefined)).toEqual([false, true, true]);
    } finally {
      await threads.end();
    }
  }, 60_000);

  it('stop between two replications, unless they are asked for even so', async () => {
    const { source, loaded } = recorded(['variants=[]']);
    const threads = await openThreads(1, 'replications');
    try {
      const cells = newCells();
      const runner = threads.ofScenarios(cells);
      const unit = { ...source, index: 0, seed: 1, from: 0, to: 1_000_000 };
      const under = runner.replicate(unit, loaded.base);
      while (Atomics.load(cells, 1) < 3) await new Promise((resolve) => setTimeout(resolve, 10));
      Atomics.store(cells, STOPPED, 1);
      const done = unpacked((await under).runs).length;
      expect(done).toBeGreaterThanOrEqual(3);
      expect(done).toBe(cells[1]);
      expect(unpacked((await runner.replicate(unit, loaded.base)).runs)).toEqual([]);
      const even = await runner.replicate({ ...unit, to: 1 }, loaded.base, { evenIfStopped: true });
      expect(unpacked(even.runs).length).toBe(1);
    } finally {
      await threads.end();
    }
  }, 60_000);

  it('that fail say what went wrong', async () => {
    const { source } = recorded();
    const threads = await openThreads(1, 'replications');
    try {
      await expect(threads.replicate({ ...source, index: 7, seed: 1, from: 0, to: 1 })).rejects.toThrow(
        'the scenario has no variant at 7',
      );
    } finally {
      await threads.end();
    }
  }, 60_000);

  it.each([12, 60])(
    'that die for want of memory (%i MB) are an error for all who wait',
    async (maxOldGenerationSizeMb) => {
      const { source, loaded } = recorded(['variants=[]']);
      const threads = await openThreads(1, 'replications', { limits: { maxOldGenerationSizeMb } });
      try {
        const unit = { ...source, index: 0, seed: 1, from: 0, to: 1_000_000 };
        const runner = threads.ofScenarios(newCells());
        const waiting = [1, 2, 3].map(() => runner.replicate(unit, loaded.base));
        const said = Promise.allSettled(waiting);
        await expect(waiting[0]).rejects.toThrow('a thread has run out of memory');
        // While it starts it has no work yet: then all hear of it.
        if (maxOldGenerationSizeMb === 12)
          expect((await said).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      } finally {
        await threads.end();
      }
    },
    60_000,
  );

  it('that are ended take their work with them', async () => {
    const { source, loaded } = recorded(['variants=[]']);
    const threads = await openThreads(1, 'replications');
    const unit = { ...source, index: 0, seed: 1, from: 0, to: 1_000_000 };
    const cells = newCells();
    const runner = threads.ofScenarios(cells);
    const said = Promise.allSettled([1, 2].map(() => runner.replicate(unit, loaded.base)));
    while (Atomics.load(cells, 1) < 1) await new Promise((resolve) => setTimeout(resolve, 10));
    await threads.end();
    for (const each of await said) expect(each.status).toBe('rejected');
  }, 60_000);
});

describe('the number of threads', () => {
  it('is what is asked, or one for each core up to eight, and never more than there are pieces', () => {
    expect(jobsFor(100, 16, 2)).toBe(16);
    expect(jobsFor(100, undefined, 4)).toBe(4);
    expect(jobsFor(100, undefined, 64)).toBe(8);
    expect(jobsFor(1, 16, 8)).toBe(1);
  });
});

describe('the size of a unit', () => {
  it('is one while nobody knows how long one lasts, then as many as last a moment', () => {
    const sizes = unitSizes();
    expect(sizes.next(1_000, 2)).toBe(1);
    sizes.took(1, 200);
    expect(sizes.next(1_000, 2)).toBe(1);
    sizes.took(1, 5);
    expect(sizes.next(1_000, 2)).toBe(10);
    sizes.took(10, 10);
    expect(sizes.next(1_000, 2)).toBe(50);
  });

  it('shrinks towards the end, so that all threads end together', () => {
    const sizes = unitSizes();
    sizes.took(100, 10);
    expect([400, 80, 8, 1].map((left) => sizes.next(left, 2))).toEqual([50, 10, 1, 1]);
  });
});

describe('the gate', () => {
  /** Ends its units when it is told to. */
  function slow() {
    const running: (() => void)[] = [];
    const runner: ReplicationRunner = {
      jobs: 3,
      sizeOf: () => 1,
      replicate: () => new Promise((resolve) => running.push(() => resolve({ runs: NO_REPLICATIONS }))),
    };
    return { runner, running };
  }
  const turn = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
  const { source, loaded } = recorded();
  const unit = { ...source, index: 0, seed: 1, from: 0, to: 1 };

  it('lets one in after the other, in order, while it has not lasted', async () => {
    const { runner, running } = slow();
    const ends: number[] = [];
    const gate = gated(runner, 60_000);
    const all = [1, 2, 3].map((name) => gate.replicate(unit, loaded.base).then(() => ends.push(name)));
    for (let i = 0; i < 3; i++) {
      await turn();
      expect(running).toHaveLength(i + 1);
      running[i]!();
    }
    await Promise.all(all);
    expect(ends).toEqual([1, 2, 3]);
  });

  it('lets all in when it has', async () => {
    const { runner, running } = slow();
    const gate = gated(runner, 20);
    const all = [1, 2, 3].map(() => gate.replicate(unit, loaded.base));
    await turn();
    expect(running).toHaveLength(1);
    await turn(60);
    expect(running).toHaveLength(3);
    for (const end of running) end();
    await Promise.all(all);
  });

  it('lets the next in when one fails', async () => {
    const { runner } = slow();
    let count = 0;
    const failing: ReplicationRunner = {
      ...runner,
      replicate: () => Promise.reject(new Error(`no ${++count}`)),
    };
    const gate = gated(failing, 60_000);
    const all = [1, 2].map(() => gate.replicate(unit, loaded.base));
    expect((await Promise.allSettled(all)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(count).toBe(2);
  });
});

describe('a search', () => {
  it('begins in its own thread, and takes others once it lasts', async () => {
    const { source } = recorded(['variants=[]']);
    let opened = 0;
    let ended = 0;
    const asked: unknown[] = [];
    const others: WorkRunner = {
      jobs: 2,
      run: async (unit) => {
        asked.push(unit.seed);
        return { result: null, diagnostics: [] };
      },
      end: async () => void ended++,
    };
    let clock = 0;
    const runner = growing(
      2,
      async () => {
        opened++;
        return others;
      },
      () => (clock += 150),
    );
    for (let seed = 1; seed <= 6; seed++) await runner.run({ ...source, seed });
    expect([opened, asked]).toEqual([1, [5, 6]]);
    await runner.end();
    expect(ended).toBe(1);
  });

  it('that was short opens no threads', async () => {
    const runner = growing(2, () => {
      throw new Error('not needed');
    });
    await runner.run({ ...recorded(['variants=[]']).source, seed: 1 });
    await runner.end();
  });
});

describe('matter', () => {
  it('is written once and read once, as one thing', () => {
    const write = matterWriter();
    const read = matterReader();
    const shared = { deep: [1, Number.POSITIVE_INFINITY, -0] };
    const value = {
      a: shared,
      b: shared,
      at: () => 1,
      texts: new Map([['file', 'text']]),
      __proto__: null,
      none: undefined,
    };
    const matter = write(value);
    expect(write(value)).toBe(matter);
    const back = read(matter) as typeof value;
    expect(read(matter)).toBe(back);
    expect(back.a).toBe(back.b);
    expect(back.a.deep).toEqual([1, Number.POSITIVE_INFINITY, -0]);
    expect(Object.keys(back).sort()).toEqual(['a', 'b', 'none']);
  });
});
