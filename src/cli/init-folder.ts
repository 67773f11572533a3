// Writes a first scenario for a folder of manifests, and the JSON Schema that editors complete it with.
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { inert, renderDiagnostic } from '../scenarios/diagnostics.ts';
import { isProblem, nodeFiles } from '../scenarios/files.ts';
import { type Started, startScenario } from '../scenarios/import/start-scenario.ts';
import { scenarioJsonSchema } from '../scenarios/schema-json.ts';
import { type CommandContext, UsageError } from './commands/command.ts';
import type { InitOptions } from './commands/init.ts';
import { EXIT } from './exit-codes.ts';
import type { Io } from './io.ts';
import { count, percent, plural } from './output/figures.ts';
import { shellWord } from './shell-word.ts';

export async function initFolder(
  folder: string,
  options: InitOptions,
  { io }: CommandContext,
): Promise<number> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`${folder} is no folder`);
  const out = options.out ?? join(folder, 'foresail.yaml');
  if (!/\.ya?ml$/i.test(out)) throw new UsageError(`--out ${out}: the name of a scenario ends in .yaml`);
  // Manifests are named relative to the scenario, so it lies at or above them.
  const from = relative(dirname(out), folder);
  if (from.startsWith('..') && options.out !== undefined)
    throw new UsageError(
      `--out ${out}: the scenario is to lie in ${folder} or above it, since it names the manifests by paths below`,
    );
  if (!options.print && !options.force && existsSync(out))
    throw new UsageError(`${out} is there already; --force replaces it, --out FILE writes another`);
  const files = nodeFiles();
  const paths = files.list(folder);
  if (isProblem(paths)) throw new UsageError(`${folder}: ${paths.problem}`);
  const started = startScenario(files, paths, out);
  if ('problem' in started)
    throw new UsageError(
      `${folder}: ${started.problem}; foresail init FOLDER takes the folder of your manifests, foresail examples has some to start from`,
    );
  if (options.print) {
    io.out(started.text);
    return EXIT.ok;
  }
  const written = writeProject(out, started.text);
  tellStarted(io, started, paths.length, written);
  return EXIT.ok;
}

/** The scenario and its schema; returns what was written. */
export function writeProject(out: string, text: string): string[] {
  const schema = join(dirname(out), '.foresail', 'scenario.schema.json');
  write(out, text);
  write(schema, `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  return [out, schema];
}

export function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`${file} cannot be written (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}

const MOST_TOLD = 8;

export function tellStarted(io: Io, started: Started, read: number, written: readonly string[]): void {
  const kinds = Object.entries(started.counts).map(([kind, number]) => `${kind} ${count(number)}`);
  const lines = [
    `Found ${kinds.slice(0, MOST_TOLD).join(', ')}${kinds.length > MOST_TOLD ? ', ...' : ''} in ${plural(read, 'file')}`,
    `Clusters: ${started.clusters.join(', ')}`,
    ...started.leftOut.slice(0, MOST_TOLD).map(({ file, why }) => `Left out ${file}: ${why}`),
    ...(started.leftOut.length > MOST_TOLD ? [`and ${started.leftOut.length - MOST_TOLD} more files`] : []),
    ...written.map((file) => `Wrote ${file}`),
    ...(started.result?.loads ?? []).map(
      ({ name, requests, ok, errorRate }) =>
        `First run: load ${name}, ${count(ok)} of ${plural(requests, 'request')} answered${errorRate > 0 ? ` (${percent(errorRate)} failed; foresail explain ${shellWord(written[0]!)} tells why)` : ''}`,
    ),
    `Next: foresail run ${shellWord(written[0]!)}`,
  ];
  io.out(`${lines.map(inert).join('\n')}\n`);
  for (const diagnostic of started.diagnostics) io.err(`${renderDiagnostic(diagnostic)}\n`);
  if (started.diagnostics.length > 0)
    io.err('foresail: it does not run yet; the places above say what is missing\n');
}
