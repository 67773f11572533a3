// The run: a world in, what happened out. Same world, same bytes.
import type { RunResult, WorldSpec } from '../world.ts';
import { Detour } from './routing/detour.ts';
import { Routing, type RoutingOptions } from './routing/routing.ts';
import { RunContext } from './run-context.ts';
import { Surprise } from './straight/call-site.ts';
import { mayRunStraight } from './straight/possible.ts';

/** How it is simulated, which changes `path`; besides, routing changes `events` and `digest`, and express the digest. */
export interface RunWays {
  /** Without straight running. */
  eventsOnly?: boolean;
  /** False = every request of events goes the general way. */
  express?: boolean;
  /** How far a straight run goes with routing alone; absent = 'counts', as far as it can. */
  routing?: 'counts' | 'walks' | 'no';
  /** Shortest stretch of routing alone [requests]; absent = 1,000. */
  leastStretch?: number;
}

const LEAST_STRETCH = 1000;

/** Simulates one replication. @throws RangeError when the configuration asks for something that is not simulated */
export function runWorld(spec: WorldSpec, ways: RunWays = {}): RunResult {
  const {
    eventsOnly = false,
    express = true,
    routing = 'counts',
    leastStretch: least = LEAST_STRETCH,
  } = ways;
  if (!eventsOnly && mayRunStraight(spec)) {
    try {
      return (
        (routing === 'counts' && unlessDetour(spec, { counts: true, least })) ||
        (routing !== 'no' && unlessDetour(spec, { counts: false, least })) ||
        runOn(new RunContext(spec, { straight: true }))
      );
    } catch (error) {
      if (!(error instanceof Surprise)) throw error;
    }
  }
  return runOn(new RunContext(spec, { express }));
}

/** @returns null when routing is not all that happens where it was thought to be */
function unlessDetour(spec: WorldSpec, options: RoutingOptions): RunResult | null {
  const run = new RunContext(spec, { straight: true });
  const routing = new Routing(run, run.straight!, options);
  run.straight!.routing = routing;
  try {
    const result = runOn(run);
    return { ...result, path: routing.requests > 0 ? `${result.path}, ${routing.told}` : result.path };
  } catch (error) {
    if (error instanceof Detour) return null;
    throw error;
  }
}

function runOn(run: RunContext): RunResult {
  const { spec } = run;
  run.actions.begin();
  run.loads.begin();
  run.simulation.run(spec.untilNs);
  run.answerNobody();
  return {
    loads: run.recorder.loadResults(),
    tallies: run.recorder.tallyRows(),
    ejections: run.recorder.ejections,
    timeline: run.recorder.timeline,
    samples: run.sampler.kept(),
    healthEvents: run.recorder.healthEvents,
    serverFigures: run.servers.all.map((server, index) => ({
      connections: server.accepted,
      maxActive: server.maxActive,
      healthChecks: run.recorder.healthChecksOf(index),
      mirrored: server.mirrored,
    })),
    stats: Object.fromEntries(run.proxies.map((proxy) => [proxy.spec.name, proxy.stats()])),
    maxActive: run.upstream.maxActive,
    ...(run.recorder.series && { series: run.recorder.series.result() }),
    endNs: run.simulation.nowNs,
    events: run.simulation.events,
    digest: run.simulation.digest(),
    path: run.path,
  };
}
