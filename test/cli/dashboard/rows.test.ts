import { describe, expect, it } from 'vitest';
import {
  chosenCluster,
  endpointRows,
  priorityLoads,
  serviceRows,
  timelineRows,
} from '../../../src/cli/dashboard/rows.ts';
import { countIn, Moment } from '../../../src/cli/dashboard/run-in-time.ts';
import { initialState } from '../../../src/cli/dashboard/state.ts';
import { ejecting, recordedFailover } from './recorded.ts';

const runs = recordedFailover();
const run = ejecting(runs);
const { record } = runs[run]!;
const at = (seconds: number) => initialState(runs, { run, at: seconds, isPlaying: false });

describe('a moment of a run', () => {
  it('counts what was answered by then, and at the end everything', () => {
    const counted = (seconds: number) => {
      const now = new Moment(runs[run]!, seconds);
      return now.user('requests', now.total);
    };
    expect([0, 0.5, 9.5, 15, 22.5, record.end].map(counted)).toEqual([0, 1, 10, 10, 13, 20]);
  });

  it('looks five seconds back', () => {
    const now = new Moment(runs[run]!, 9.5);
    expect(now.windowSeconds).toBe(5);
    expect(now.user('requests', now.recent)).toBe(5);
    expect(now.perSecond(5, now.recent)).toBeCloseTo(1);
  });

  it('sums bins from anywhere to anywhere, also beyond its ends', () => {
    expect(countIn([1, 2, 3], { from: 1, to: 3 })).toBe(5);
    expect(countIn([1, 2, 3], { from: -5, to: 50 })).toBe(6);
    expect(countIn([], { from: 0, to: 1 })).toBe(0);
  });
});

describe('the endpoints of a service', () => {
  const healthAt = (seconds: number) =>
    endpointRows(at(seconds)).map((row) => [row.name, row.health, row.ejections, row.requests]);

  it('are well, then faulty, then ejected', () => {
    expect(healthAt(10)).toEqual([
      ['reviews-v1-0', 'ok', 0, 10],
      ['reviews-v2-0', 'ok', 0, 0],
    ]);
    expect(healthAt(16)[0]).toEqual(['reviews-v1-0', 'refuse', 0, 10]);
    expect(healthAt(24)).toEqual([
      ['reviews-v1-0', 'ejected', 1, 11],
      ['reviews-v2-0', 'ok', 0, 4],
    ]);
  });

  it('carry the load that Envoy gives their priority', () => {
    const loads = (seconds: number) => priorityLoads(chosenCluster(at(seconds))!, endpointRows(at(seconds)));
    expect(loads(10).healthyLoad).toEqual([100, 0]);
    expect(loads(24).healthyLoad).toEqual([0, 100]);
  });

  it('tell failures in a row', () => {
    expect(endpointRows(at(24)).map(({ inARow }) => inARow)).toEqual([1, 0]);
  });

  it('are sorted by share when asked', () => {
    const state = { ...at(record.end), sort: 1 };
    const shares = endpointRows(state).map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => b - a));
  });
});

it('lists first the services that have a choice, and the servers to which something happened', () => {
  expect(record.services[serviceRows(at(1))[0]!]).toBe('reviews.default');
  expect(record.servers[timelineRows(at(1))[0]!]!.name).toBe('reviews-v1-0');
});
