// Writes what import makes of Envoys' config dumps: the dumps, cut down to what is read, and a scenario over all of them.
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { inert, renderDiagnostic } from '../scenarios/diagnostics.ts';
import type { DumpPair, InputProblem } from '../scenarios/import/dump-inputs.ts';
import { fileName } from '../scenarios/import/kubectl-export.ts';
import { type StartedFromDumps, startFromDumps } from '../scenarios/import/start-from-dumps.ts';
import { UsageError } from './commands/command.ts';
import { EXIT } from './exit-codes.ts';
import { write, writeProject } from './init-folder.ts';
import type { Io } from './io.ts';
import { count, percent, plural } from './output/figures.ts';
import { shellWord } from './shell-word.ts';

export interface ImportDumpOptions {
  out: string;
  force: boolean;
  request?: string;
}

/** @throws UsageError */
export function importDumps(
  pairs: readonly DumpPair[],
  { out, force, request }: ImportDumpOptions,
  io: Io,
): number {
  const started = startFromDumps(pairs, {
    name: fileName(basename(resolve(out))),
    ...(request !== undefined && { request }),
  });
  if ('problems' in started) throw new UsageError(problemText(started.problems));
  const scenario = join(out, 'foresail.yaml');
  refuseOverwriting([scenario, ...[...started.files.keys()].map((path) => join(out, path))], force);
  for (const [path, text] of started.files) write(join(out, path), text);
  const [first, ...rest] = writeProject(scenario, started.text);
  tell(io, started, [first!, ...[...started.files.keys()].map((path) => join(out, path)), ...rest]);
  for (const diagnostic of started.diagnostics)
    io.err(`${renderDiagnostic({ ...diagnostic, file: join(out, diagnostic.file) }, started.text)}\n`);
  if (started.diagnostics.length === 0) return EXIT.ok;
  io.err('foresail: it does not run yet; the places above say what is missing\n');
  return EXIT.cannotRun;
}

/** @throws UsageError */
export function refuseOverwriting(targets: readonly string[], force: boolean): void {
  const there = targets.filter((file) => existsSync(file));
  if (there.length === 0 || force) return;
  throw new UsageError(
    `${there[0]}${there.length > 1 ? ` and ${there.length - 1} more` : ''} ${there.length > 1 ? 'are' : 'is'} there already; --force replaces them, --out FOLDER writes elsewhere`,
  );
}

/** Several mistakes, each with its place and what to do. */
export const problemText = (problems: readonly InputProblem[]): string =>
  problems
    .slice(0, 10)
    .map(
      ({ source, message, line, col, hint }) =>
        `${source}${line === undefined ? '' : `:${line}:${col}`}: ${message}${hint ? `\n  hint: ${hint}` : ''}`,
    )
    .join('\n  ');

const MOST_TOLD = 8;

function tell(
  io: Io,
  { proxies, secrets, notes, result }: StartedFromDumps,
  written: readonly string[],
): void {
  for (const note of notes) io.err(`${inert(note)}\n`);
  io.err(
    `left out: ${secrets > 0 ? `${plural(secrets, 'secret')} (keys, certificates, tokens), and ` : ''}whatever else the simulation does not read\n`,
  );
  const lines = [
    ...proxies.slice(0, MOST_TOLD).map(({ name, isGateway, dump: { config } }) => {
      const { region = '', zone = '' } = config.node.locality ?? {};
      const place = [region, zone].filter(Boolean).join('/');
      const what = [
        place,
        plural(config.listeners.length, 'listener'),
        plural(config.clusters.length, 'cluster'),
      ];
      return `Found ${isGateway ? 'the gateway' : 'the proxy'} ${name}: ${what.filter(Boolean).join(', ')}`;
    }),
    ...(proxies.length > MOST_TOLD ? [`and ${proxies.length - MOST_TOLD} more proxies`] : []),
    ...written.map((file) => `Wrote ${file}`),
    ...(result?.loads ?? []).map(
      ({ name, requests, ok, errorRate }) =>
        `First run: load ${name}, ${count(ok)} of ${plural(requests, 'request')} answered${errorRate > 0 ? ` (${percent(errorRate)} failed; foresail explain ${shellWord(written[0]!)} tells why)` : ''}`,
    ),
    `Next: foresail run ${shellWord(written[0]!)}`,
  ];
  io.out(`${lines.map(inert).join('\n')}\n`);
}
