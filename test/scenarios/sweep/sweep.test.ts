// A sweep's table and a bisection's border, over the shipped half-way failover.
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { bisect } from '../../../src/scenarios/sweep/bisect.ts';
import { measureOf } from '../../../src/scenarios/sweep/measures.ts';
import { figureOf, seedsOf, sweep } from '../../../src/scenarios/sweep/sweep.ts';
import { knobOf, valuesOf } from '../../../src/scenarios/sweep/values.ts';
import { recordingFiles } from '../../../src/scenarios/work/file-texts.ts';
import { prepare, runHere } from '../../../src/scenarios/work/run-unit.ts';
import type { WorkUnit } from '../../../src/scenarios/work/unit.ts';

const PERCENT = 'DestinationRule/api:spec.trafficPolicy.outlierDetection.maxEjectionPercent';

function halfway(): WorkUnit {
  const recording = recordingFiles(nodeFiles());
  const unit: WorkUnit = {
    files: recording.texts,
    file: 'examples/properties/halfway-failover.yaml',
    set: [
      'load[0].duration=20s',
      'faults=[{ at: 5s, respond: { workload: api-near, status: 503 } }]',
      'expect=[{ of: api, from: 10s, errorRate: ..1% }]',
    ],
  };
  prepare(unit, recording.files);
  return unit;
}

const knob = (text: string) => {
  const read = knobOf(text);
  if ('message' in read) throw new Error(read.message);
  return read;
};

describe('values of a knob', () => {
  it.each([
    ['a,b,c', ['a', 'b', 'c']],
    ['1..4', ['1', '2', '3', '4']],
    ['10..50:20', ['10', '30', '50']],
    ['10%..12%', ['10%', '11%', '12%']],
    ['1s..3s', ['1s', '2s', '3s']],
    ['500ms..1s:250ms', ['500ms', '750ms', '1s']],
    ['10/s..30/s:10/s', ['10/s', '20/s', '30/s']],
    ['0.1..0.3:0.1', ['0.1', '0.2', '0.3']],
    ['[a, b],{ c: d, e: f }', ['[a, b]', '{ c: d, e: f }']],
    ['..1%', ['..1%']],
    ['1.24,1.25', ['1.24', '1.25']],
  ])('%s', (text, values) => expect(valuesOf(text)).toEqual(values));

  it.each(['5..1', '1..9:0', '1%..9s'])('refuses %s', (text) => {
    expect(valuesOf(text)).toHaveProperty('message');
  });

  it('may be fields of a manifest object', () => {
    expect(knob('DestinationRule/api.shop:spec.a.b=1,2')).toEqual({
      name: 'DestinationRule/api.shop:spec.a.b',
      path: 'patch.DestinationRule/api\\.shop.spec.a.b',
      values: ['1', '2'],
    });
  });
});

describe('a sweep', () => {
  it('shows that a full failover out of three and one needs 75 %', async () => {
    const measures = [measureOf('errorRate', undefined), measureOf('api:api-far', undefined)].map(
      (measure) => {
        if ('message' in measure) throw new Error(measure.message);
        return measure;
      },
    );
    const { points } = await sweep(halfway(), [knob(`${PERCENT}=10,50,75`)], runHere(), {
      seeds: 2,
      seed: 1,
      measures,
    });
    expect(points.map(({ values, met, expectations }) => [...values, met, expectations])).toEqual([
      ['10', 0, 2],
      ['50', 0, 2],
      ['75', 2, 2],
    ]);
    const errors = points.map(({ figures }) => figures['errorRate']!);
    expect(errors[0]!.mean).toBeGreaterThan(0.7);
    expect(errors[2]!.mean).toBeLessThan(0.1);
    for (const { low, mean, high } of errors) expect([low <= mean, mean <= high]).toEqual([true, true]);
    expect(points[2]!.figures['api:api-far']!.mean).toBeGreaterThan(0.6);
  });

  it('is a grid over several knobs, and says which points cannot run', async () => {
    const { points } = await sweep(
      halfway(),
      [knob(`${PERCENT}=50,101`), knob('load[0].rate=5,10')],
      runHere(),
      {
        seeds: 1,
        seed: 1,
      },
    );
    expect(points.map(({ values, problem }) => [...values, problem?.code])).toEqual([
      ['50', '5', undefined],
      ['50', '10', undefined],
      ['101', '5', 'FS2020'],
      ['101', '10', 'FS2020'],
    ]);
  });

  it('takes the seeds that follow, and bands by nearest rank', () => {
    expect(seedsOf(7, 3)).toEqual([7, 8, 9]);
    expect(seedsOf('a', 2)).toEqual(['a', 'a/1']);
    expect(figureOf([3, 1, 2])).toEqual({ mean: 2, low: 1, high: 3 });
  });
});

describe('a bisection', () => {
  const keep = { of: 'api', from: '10s', errorRate: '..1%' };
  const find = (values: string) =>
    bisect(halfway(), knob(`${PERCENT}=${values}`), keep, 'it', runHere(), { seeds: 1, seed: 1 });

  it('finds the smallest percentage that keeps the promise in few runs', async () => {
    const found = await find('1..100');
    expect(found).toMatchObject({ outcome: 'smallest', value: '75', breaks: '74' });
    expect('tried' in found && found.tried.length).toBeLessThanOrEqual(9);
  });

  it('finds the largest value that keeps it', async () => {
    const more = { attemptsPerRequest: '..1', errorRate: '..90%', ejections: '..1' };
    const found = await bisect(halfway(), knob(`${PERCENT}=1..100`), more, 'it', runHere(), {
      seeds: 1,
      seed: 1,
    });
    expect(found).toMatchObject({ outcome: 'largest', value: '49', breaks: '50' });
  });

  it('says when all or nothing keeps it', async () => {
    expect(await find('75..77')).toMatchObject({ outcome: 'all', value: null });
    expect(await find('1..3')).toMatchObject({ outcome: 'none', value: null });
  });
});
