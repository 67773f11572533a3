// run --envoy: reads a config dump, and makes a scenario of the flags that say what is asked of it.

import { proxyNameOf } from '../../scenarios/envoy-dump/plan-dump.ts';
import { type EnvoyDump, readEnvoyDump } from '../../scenarios/envoy-dump/read-dump.ts';
import { nodeFiles } from '../../scenarios/files.ts';
import { UsageError } from '../commands/command.ts';
import type { EnvoyInput } from '../predict.ts';

export interface DumpFlags {
  envoy?: string;
  clusters?: string;
  request?: string;
  requests?: string;
  rate?: string;
  duration?: string;
  pace?: string;
  connections?: string;
  listener?: string;
  concurrency?: string;
}

const LOAD_FLAGS = ['request', 'requests', 'rate', 'duration', 'pace', 'connections', 'listener'] as const;
const DEFAULT_REQUESTS = 100;

/** @param files the scenario files of the call @throws UsageError */
export function dumpInput(
  flags: DumpFlags,
  files: readonly string[],
): { input: EnvoyInput; files: string[] } {
  const path = flags.envoy!;
  const dump = readDump(path, flags.clusters);
  const words = ['--envoy', path];
  if (flags.clusters !== undefined) words.push('--clusters', flags.clusters);
  if (files.length > 0) {
    const unused = [...LOAD_FLAGS, 'concurrency' as const].filter((name) => flags[name] !== undefined);
    if (unused.length > 0)
      throw new UsageError(
        `--${unused[0]}: the load is in ${files[0]} already; write it there, or leave the file out`,
      );
    return { input: { dump, words }, files: [...files] };
  }
  if (flags.request === undefined)
    throw new UsageError(
      'run --envoy needs a load: a scenario file with load: [{ from: { proxy: NAME } … }], or --request "GET http://host/path" with --requests N or --rate N/s --duration T',
    );
  for (const name of [...LOAD_FLAGS, 'concurrency' as const])
    if (flags[name] !== undefined) words.push(`--${name}`, flags[name]);
  return { input: { dump, words, scenario: { name: path, text: scenarioText(flags, dump) } }, files: [path] };
}

function readDump(path: string, clustersPath: string | undefined): EnvoyDump {
  const read = readEnvoyDump(
    jsonOf('--envoy', path),
    clustersPath === undefined ? undefined : jsonOf('--clusters', clustersPath),
  );
  if ('problem' in read) throw new UsageError(`--envoy ${path}: ${read.problem}`);
  return read;
}

function jsonOf(flag: string, path: string): unknown {
  const text = nodeFiles().read(path);
  if (typeof text !== 'string') throw new UsageError(`${flag} ${path}: ${text.problem}`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(
      `${flag} ${path}: it is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** JSON is YAML too, so the flags' mistakes are found by the same rules as a file's. */
function scenarioText(flags: DumpFlags, dump: EnvoyDump): string {
  const number = (name: 'requests' | 'listener' | 'concurrency') => {
    const value = Number(flags[name]);
    if (!/^\d+$/.test(flags[name]!) || value < 1)
      throw new UsageError(`--${name} ${flags[name]}: a whole number is needed`);
    return value;
  };
  const isByRate = flags.rate !== undefined;
  if (isByRate && flags.duration === undefined) throw new UsageError('--rate needs --duration');
  if (isByRate && (flags.requests !== undefined || flags.pace !== undefined))
    throw new UsageError('--rate goes with --duration, --requests with --pace: not both');
  const connections = flags.connections;
  const load = {
    name: 'requests',
    from: {
      proxy: proxyNameOf(dump.config),
      ...(flags.listener !== undefined && { port: number('listener') }),
    },
    request: flags.request,
    ...(isByRate
      ? { executor: 'constant-rate', rate: flags.rate, duration: flags.duration }
      : {
          executor: 'iterations',
          iterations: flags.requests === undefined ? DEFAULT_REQUESTS : number('requests'),
          ...(flags.pace !== undefined && { pace: flags.pace }),
          ...(flags.duration !== undefined && { duration: flags.duration }),
        }),
    ...(connections !== undefined && { connections: connections === 'new' ? 'new' : Number(connections) }),
  };
  return JSON.stringify({
    version: 1,
    name: proxyNameOf(dump.config),
    ...(flags.concurrency !== undefined && {
      topology: { proxies: { default: { concurrency: number('concurrency') } } },
    }),
    load: [load],
  });
}
