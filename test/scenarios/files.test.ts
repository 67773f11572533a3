import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileProblem, isProblem, nodeFiles } from '../../src/scenarios/files.ts';
import { memoryFiles } from '../../src/scenarios/files-memory.ts';
import { matcherOf, resolvePath } from '../../src/scenarios/files-pattern.ts';

let folder: string;
const files = nodeFiles();
const below = (paths: string[] | FileProblem) =>
  isProblem(paths) ? paths.problem : paths.map((path) => path.slice(folder.length + 1));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'foresail-files-'));
  mkdirSync(join(folder, 'k8s/deep'), { recursive: true });
  mkdirSync(join(folder, 'k8s/.hidden'));
  writeFileSync(join(folder, 'k8s/b.yaml'), 'b: 1\n');
  writeFileSync(join(folder, 'k8s/a.yml'), '\uFEFFa: 1\n');
  writeFileSync(join(folder, 'k8s/deep/c.json'), '{}');
  writeFileSync(join(folder, 'k8s/readme.md'), '');
  writeFileSync(join(folder, 'k8s/.hidden/d.yaml'), '');
  writeFileSync(join(folder, 'nul.yaml'), 'a: \0');
  writeFileSync(join(folder, 'latin1.yaml'), Buffer.from([0x61, 0xe4, 0x62]));
  writeFileSync(join(folder, 'utf16.yaml'), Buffer.from('\uFEFFa: 1', 'utf16le'));
  writeFileSync(join(folder, 'huge.yaml'), 'x'.repeat(10_000_001));
  symlinkSync(folder, join(folder, 'k8s/deep/loop'));
  symlinkSync('circle', join(folder, 'circle'));
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('listing', () => {
  it('gives the manifests below a folder, sorted, following no circle of links', () => {
    expect(below(files.list(join(folder, 'k8s')))).toEqual(['k8s/a.yml', 'k8s/b.yaml', 'k8s/deep/c.json']);
    expect(below(files.list(`${folder}/k8s/`))).toEqual(['k8s/a.yml', 'k8s/b.yaml', 'k8s/deep/c.json']);
  });

  it.each([
    ['k8s/*.yaml', ['k8s/b.yaml']],
    ['k8s/**/*.{yml,json}', ['k8s/a.yml', 'k8s/deep/c.json']],
    ['**/c.json', ['k8s/deep/c.json']],
    ['k8s/?.y*', ['k8s/a.yml', 'k8s/b.yaml']],
    ['k8s/*.nothing', []],
  ])('%s gives what it matches', (pattern, expected) => {
    expect(below(files.list(join(folder, pattern)))).toEqual(expected);
  });

  it('of a folder that is not there says so', () => {
    expect(below(files.list(join(folder, 'no-such')))).toBe('there is no such file or folder');
    expect(below(files.list(join(folder, 'no-such/*.yaml')))).toBe('there is no such file or folder');
    expect(below(files.list(join(folder, 'circle')))).toBe('its symbolic links lead in a circle');
  });
});

describe('reading', () => {
  it('drops the byte order mark', () => {
    expect(files.read(join(folder, 'k8s/a.yml'))).toBe('a: 1\n');
  });

  it.each([
    ['no-such.yaml', 'FS1007', 'there is no such file or folder'],
    ['k8s', 'FS1007', 'this is a folder, not a file'],
    ['pipe.yaml', 'FS1007', 'this is no regular file'],
    ['circle', 'FS1007', 'its symbolic links lead in a circle'],
    ['k8s/b.yaml/x', 'FS1007', 'a part of the path is a file, not a folder'],
    ['nul.yaml', 'FS1008', 'the file holds a NUL byte at offset 3'],
    ['latin1.yaml', 'FS1008', 'the file is not UTF-8'],
    ['utf16.yaml', 'FS1008', 'the file is UTF-16'],
    ['huge.yaml', 'FS1003', 'the file has 10000001 bytes; at most 10000000 are read'],
    ['a\0b', 'FS1007', 'the path holds a NUL character'],
  ])('%s is one clear problem', (name, code, problem) => {
    expect(files.read(join(folder, name))).toMatchObject({ code, problem });
  });

  it('never waits for a device', () => {
    expect(files.read('/dev/zero')).toMatchObject({ code: 'FS1007', problem: 'this is no regular file' });
  });
});

describe('paths', () => {
  it.each([
    ['scenarios/a.yaml', '../k8s/', 'k8s'],
    ['a.yaml', '../k8s', '../k8s'],
    ['/x/y/a.yaml', '../../../../etc', '/etc'],
    ['x/a.yaml', '/abs/b.yaml', '/abs/b.yaml'],
    ['x/a.yaml', './b.yaml', 'x/b.yaml'],
    ['a.yaml', '.', '.'],
  ])('named in %s, %s is %s', (from, target, expected) => {
    expect(resolvePath(from, target)).toBe(expected);
  });

  it('match literally where they are no pattern', () => {
    expect(matcherOf('a.b+(c)/*.yaml')('a.b+(c)/x.yaml')).toBe(true);
    expect(matcherOf('a.b/*.yaml')('axb/x.yaml')).toBe(false);
    expect(matcherOf('a/*.yaml')('a/b/x.yaml')).toBe(false);
  });
});

describe('files in memory', () => {
  const memory = memoryFiles({ 'k8s/a.yaml': 'a: 1', 'k8s/deep/b.json': '{}', 'k8s/c.txt': '' });

  it('are listed as those on disk are', () => {
    expect(memory.list('k8s')).toEqual(['k8s/a.yaml', 'k8s/deep/b.json']);
    expect(memory.list('k8s/*.yaml')).toEqual(['k8s/a.yaml']);
    expect(memory.list('nothing')).toMatchObject({ code: 'FS1007' });
    expect(memory.read('k8s')).toMatchObject({ problem: 'this is a folder, not a file' });
    expect(memory.read('__proto__')).toMatchObject({ code: 'FS1007' });
  });
});
