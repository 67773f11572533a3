// Many picks whose hosts are drawn, the same way by each: in blocks, the lists in turn first, then the draws.
import type { IntegerStream } from '../../../engine/random.ts';
import { fillDraws, remainder } from '../draw.ts';
import type { LocalitySchedule } from './locality-schedule.ts';
import type { HostSource } from './policy.ts';

/** Picks of a block. */
const BLOCK = 8192;

/**
 * @param lists by index of the locality; the first one alone where localities are not weighed
 * @param period draws of a pick  @param deciding the one whose remainder chooses
 * @param counts by host, added to
 */
export function countDrawn(
  draw: IntegerStream,
  picks: number,
  { period, deciding }: { period: number; deciding: number },
  lists: readonly (HostSource | undefined)[],
  localities: LocalitySchedule | null,
  counts: Float64Array,
): void {
  const block = new Int32Array(Math.min(picks, BLOCK));
  for (let left = picks; left > 0; left -= block.length) {
    const cells = left < block.length ? block.subarray(0, left) : block;
    fillDraws(draw, cells, period, deciding);
    if (localities === null) addRemainders(cells, lists[0]!.hosts, counts);
    else
      for (let i = 0; i < cells.length; i++) {
        const { hosts } = lists[localities.pick()]!;
        counts[hosts[remainder(cells[i]!, hosts.length)]!]!++;
      }
  }
}

function addRemainders(cells: Int32Array, hosts: readonly number[], counts: Float64Array): void {
  const length = hosts.length;
  const byPlace = new Int32Array(length);
  for (let i = 0; i < cells.length; i++) byPlace[remainder(cells[i]!, length)]!++;
  for (const [place, host] of hosts.entries()) counts[host]! += byPlace[place]!;
}
