// The run: a world in, what happened out. Same world, same bytes.
import type { RunResult, WorldSpec } from '../world.ts';
import { RunContext } from './run-context.ts';

/** Simulates one replication. @throws RangeError when the configuration asks for something that is not simulated */
export function runWorld(spec: WorldSpec): RunResult {
  const run = new RunContext(spec);
  run.actions.begin();
  run.loads.begin();
  run.simulation.run(spec.untilNs);
  run.answerNobody();
  return {
    loads: run.recorder.loadResults(),
    tallies: run.recorder.tallyRows(),
    ejections: run.recorder.ejections,
    timeline: run.recorder.timeline,
    samples: run.recorder.samples,
    endNs: run.simulation.nowNs,
    events: run.simulation.events,
    digest: run.simulation.digest(),
    path: 'events',
  };
}
