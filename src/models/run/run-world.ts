// The run: a world in, what happened out. Same world, same bytes.
import type { RunResult, WorldSpec } from '../world.ts';
import { RunContext } from './run-context.ts';
import { Surprise } from './straight/call-site.ts';
import { mayRunStraight } from './straight/possible.ts';

/**
 * Simulates one replication.
 * @param options.eventsOnly without straight running, which changes nothing but `path`
 * @param options.express false = every request by the general way, which changes nothing but the digest
 * @throws RangeError when the configuration asks for something that is not simulated
 */
export function runWorld(
  spec: WorldSpec,
  options: { eventsOnly?: boolean; express?: boolean } = {},
): RunResult {
  if (!options.eventsOnly && mayRunStraight(spec)) {
    try {
      return runOn(new RunContext(spec, { straight: true }));
    } catch (error) {
      if (!(error instanceof Surprise)) throw error;
    }
  }
  return runOn(new RunContext(spec, { express: options.express !== false }));
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
