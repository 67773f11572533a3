import { expect, it } from 'vitest';
import { newCells } from '../../src/cli/cells.ts';
import { openReplicating } from '../../src/cli/replicating.ts';
import type { Threads } from '../../src/cli/threads.ts';
import type { Scenario } from '../../src/scenarios/scenario.ts';
import type { ReplicationRunner } from '../../src/scenarios/work/unit.ts';

/** How many threads were opened at once, and how many units were under way once three had been asked for. */
async function begun(jobs: number | undefined) {
  const opened: unknown[] = [];
  let running = 0;
  const runner: ReplicationRunner = {
    jobs: 3,
    sizeOf: () => 1,
    replicate: () => {
      running++;
      return new Promise(() => {});
    },
  };
  const threads = { jobs: 3, ofScenarios: () => runner, end: async () => {} } as unknown as Threads;
  const replicating = openReplicating({ ...(jobs && { jobs }), version: '' }, async (_, kind, options) => {
    opened.push([kind, options?.atOnce]);
    return threads;
  });
  const shared = await replicating.runner(3, { cells: newCells(), stopped: new Promise(() => {}) });
  const unit = { files: { texts: {}, lists: {} }, file: 'a.yaml', set: [], index: 0, seed: 1 };
  for (let from = 0; from < 3; from++) void shared.replicate({ ...unit, from, to: from + 1 }, {} as Scenario);
  await replicating.end();
  return { opened, running };
}

it('begins on all threads that were asked for', async () => {
  expect(await begun(3)).toEqual({ opened: [['replications', 3]], running: 3 });
});

it('begins on one where nobody asked, until it has lasted', async () => {
  expect(await begun(undefined)).toEqual({ opened: [['replications', 1]], running: 1 });
});
