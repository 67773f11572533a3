// foresail export: what istiod would send to a proxy, as a bootstrap that a real Envoy starts with.

import type { Command } from 'commander';
import { assignmentsOf, discoveryFiles, exportBootstrap } from '../../models/envoy/export/bootstrap.ts';
import { nearestName } from '../../scenarios/diagnostics.ts';
import { isMistake, parseDuration } from '../../scenarios/durations.ts';
import { configAt, type Plan } from '../../scenarios/plan/plan.ts';
import { type PlannedScenario, planFile } from '../envoy/planned.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { addSomeFlags, type SharedOptions } from '../shared-flags.ts';
import { type CommandModule, UsageError } from './command.ts';

interface ExportFlags extends SharedOptions {
  proxy?: string;
  list?: boolean;
  at?: string;
  format?: string;
  eds?: string;
}

const FORMATS = ['yaml', 'json'];

export const exportCommand: CommandModule = {
  configure(command: Command) {
    command
      .option('--proxy <name>', 'the proxy: a pod or gateway, or a workload (then its first pod)')
      .option('--list', 'list the proxies of the scenario')
      .option('--at <time>', 'as it is at this time of the scenario, faults and pushes included (0s)')
      .option('--format <format>', 'yaml or json (yaml)')
      .option('--eds <folder>', 'write the endpoints to watched files in this folder');
    addSomeFlags(command, ['set', 'istio', 'manifests', 'variant']);
    command.addHelpText(
      'after',
      '\nFor example:\n  foresail export scenario.yaml --list\n  foresail export scenario.yaml --proxy productpage-v1 > envoy.yaml\n  envoy --mode validate -c envoy.yaml',
    );
  },
  async execute([file = ''], options: ExportFlags, { io }) {
    const format = options.format ?? 'yaml';
    if (!FORMATS.includes(format)) throw new UsageError(`--format ${format}: it is ${FORMATS.join(' or ')}`);
    const atNs = parseDuration(options.at ?? '0');
    if (isMistake(atNs)) throw new UsageError(`--at: ${atNs.message}`);
    if (!options.list && options.proxy === undefined)
      throw new UsageError('which proxy? --proxy NAME writes one, --list lists them');
    const planned = planFile(file, options, io)?.[0];
    if (!planned) return EXIT.cannotRun;
    if (options.list) io.out(listOf(planned, atNs));
    else await write(planned, options, format, atNs, io);
    return EXIT.ok;
  },
};

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

function listOf({ plan }: PlannedScenario, atNs: number): string {
  const rows = plan.world.proxies.map((proxy, index) => {
    const config = configAt(plan.world, index, atNs);
    const { cluster, zone, region } = proxy.place;
    return [
      proxy.name,
      cluster,
      zone || region,
      counted(config.listeners.length, 'listener'),
      counted(config.clusters.length, 'cluster'),
      `concurrency ${proxy.concurrency}`,
    ];
  });
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, i) => Math.max(most[i] ?? 0, cell.length)),
    [],
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** By name, else the first proxy of a workload of that name. @throws UsageError */
export function proxyNamed(plan: Plan, name: string): number {
  const { proxies } = plan.world;
  const exact = proxies.findIndex((proxy) => proxy.name === name);
  if (exact >= 0) return exact;
  const ofWorkload = proxies.findIndex((proxy) => plan.names.callerWorkloads.get(proxy.name) === name);
  if (ofWorkload >= 0) return ofWorkload;
  const names = [...proxies.map((proxy) => proxy.name), ...plan.names.callerWorkloads.values()];
  const near = nearestName(name, names);
  throw new UsageError(
    `there is no proxy "${name}"${near ? `; did you mean "${near}"?` : ''}; --list lists the proxies`,
  );
}

async function write(
  { plan }: PlannedScenario,
  options: ExportFlags,
  format: string,
  atNs: number,
  io: Io,
): Promise<void> {
  const config = configAt(plan.world, proxyNamed(plan, options.proxy!), atNs);
  const folder = options.eds;
  const paths = new Map<string, string>();
  if (folder !== undefined) {
    const { mkdirSync, writeFileSync } = await import('node:fs');
    const { resolve } = await import('node:path');
    mkdirSync(folder, { recursive: true });
    for (const assignment of assignmentsOf(config)) {
      const path = resolve(folder, `${assignment.clusterName.replace(/[^\w.-]/g, '_')}.json`);
      paths.set(assignment.clusterName, path);
      writeFileSync(path, `${JSON.stringify(discoveryFiles.endpoints(assignment, 1), null, 2)}\n`);
    }
  }
  const bootstrap = exportBootstrap(config, {
    accessLogPath: '-',
    ...(folder !== undefined && { edsPath: (name: string) => paths.get(name)! }),
  });
  if (format === 'json') io.out(`${JSON.stringify(bootstrap, null, 2)}\n`);
  else io.out((await import('yaml')).stringify(bootstrap, { aliasDuplicateObjects: false }));
}
