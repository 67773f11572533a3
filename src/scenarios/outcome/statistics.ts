// Numbers over replications: mean, spread and band of a count.
import type { Count } from '../result.ts';

/** Nearest-rank percentile of sorted values; 0 when there are none. */
export function nearestRank(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))]!;
}

export const meanOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * @param perRun one value a replication
 * @param whole mean of what the count is a share of; share is 0 when it is 0
 */
export function countOf(perRun: readonly number[], whole: number, withPerRun: boolean): Count {
  const mean = meanOf(perRun);
  const sorted = [...perRun].sort((a, b) => a - b);
  const squares = perRun.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    sd: perRun.length < 2 ? 0 : Math.sqrt(squares / (perRun.length - 1)),
    p2_5: nearestRank(sorted, 0.025),
    p97_5: nearestRank(sorted, 0.975),
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    share: whole > 0 ? mean / whole : 0,
    ...(withPerRun && { perRun: [...perRun] }),
  };
}
