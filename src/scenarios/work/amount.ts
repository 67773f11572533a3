// How much work lies ahead, counted in user requests before anything is run: whether threads are worth starting, and how many replications
// are worth a message. Pure.
import type { Scenario } from '../scenario.ts';

/** What making a world of a plan costs, and what lies between two replications, counted in user requests. */
const REQUESTS_PER_START = 1_000;

export interface Amount {
  /** Of one replication; Infinity when nobody can tell. */
  requests: number;
  replications: number;
}

export const amountOf = (scenario: Scenario, runs = scenario.runs): Amount => ({
  requests: REQUESTS_PER_START + requestsOf(scenario),
  replications: runs,
});

export const workOf = ({ requests, replications }: Amount): number => requests * replications;

function requestsOf(scenario: Scenario): number {
  return scenario.load.reduce((sum, one) => {
    if (one.executor === 'iterations') return sum + (one.iterations ?? 0);
    if (one.executor === 'closed-loop') return Number.POSITIVE_INFINITY;
    const staged = (one.stages ?? []).reduce(
      (requests, stage) => requests + (stage.durationNs / 1e9) * stage.targetPerSecond,
      0,
    );
    return sum + staged + ((one.durationNs ?? 0) / 1e9) * (one.ratePerSecond ?? 0);
  }, 0);
}

/** Well above what a message costs. */
const REQUESTS_PER_UNIT = 100_000;

/** As many replications as are worth a message between machines: the same whoever asks, so that what is done already is found again. */
export const unitSize = ({ requests }: Amount, left: number): number =>
  Math.min(left, Math.max(1, Math.floor(REQUESTS_PER_UNIT / requests)));
