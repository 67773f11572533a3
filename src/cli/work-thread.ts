// A worker thread of work-pool.ts: does one unit after the other, keeping what it has loaded.
import { unitRunner } from '../scenarios/work/run-unit.ts';

export default unitRunner();
