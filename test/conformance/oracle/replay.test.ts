// Every measured case that is recorded here, played in the simulator and held against what a real Envoy did.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareRuns, type RecordedRun } from './compare.ts';
import { simulateCase } from './simulate-case.ts';

const FOLDER = new URL('../../recordings/oracle/', import.meta.url);
const RUNS = 12;

/** Cases that a simulator of Envoy cannot meet, because they measured their machine too. They are run all the same. */
const KNOWN_GAPS: Record<string, { reason: string; where: RegExp }> = {
  merge_window_default: {
    reason:
      'the recorded client reached only 165 of its 200 requests a second, so the healthy host has fewer',
    where: /^(counts|hits|status) (per-run count|mean shares)/,
  },
  lr_bias2_weights_1_2_5_c16: {
    reason:
      'shares of sixteen clients in step move by 0.3 points with the microseconds between an answer and the next request',
    where: /^(counts|hits) (per-run count|mean shares)/,
  },
  retry_budget_50pct_min1_c16: {
    reason:
      'likewise: which of sixteen clients in step asks first decides whose retry the budget still allows (one point)',
    where: /^(counts|hits|status|flags|figure) /,
  },
};

describe('what a real Envoy 1.40 did', () => {
  for (const file of readdirSync(FOLDER).sort()) {
    const recorded = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
    const name: string = recorded.case.name;
    it(name, () => {
      const truth: RecordedRun[] = recorded.runs.flatMap(([times, run]: [number, RecordedRun]) =>
        Array.from({ length: times }, () => run),
      );
      const ids: string[] = recorded.case.backends.map((entry: { id: string }) => entry.id);
      const simulated = simulateCase(recorded.case, RUNS);
      const checks = compareRuns(ids, recorded.case.compare ?? {}, truth, simulated.runs);
      expect(checks.length).toBeGreaterThan(3);
      const gap = KNOWN_GAPS[name];
      const failed = checks.filter((check) => !check.isMet && !gap?.where.test(check.what));
      expect(failed).toEqual([]);
    });
  }
});
