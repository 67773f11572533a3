// What `foresail diff` compares: which two loaded scenarios its arguments mean.
import { existsSync, statSync } from 'node:fs';
import type { Diagnostic } from '../scenarios/diagnostics.ts';
import type { DiffSide } from '../scenarios/diff/diff.ts';
import { layOver, objectsBelow, rebased } from '../scenarios/diff/overlay.ts';
import { type Files, nodeFiles } from '../scenarios/files.ts';
import { UsageError } from './commands/command.ts';
import { gitFiles, revisionPath } from './git-files.ts';
import { load, type PredictOptions } from './predict.ts';

export interface SideArguments {
  files: string[];
  scenario?: string;
  manifestsOld?: string;
  manifestsNew?: string;
  /** "a..b" */
  variants?: string;
  predict: PredictOptions;
}

/** @throws UsageError */
export function sidesOf(given: SideArguments): [DiffSide, DiffSide] {
  const [istioOld, istioNew] = rangeOf(given.predict.istio, '--istio');
  const [variantOld, variantNew] = rangeOf(given.variants ?? given.predict.variant, '--variants');
  const { old, now } = placesOf(given);
  const isSame = old.file === now.file && old.folder === now.folder;
  if (isSame && istioOld === istioNew && variantOld === variantNew)
    throw new UsageError(
      `both sides are ${old.file}; name two files, or add --istio 1.22..1.30, --variants a..b, or --manifests-old with --manifests-new`,
    );
  const left = loadSide(old, given.predict, istioOld, variantOld, now.folder);
  const right = loadSide(now, given.predict, istioNew, variantNew, old.folder);
  const labelled = (
    side: DiffSide,
    place: Place,
    istio: string | undefined,
    variant: string | undefined,
  ): DiffSide => {
    const words = [
      ...(isSame ? [] : [place.folder ?? place.file]),
      ...(istioOld === istioNew ? [] : [`istio ${istio ?? side.loaded.base.istioVersion}`]),
      ...(variantOld === variantNew ? [] : [variant === undefined ? 'the base' : `variant ${variant}`]),
    ];
    return { ...side, label: words.join(', ') };
  };
  return [labelled(left, old, istioOld, variantOld), labelled(right, now, istioNew, variantNew)];
}

interface Place {
  /** As written: a path, or REVISION:path. */
  file: string;
  /** Manifests that take the place of the scenario's. */
  folder?: string;
}

function placesOf({ files, scenario, manifestsOld, manifestsNew }: SideArguments): {
  old: Place;
  now: Place;
} {
  const [first, second] = files;
  if ((manifestsOld === undefined) !== (manifestsNew === undefined))
    throw new UsageError('--manifests-old and --manifests-new go together');
  if (manifestsOld !== undefined && manifestsNew !== undefined) {
    const file = scenario ?? first;
    if (file === undefined)
      throw new UsageError('which scenario? diff FILE --manifests-old DIR --manifests-new DIR');
    return { old: { file, folder: manifestsOld }, now: { file, folder: manifestsNew } };
  }
  if (scenario !== undefined) {
    if (first === undefined || second === undefined)
      throw new UsageError(
        '--scenario FILE needs the two folders or files of manifests: diff OLD NEW --scenario FILE',
      );
    return { old: { file: scenario, folder: first }, now: { file: scenario, folder: second } };
  }
  if (first === undefined)
    throw new UsageError('name two scenario files, or one with --istio 1.22..1.30 or --variants a..b');
  for (const file of [first, second])
    if (file !== undefined && statSync(file, { throwIfNoEntry: false })?.isDirectory())
      throw new UsageError(
        `${file} is a folder; add --scenario FILE to say which scenario its manifests are for`,
      );
  return { old: { file: first }, now: { file: second ?? first } };
}

function loadSide(
  place: Place,
  predict: PredictOptions,
  istio: string | undefined,
  variant: string | undefined,
  other: string | undefined,
): DiffSide {
  const { files, path } = filesOf(place.file);
  const { istio: _, variant: __, ...rest } = predict;
  const options: PredictOptions = {
    ...rest,
    ...(istio !== undefined && { istio }),
    ...(variant !== undefined && { variant }),
  };
  const side = (loaded: DiffSide['loaded']): DiffSide => ({ label: '', loaded, variant: variant ?? null });
  if (place.folder === undefined) return side(load(path, options, files));
  const folder = filesOf(place.folder);
  const view = rebased(joined(files, folder.files, folder.path), path, folder.path);
  const loaded = load(path, options, view.files);
  if (view.hits() > 0) return side(loaded);
  const read = (text: string, diagnostics: Diagnostic[]) => {
    const from = filesOf(text);
    return objectsBelow(from.files, from.path, loaded.sources, diagnostics);
  };
  const problems = layOver(loaded, read(place.folder, loaded.diagnostics), read(other ?? place.folder, []));
  if (problems.length > 0) throw new UsageError(problems.join('\n  '));
  return side(loaded);
}

/** A file that exists is that file, whatever its name looks like. */
function filesOf(text: string): { files: Files; path: string } {
  const revision = existsSync(text) ? null : revisionPath(text);
  return revision
    ? { files: gitFiles(revision.revision), path: revision.path }
    : { files: nodeFiles(), path: text };
}

/** What lies below the folder comes from the folder's own files (another revision perhaps). */
const joined = (files: Files, ofFolder: Files, folder: string): Files => {
  const isBelow = (path: string) => path === folder || path.startsWith(`${folder.replace(/\/+$/, '')}/`);
  return {
    read: (path, most) => (isBelow(path) ? ofFolder : files).read(path, most),
    list: (path) => (isBelow(path) ? ofFolder : files).list(path),
  };
};

/** "a..b" -> both; "a" -> twice; an empty end of variants is the base. */
function rangeOf(text: string | undefined, flag: string): [string | undefined, string | undefined] {
  if (text === undefined) return [undefined, undefined];
  const match = /^(.*?)\.\.(.*)$/.exec(text);
  if (!match) return [text, text];
  const end = (word: string) =>
    word === '' || (flag === '--variants' && word === 'base') ? undefined : word;
  if (flag === '--istio' && (match[1] === '' || match[2] === ''))
    throw new UsageError(`${flag} ${text}: two versions are needed, such as 1.22..1.30`);
  return [end(match[1]!), end(match[2]!)];
}
