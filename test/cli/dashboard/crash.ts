// A dashboard that breaks while it is shown: its run throws when a key asks for the endpoints.

import { replay } from '../../../src/cli/dashboard/replay.ts';
import { initialState } from '../../../src/cli/dashboard/state.ts';
import { processIo } from '../../../src/cli/io.ts';
import { recordedFailover } from './recorded.ts';

const runs = recordedFailover().slice(0, 1);
Object.defineProperty(runs[0]!.record, 'clusters', {
  get() {
    throw new Error('broken on purpose');
  },
});
try {
  process.exitCode = await replay(
    initialState(runs, { isPlaying: false }),
    { columns: 80, color: false, unicode: true },
    processIo(),
  );
} catch (error) {
  console.log(`caught: ${(error as Error).message}`);
  process.exitCode = 70;
}
