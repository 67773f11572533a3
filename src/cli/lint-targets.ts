// What `foresail lint` looks at: scenario files as they are; manifests alone, all those of one argument together, as one cluster.
import { type Files, isProblem, nodeFiles } from '../scenarios/files.ts';
import { UsageError } from './commands/command.ts';

export interface LintTarget {
  file: string;
  files: Files;
}

const isScenario = (text: unknown): boolean =>
  typeof text === 'string' && /^version:\s*['"]?1['"]?\s*(#.*)?$/m.test(text) && !/^apiVersion:/m.test(text);
/** What others extend is linted with them. */
const isWhole = (text: unknown): boolean =>
  typeof text === 'string' && /^(load|expect|variants|extends)\+?:/m.test(text);
const isManifest = (text: unknown): boolean =>
  typeof text === 'string' && /^\s*"?(apiVersion|kind)"?:/m.test(text);

/** @throws UsageError */
export function lintTargets(paths: readonly string[], files: Files = nodeFiles()): LintTarget[] {
  const targets: LintTarget[] = [];
  for (const path of paths) {
    const list = files.list(path);
    if (isProblem(list)) throw new UsageError(`${path}: ${list.problem}`);
    const isNamed = list.length === 1 && list[0] === path;
    const texts = list.map((file): [string, unknown] => [file, files.read(file)]);
    const scenarios = texts.filter(([, text]) => isScenario(text) && (isNamed || isWhole(text)));
    for (const [file] of scenarios) targets.push({ file, files });
    const isTree = texts.some(([, text]) => isScenario(text));
    const manifests = texts.filter(([, text]) => isManifest(text) && !isScenario(text)).map(([file]) => file);
    // A folder that holds scenarios says itself which cluster its manifests belong to.
    if (isTree || (manifests.length === 0 && !isNamed)) continue;
    targets.push(asOneCluster(path, isNamed ? [path] : manifests, files));
  }
  if (targets.length === 0)
    throw new UsageError(`there is neither a scenario nor a manifest in ${paths.join(', ')}`);
  return targets;
}

/** A scenario that says no more than where the manifests are. */
function asOneCluster(path: string, manifests: readonly string[], files: Files): LintTarget {
  const file = `${path.replace(/\/+$/, '')} (one cluster)`;
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/') + 1) : '';
  const relative = manifests.map((one) => (one.startsWith(folder) ? one.slice(folder.length) : one));
  const text = `version: 1\nmanifests: [{ cluster: cluster, paths: ${JSON.stringify(relative)} }]\n`;
  return {
    file,
    files: {
      read: (wanted) => (wanted === file ? text : files.read(wanted)),
      list: (wanted) => files.list(wanted),
    },
  };
}
