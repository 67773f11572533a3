// Files of a git revision, read through git's plumbing: nothing is checked out, no shell, no hooks, no filters, no network.
import { spawnSync } from 'node:child_process';
import { join, relative, resolve } from 'node:path';
import { decodeText, type FileProblem, type Files } from '../scenarios/files-contract.ts';
import { isPattern, matcherOf, patternRoot } from '../scenarios/files-pattern.ts';
import { MAX_FILE_CHARS } from '../scenarios/yaml-documents.ts';
import { UsageError } from './commands/command.ts';

const ENV = { GIT_OPTIONAL_LOCKS: '0', GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };

/** "main:mesh/foresail.yaml" -> revision and path; null = it is written otherwise. */
export function revisionPath(text: string): { revision: string; path: string } | null {
  const match = /^([^:\s]{2,}):([^:].*)$/.exec(text);
  return match ? { revision: match[1]!, path: match[2]! } : null;
}

/** @throws UsageError when there is no repository or no such revision */
export function gitFiles(revision: string, folder = process.cwd()): Files {
  // What begins with a dash would be read as an option.
  if (revision.startsWith('-')) throw new UsageError(`"${revision}" is no revision`);
  const top = git(['rev-parse', '--show-toplevel'], folder);
  if (top.status !== 0)
    throw new UsageError(`${revision}: this folder is in no git repository (${firstLine(top.stderr)})`);
  const root = top.stdout.toString('utf8').trimEnd();
  const found = git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{tree}`], root);
  if (found.status !== 0) throw new UsageError(`git knows no revision "${revision}"`);
  const tree = found.stdout.toString('utf8').trim();
  const below = (path: string) => relative(root, resolve(folder, path)).replaceAll('\\', '/');
  const back = (path: string) => relative(folder, join(root, path)).replaceAll('\\', '/');
  return {
    read(path, most = MAX_FILE_CHARS) {
      const name = below(path);
      const { status, stdout } = git(['cat-file', 'blob', `${tree}:${name}`], root);
      if (status !== 0) return missing(revision);
      if (stdout.length > most)
        return {
          code: 'FS1003',
          problem: `the file has ${stdout.length} bytes; at most ${most} are read`,
        };
      return decodeText(stdout);
    },
    list(path) {
      const start = isPattern(path) ? patternRoot(path) : path;
      const name = below(start).replace(/\/+$/, '');
      const { status, stdout } = git(
        ['ls-tree', '-r', '-z', '--name-only', tree, '--', ...(name === '' ? [] : [name])],
        root,
      );
      const files = status === 0 ? stdout.toString('utf8').split('\0').filter(Boolean) : [];
      if (files.length === 0) return isPattern(path) ? [] : missing(revision);
      if (!isPattern(path) && files.length === 1 && files[0] === name) return [path];
      const isWanted = isPattern(path) ? matcherOf(path) : (file: string) => /\.(ya?ml|json)$/i.test(file);
      const isHidden = (file: string) =>
        file
          .slice(name === '' ? 0 : name.length + 1)
          .split('/')
          .some((step) => step.startsWith('.') || step === 'node_modules');
      return files
        .filter((file) => !isHidden(file))
        .map(back)
        .filter(isWanted)
        .sort();
    },
  };
}

const missing = (revision: string): FileProblem => ({
  code: 'FS1007',
  problem: `there is no such file or folder in ${revision}`,
});

function git(args: string[], cwd: string) {
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    cwd,
    env: { ...process.env, ...ENV },
    maxBuffer: 64_000_000,
  });
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT')
    throw new UsageError('REVISION:FILE needs git, which was not found');
  return { status, stdout: stdout ?? Buffer.alloc(0), stderr: (stderr ?? '').toString() };
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
