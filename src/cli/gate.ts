// Lets one in at a time at first, and everybody once it has lasted: a second thread for work that the first has done before the second is warm
// would only take the processor from it.
import type { ReplicationRunner } from '../scenarios/work/unit.ts';
import { GATE_MS } from './jobs.ts';

/** @param ms from the first unit on */
export function gated(runner: ReplicationRunner, ms = GATE_MS): ReplicationRunner {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  let isBusy = false;
  let isTimed = false;
  const open = () => {
    isOpen = true;
    for (const enter of waiting.splice(0)) enter();
  };
  return {
    ...runner,
    async replicate(...asked) {
      if (!isTimed) setTimeout(open, ms).unref();
      isTimed = true;
      if (isBusy && !isOpen) await new Promise<void>((enter) => waiting.push(enter));
      isBusy = true;
      try {
        return await runner.replicate(...asked);
      } finally {
        // Whoever waits next is in at once, so that nobody comes between.
        const enter = waiting.shift();
        if (enter) enter();
        else isBusy = false;
      }
    },
  };
}
