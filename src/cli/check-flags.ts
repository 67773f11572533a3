// Flags that searches share (check and sweep), beside those of every command.
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { isMistake, parseDuration } from '../scenarios/durations.ts';
import { parseSeed } from './flag-table.ts';

export interface SearchFlags {
  seed?: string | number;
  set?: string[];
  istio?: string;
  json?: boolean;
  out?: string[];
  only?: string[];
  jobs: number;
  queue?: string;
  quiet?: boolean;
  verbose?: boolean;
  color: boolean;
}

const list = (text: string, before: string[] | undefined) => [...(before ?? []), text];

export function addSearchFlags(command: Command): Command {
  return command
    .option('--jobs <count>', 'threads; "all" = as many as there are cores', jobs, 1)
    .option('--queue <url>', 'redis://host:port: any number of `foresail worker` processes do the work')
    .option('--istio <version>', "rules of this Istio version instead of the scenario's")
    .option('--json', 'the result as JSON')
    .option('-o, --out <file>', 'also save the result; the extension tells the format', list)
    .option('-q, --quiet', 'the verdict alone')
    .option('-v, --verbose', 'everything')
    .option('--no-color', 'no colours (also NO_COLOR=1)');
}

export function assignments(command: Command, flags: string, summary: string): Command {
  return command.option(flags, summary, (text: string, before: string[] | undefined) => {
    if (!/^[^=]+=/.test(text)) throw new InvalidArgumentError('path=value is needed.');
    return list(text, before);
  });
}

export const names = list;

export function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1_000_000)
    throw new InvalidArgumentError('A whole number from 1 to 1000000 is needed.');
  return value;
}

export function jobs(text: string): number {
  return text === 'all' ? availableParallelism() : Math.min(256, whole(text));
}

/** fast-check's seeds are 32 bits. */
export function searchSeed(text: string): number {
  if (!/^-?\d{1,10}$/.test(text) || Number(text) !== (Number(text) | 0))
    throw new InvalidArgumentError('A whole number of 32 bits is needed.');
  return Number(text);
}

export function seed(text: string): string | number {
  return parseSeed(text);
}

export function milliseconds(text: string): number {
  const ns = parseDuration(text);
  if (isMistake(ns)) throw new InvalidArgumentError(`${ns.message}.`);
  return ns / 1e6;
}
