// foresail run: simulate scenario files, tell where the requests went, check expectations.
import { existsSync, statSync } from 'node:fs';
import type { DumpFlags } from '../envoy/dump-input.ts';
import { addHandsFlags, addSharedFlags, type SharedOptions } from '../shared-flags.ts';
import { type CommandModule, UsageError } from './command.ts';

/** Looked for in the working directory when no file is named. */
const DEFAULT_FILES = ['foresail.yaml', 'foresail.yml'];

const ENVOY_HELP = `
From a running Envoy:
  curl -s 'localhost:15000/config_dump?include_eds' > dump.json
  curl -s 'localhost:15000/clusters?format=json' > clusters.json
  foresail run --envoy dump.json --clusters clusters.json --request 'GET http://reviews:9080/' --requests 1000
or with a scenario file whose loads are from: { proxy: NAME, port: N } and which
needs no manifests; behavior is by workload, service or address. Every endpoint
is a stub that answers 200 unless behavior says otherwise.`;

export const run: CommandModule = {
  configure(command) {
    addSharedFlags(command);
    addHandsFlags(command);
    command
      .option('--envoy <dump>', "simulate a running Envoy's configuration instead of manifests")
      .option('--clusters <file>', 'with --envoy: health and weights, from /clusters?format=json')
      .option('--request <text>', 'with --envoy: what is asked, as "GET http://host/path"')
      .option('--requests <count>', 'with --envoy: how many, one after the other (100)')
      .option('--pace <duration>', 'with --requests: from start to start')
      .option('--rate <rate>', 'with --envoy: how many a second, as 50/s; needs --duration')
      .option('--duration <duration>', 'with --rate or --requests: for how long')
      .option('--connections <count>', 'with --envoy: kept connections, or new per request')
      .option('--listener <port>', "with --envoy: the listener's port, where it is not the request's")
      .option('--concurrency <count>', "with --envoy: the Envoy's worker threads (2)")
      .addHelpText('after', ENVOY_HELP);
  },
  async execute(files, options: SharedOptions & DumpFlags, context) {
    if (options.envoy !== undefined) {
      if (options.queue !== undefined)
        throw new UsageError(
          '--queue and --envoy do not go together; name the config dump in the scenario file, as envoy: { configDump: FILE }',
        );
      const { dumpInput } = await import('../envoy/dump-input.ts');
      const { input, files: named } = dumpInput(options, files);
      const { simulateAndReport } = await import('../session.ts');
      return await simulateAndReport(named, options, context, 'pretty', { envoy: input });
    }
    refuseDumpFlags(options);
    const found = files.length > 0 ? files : DEFAULT_FILES.filter((file) => existsSync(file)).slice(0, 1);
    if (found.length === 0)
      throw new UsageError(
        'no scenario file was named and there is no foresail.yaml here; foresail --help shows how to start',
      );
    for (const file of found)
      if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
        throw new UsageError(`${file} is a folder; foresail test ${file} runs the scenarios in it`);
    const { simulateAndReport } = await import('../session.ts');
    return await simulateAndReport(found, options, context, 'pretty');
  },
};

/** They would be ignored. @throws UsageError */
function refuseDumpFlags(options: DumpFlags): void {
  const flags = [
    'clusters',
    'request',
    'requests',
    'pace',
    'rate',
    'duration',
    'connections',
    'listener',
    'concurrency',
  ] as const;
  const given = flags.find((name) => options[name] !== undefined);
  if (given) throw new UsageError(`--${given} goes with --envoy; a scenario file says it in load`);
}
