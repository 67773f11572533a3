// When a load's next request starts, as far as that can be told beforehand.
import type { LoadState } from '../load-state.ts';
import { startOfSteady } from '../open-starts.ts';

/** From a request's start to that of the next one it takes a time that follows from its latency. */
interface Steps {
  kind: 'steps';
  stepNs(latencyNs: number): number;
}

/** Requests start at given times, whatever the answers. */
interface Rhythm {
  kind: 'rhythm';
  /** @param sequence number of the request, from 0  @returns Infinity when there is none [ns] */
  startNs(sequence: number): number;
  /** Two of them are at least so far apart [ns]. */
  leastGapNs: number;
}

/** It is drawn. */
interface Drawn {
  kind: 'drawn';
}

export type Pacing = Steps | Rhythm | Drawn;

export function pacingOf(load: LoadState): Pacing {
  const { arrivals } = load.spec;
  switch (arrivals.kind) {
    case 'iterations': {
      const { paceNs, gapNs = 0, jitterNs = 0 } = arrivals;
      if (jitterNs > 0) return { kind: 'drawn' };
      return { kind: 'steps', stepNs: (latencyNs) => Math.max(paceNs, latencyNs + gapNs) };
    }
    case 'closed': {
      if (arrivals.think.dist !== 'fixed') return { kind: 'drawn' };
      const thinkNs = load.think(load.draw);
      return { kind: 'steps', stepNs: (latencyNs) => latencyNs + thinkNs };
    }
    case 'open': {
      if (arrivals.poisson) return { kind: 'drawn' };
      const most = Math.max(...arrivals.stages.flatMap((stage) => [stage.fromPerSecond, stage.toPerSecond]));
      return {
        kind: 'rhythm',
        startNs: (sequence) => startOfSteady(load, sequence),
        // Each start is rounded.
        leastGapNs: 1e9 / most - 1,
      };
    }
  }
}
