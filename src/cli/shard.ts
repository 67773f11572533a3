// Which of many scenario files one of several machines runs: --shard 2/4. Every file is in exactly one shard, and which one depends on
// the names alone, not on the order in which they were given or found. Neighbours, which tend to be alike, go to different shards.
import { FlagError } from './flag-table.ts';

export interface Shard {
  /** Counted from 1. */
  index: number;
  count: number;
}

/** @throws FlagError */
export function parseShard(text: string): Shard {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index < 1 || index > count)
    throw new FlagError('i/n is needed, from 1/n to n/n, such as 2/4.');
  return { index, count };
}

export function shardOf(files: readonly string[], { index, count }: Shard): string[] {
  return [...files].sort().filter((_, at) => at % count === index - 1);
}
