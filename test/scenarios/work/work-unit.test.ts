// A work unit is plain data: after a trip through JSON, and without a disk, it gives the same summary.
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { memoryFiles } from '../../../src/scenarios/files-memory.ts';
import { recordingFiles, replayedFiles } from '../../../src/scenarios/work/file-texts.ts';
import { applyOverlay } from '../../../src/scenarios/work/overlay.ts';
import { prepare, runAll, runHere, runUnit, unitRunner } from '../../../src/scenarios/work/run-unit.ts';
import type { WorkRunner, WorkUnit } from '../../../src/scenarios/work/unit.ts';

function recorded(file: string): WorkUnit {
  const recording = recordingFiles(nodeFiles());
  const unit: WorkUnit = { files: recording.texts, file, set: ['variants=[]'] };
  prepare(unit, recording.files);
  return unit;
}

describe('a work unit', () => {
  const unit = recorded('examples/two-regions/failover.yaml');

  it('gives the same bytes after a trip as JSON', () => {
    const here = runUnit(unit);
    expect(here.result?.ok).toBe(true);
    const there = runUnit(JSON.parse(JSON.stringify(unit)) as WorkUnit);
    expect(JSON.stringify(there)).toBe(JSON.stringify(here));
  });

  it('gives the same whatever was done before it', () => {
    const run = unitRunner();
    const alone = JSON.stringify(runUnit({ ...unit, seed: 3 }));
    const others: WorkUnit[] = [
      { ...unit, overlay: { patch: { 'Deployment/reviews-v2': { spec: { replicas: 3 } } } } },
      { ...unit, set: ['variants=[]', 'load[0].iterations=3'] },
      { ...unit, overlay: { faults: [{ at: '1s', zoneDown: 'cn-hangzhou-h' }] } },
    ];
    for (const other of others) {
      run(other);
      expect(JSON.stringify(run({ ...unit, seed: 3 }))).toBe(alone);
    }
  });

  it('lays its overlay over the variant that is asked for, not over the base', () => {
    const recording = recordingFiles(nodeFiles());
    const file = 'examples/two-regions/distribute.yaml';
    const all: WorkUnit = {
      files: recording.texts,
      file,
      variant: 'two-workers',
      set: ['topology.links=[]'],
    };
    const { scenario, tree, read } = prepare(all, recording.files);
    expect(scenario.topology.proxies['default']?.concurrency).toBe(2);
    const overlay = { topology: { mesh: { localityLoadBalancing: { distribute: [] } } } };
    const applied = applyOverlay(scenario, tree!, overlay, read);
    expect(applied.scenario.topology.proxies['default']?.concurrency).toBe(2);
    expect(applied.scenario.topology.links).toEqual([]);
    expect(applied.scenario.topology.mesh.meshConfig).not.toEqual(scenario.topology.mesh.meshConfig);
  });

  it('says why it cannot run', () => {
    expect(runUnit({ ...unit, set: ['variants=[]', 'load[0].iterations=-1'] })).toMatchObject({
      result: null,
      diagnostics: [{ code: 'FS2003' }],
    });
    expect(runUnit({ ...unit, overlay: { faults: [{ at: '1s', crash: 5 }] } }).result).toBeNull();
    expect(runUnit({ ...unit, file: 'elsewhere.yaml' })).toMatchObject({
      result: null,
      diagnostics: [{ code: 'FS1007' }],
    });
  });
});

it('many units come back in the order in which they were given, however they finish', async () => {
  const unit = recorded('examples/two-regions/failover.yaml');
  const units = [4, 1, 3, 2].map((iterations) => ({
    ...unit,
    set: ['variants=[]', 'faults=[]', `load[0].iterations=${iterations}`],
  }));
  const plain = await runAll(runHere(), units);
  const run = unitRunner();
  const late: WorkRunner = {
    jobs: 3,
    run: (each) =>
      new Promise((resolve) =>
        setTimeout(() => resolve(run(each)), each === units[0] ? 30 : each === units[1] ? 10 : 0),
      ),
    end: async () => {},
  };
  const mixed = await runAll(late, units);
  expect(mixed.map(({ result }) => result?.loads[0]?.requests)).toEqual([4, 1, 3, 2]);
  expect(JSON.stringify(mixed)).toBe(JSON.stringify(plain));
});

it('recorded files answer as those that they were taken from, and know nothing else', () => {
  const files = memoryFiles({ 'a/b.yaml': 'x', 'a/c.yaml': 'y', __proto__: 'z' } as Record<string, string>);
  const { files: recording, texts } = recordingFiles(files);
  expect([recording.read('a/b.yaml'), recording.list('a'), recording.read('none')]).toEqual([
    'x',
    ['a/b.yaml', 'a/c.yaml'],
    { code: 'FS1007', problem: 'there is no such file or folder' },
  ]);
  const replayed = replayedFiles(JSON.parse(JSON.stringify(texts)));
  expect(replayed.read('a/b.yaml')).toBe('x');
  expect(replayed.list('a')).toEqual(['a/b.yaml', 'a/c.yaml']);
  for (const name of ['a/c.yaml', '__proto__', 'constructor', 'toString'])
    expect(replayed.read(name)).toHaveProperty('problem');
});
