// One replication of a planned scenario, and what of it the result is read from. Whoever has planned the same scenario gets the same, so
// replications can be shared out among threads and machines. Pure.
import { runWorld } from '../models/run/run-world.ts';
import type { LoadResult, RequestSample, RunResult, TallyRow } from '../models/world.ts';
import type { Plan } from './plan/plan.ts';
import { MOST_BYTES } from './record/limits.ts';
import { recordingOf, recordSettings } from './record/record.ts';
import type { Recording } from './record/recording.ts';
import type { Scenario } from './scenario.ts';

export interface ReplicationOptions {
  seed: string | number;
  replication: number;
  /** Keep this many requests with all their hops. */
  sampleRequests?: number;
  /** Make a recording of at most so many bytes of JSON; true = the usual limit. */
  record?: boolean | number | undefined;
}

export interface Replication {
  /** Without what tells single moments, but for the timeline of the first replication. */
  run: RunResult;
  samples: RequestSample[];
  record?: Recording;
}

export function replicate(scenario: Scenario, plan: Plan, options: ReplicationOptions): Replication {
  const { seed, replication, sampleRequests = 0, record } = options;
  const run = runWorld({
    ...plan.world,
    seed,
    replication,
    sampleRequests,
    ...(record ? recordSettings(plan) : {}),
  });
  return {
    run: numbersOf(run, scenario, replication),
    samples: run.samples,
    ...(record && { record: recordingOf(scenario, plan, run, record === true ? MOST_BYTES : record) }),
  };
}

/** Thousands of these are kept until the last is there: only what loads, services, ejections and expectations are read from. */
function numbersOf(run: RunResult, scenario: Scenario, replication: number): RunResult {
  const { loads, tallies, ejections, endNs, events, digest, path } = run;
  return {
    loads,
    tallies,
    ejections,
    timeline: replication === 0 ? run.timeline : [],
    samples: [],
    ...(run.stats && scenario.expect.some(({ stats }) => stats !== undefined) && { stats: run.stats }),
    endNs,
    events,
    digest,
    path,
  };
}

interface Packed {
  rows: (LoadResult | TallyRow)[];
  /** With the places of their rows. */
  runs: (Omit<RunResult, 'loads' | 'tallies'> & { loads: number[]; tallies: number[] })[];
}

/**
 * Replications as they travel: text, which any thread or queue carries, and which gives the same numbers back. Rows that are the same in many
 * replications, as where every tenth call goes elsewhere in all of them, are there once.
 */
export function packed(runs: readonly RunResult[]): string {
  const rows: string[] = [];
  const known = new Map<string, number>();
  const placeOf = (row: LoadResult | TallyRow): number => {
    const text = JSON.stringify(row);
    const place = known.get(text) ?? rows.push(text) - 1;
    known.set(text, place);
    return place;
  };
  const short: Packed['runs'] = runs.map((run) => ({
    ...run,
    loads: run.loads.map(placeOf),
    tallies: run.tallies.map(placeOf),
  }));
  return `{"rows":[${rows.join(',')}],"runs":${JSON.stringify(short)}}`;
}

/** Of a run that was stopped before its first one. */
export const NO_REPLICATIONS = packed([]);

/** Rows may be shared: nobody changes them. */
export function unpacked(text: string): RunResult[] {
  const { rows, runs } = JSON.parse(text) as Packed;
  return runs.map((run) => ({
    ...run,
    loads: run.loads.map((place) => rows[place] as LoadResult),
    tallies: run.tallies.map((place) => rows[place] as TallyRow),
  }));
}
