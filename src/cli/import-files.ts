// Reads what clusters and Envoys say of themselves, writes what is kept of it, and a scenario over all of it.
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { inert } from '../scenarios/diagnostics.ts';
import { isProblem, nodeFiles } from '../scenarios/files.ts';
import { memoryFiles } from '../scenarios/files-memory.ts';
import { sortInputs } from '../scenarios/import/dump-inputs.ts';
import { guessCalls } from '../scenarios/import/guess-calls.ts';
import { type ContextText, fileName, importContexts } from '../scenarios/import/kubectl-export.ts';
import { startScenario } from '../scenarios/import/start-scenario.ts';
import { type CommandContext, UsageError } from './commands/command.ts';
import type { ImportOptions } from './commands/import.ts';
import { EXIT } from './exit-codes.ts';
import { importDumps, problemText, refuseOverwriting } from './import-dumps.ts';
import { tellStarted, write, writeProject } from './init-folder.ts';
import type { Io } from './io.ts';
import { askKubectl } from './kubectl.ts';

export async function importFiles(
  files: readonly string[],
  options: ImportOptions,
  { io }: CommandContext,
): Promise<number> {
  const out = options.out ?? '.';
  const contexts = contextsOf(files, options, io);
  const { dumps, others, problems } = sortInputs(contexts);
  if (problems.length > 0) throw new UsageError(problemText(problems));
  if (dumps.length > 0) {
    refuseMixture(dumps[0]!.source, others[0]?.source, options);
    const { force = false, request } = options;
    return importDumps(dumps, { out, force, ...(request !== undefined && { request }) }, io);
  }
  if (options.request !== undefined)
    throw new UsageError(
      '--request is for config dumps; of manifests the scenario says in load what is asked',
    );
  const imported = importContexts(contexts);
  if (imported.problems.length > 0) throw new UsageError(imported.problems.slice(0, 10).join('\n  '));
  if (imported.files.size === 0)
    throw new UsageError(`nothing that the simulation reads was found\n  ${imported.notes.join('\n  ')}`);
  const scenario = join(out, 'foresail.yaml');
  const targets = [scenario, ...[...imported.files.keys()].map((path) => join(out, path))];
  refuseOverwriting(targets, options.force === true);
  const texts = Object.fromEntries([...imported.files].map(([path, text]) => [join(out, path), text]));
  const ids = new Map(contexts.map(({ context }) => [fileName(context), context]));
  const folder = join(out, 'k8s');
  const started = startScenario(memoryFiles(texts), Object.keys(texts), scenario, {
    clusterOf: (file) =>
      file.startsWith(`${folder}/`)
        ? (ids.get(file.slice(folder.length + 1).split('/')[0]!) ?? 'main')
        : null,
    calls: guessCalls(imported.objects.map(({ object }) => object)),
    head: 'Written by foresail import from what kubectl said; everything in it is yours to change.',
  });
  for (const [file, text] of Object.entries(texts)) write(file, text);
  for (const note of imported.notes) io.err(`${inert(note)}\n`);
  if ('problem' in started) {
    io.err(
      inert(
        `foresail: ${imported.files.size} files were written to ${out}, but no scenario: ${started.problem}\n`,
      ),
    );
    return EXIT.cannotRun;
  }
  const written = writeProject(scenario, started.text);
  tellStarted(io, started, imported.files.size, [
    ...written.slice(0, 1),
    ...Object.keys(texts),
    ...written.slice(1),
  ]);
  return EXIT.ok;
}

/** A scenario is made of manifests or of dumps. @throws UsageError */
function refuseMixture(dump: string, other: string | undefined, { context, kubectl }: ImportOptions): void {
  if (context || kubectl)
    throw new UsageError(
      `${dump} is an Envoy's config dump, and ${context ? '--context' : '--kubectl'} is for clusters: import dumps as plain FILEs, in a call of their own`,
    );
  if (other !== undefined)
    throw new UsageError(
      `${dump} is an Envoy's config dump, and ${other} is not: a scenario is made of manifests or of dumps\n  hint: import each in a call of its own, with its own --out; foresail diff compares the two scenarios`,
    );
}

function contextsOf(files: readonly string[], { context, kubectl }: ImportOptions, io: Io): ContextText[] {
  const contexts: ContextText[] = [];
  let usesStdin = false;
  const read = (file: string): string => {
    if (file !== '-') return textOf(file);
    if (usesStdin) throw new UsageError('standard input can be read only once');
    usesStdin = true;
    return io.readStdin();
  };
  const sourceOf = (file: string) => (file === '-' ? 'standard input' : file);
  for (const file of files) {
    const name = file === '-' ? 'main' : basename(file).replace(/\.(ya?ml|json)$/i, '');
    contexts.push({ context: idOf(name), source: sourceOf(file), text: read(file) });
  }
  for (const entry of context ?? []) {
    const at = entry.indexOf('=');
    const file = entry.slice(at + 1);
    contexts.push({ context: idOf(entry.slice(0, at)), source: sourceOf(file), text: read(file) });
  }
  for (const name of kubectl ?? [])
    for (const text of askKubectl(name))
      contexts.push({ context: idOf(name), source: `kubectl --context=${name}`, text });
  return contexts;
}

/** A context's name may be an ARN or a path; a cluster's is a word. */
const idOf = (name: string): string => {
  const last = /^(?:gke_|arn:|.*[/@])/.test(name) ? name.split(/[/@_]/).at(-1)! : name;
  return fileName(last).slice(0, 63);
};

function textOf(file: string): string {
  const text = nodeFiles().read(file);
  if (!isProblem(text)) return text;
  // Whole clusters are larger than a manifest may be; they are read here and split.
  if (text.code === 'FS1003') return readFileSync(file, 'utf8');
  throw new UsageError(`${file}: ${text.problem}`);
}
