// Which files `foresail test` runs: files that are named, and in folders and globs those that look like a scenario.
import { isProblem, nodeFiles } from '../scenarios/files.ts';

export function findScenarios(
  globs: readonly string[],
  files = nodeFiles(),
): { files: string[]; problems: string[] } {
  const found = new Set<string>();
  const problems: string[] = [];
  for (const glob of globs) {
    const list = files.list(glob);
    if (isProblem(list)) {
      problems.push(`${glob}: ${list.problem}`);
      continue;
    }
    // A file that was named is run whatever it looks like: its mistakes are told then.
    const isNamed = list.length === 1 && list[0] === glob;
    for (const file of list) if (isNamed || looksLikeScenario(files.read(file))) found.add(file);
  }
  return { files: [...found], problems };
}

/** `version: 1` and something to run; what others `extends` and manifests have not both. */
function looksLikeScenario(text: unknown): boolean {
  return (
    typeof text === 'string' &&
    /^version:\s*['"]?1['"]?\s*(#.*)?$/m.test(text) &&
    /^(load|expect|variants|properties)\+?:/m.test(text)
  );
}
