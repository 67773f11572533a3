// Tells that any of some files has changed: woken by the file system where it can, by a clock otherwise; what counts is always whether names,
// times or sizes differ from before, so that neither lost nor needless wake-ups matter.
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Editors write a file in several steps [ms]. */
const SETTLE_MS = 80;
/** Beside the file system's own events, which network drives and some containers do not send [ms]. */
const LOOK_MS = 2_000;
const POLL_MS = 500;

/** Names, times and sizes of the files, and what their folders hold. */
export function fingerprint(files: Iterable<string>): string {
  const folders = new Set<string>();
  const parts: string[] = [];
  for (const file of files) {
    folders.add(dirname(file));
    const stat = statSync(file, { throwIfNoEntry: false });
    parts.push(`${file} ${stat ? `${stat.mtimeMs} ${stat.size}` : 'gone'}`);
  }
  for (const folder of folders) {
    try {
      parts.push(
        `${folder}: ${readdirSync(folder)
          .filter((name) => /\.(ya?ml|json)$/i.test(name) && !name.startsWith('.'))
          .sort()
          .join(' ')}`,
      );
    } catch {
      parts.push(`${folder} gone`);
    }
  }
  return parts.join('\n');
}

export interface Watching {
  /** Settles with the files that differ, or null when stopped. */
  changed: Promise<string[] | null>;
  stop(): void;
}

/** Waits until the fingerprint of the files is another than `before` and stays so for a moment. */
export function watchFiles(
  files: readonly string[],
  before: string,
  options: { poll?: boolean } = {},
): Watching {
  let finish: (result: string[] | null) => void = () => {};
  const changed = new Promise<string[] | null>((resolve) => {
    finish = resolve;
  });
  const watchers: FSWatcher[] = [];
  let settling: NodeJS.Timeout | undefined;
  let last = before;
  const stop = () => {
    clearInterval(clock);
    clearTimeout(settling);
    for (const watcher of watchers) watcher.close();
    finish(null);
  };
  const look = () => {
    const now = fingerprint(files);
    if (now === last) {
      if (now === before || settling !== undefined) return;
    }
    last = now;
    clearTimeout(settling);
    settling = setTimeout(() => {
      settling = undefined;
      const after = fingerprint(files);
      if (after === before) return;
      if (after !== last) return look();
      finish(differing(before, after));
      stop();
    }, SETTLE_MS);
  };
  const clock = setInterval(look, options.poll ? POLL_MS : LOOK_MS);
  if (!options.poll)
    for (const folder of new Set(files.map((file) => dirname(file)))) {
      try {
        const watcher = watch(folder, { persistent: false }, look);
        // Too many watches, or a folder that went away: the clock still looks.
        watcher.on('error', () => watcher.close());
        watchers.push(watcher);
      } catch {
        // The same.
      }
    }
  look();
  return { changed, stop };
}

function differing(before: string, after: string): string[] {
  const old = new Set(before.split('\n'));
  return after
    .split('\n')
    .filter((line) => !old.has(line))
    .map((line) => line.replace(/(:| gone| \d[\d.]* \d+$).*$/, ''));
}
