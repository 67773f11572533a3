import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gitFiles, revisionPath } from '../../src/cli/git-files.ts';
import { runProgram } from '../../src/cli/program.ts';
import { anIo } from './io.ts';

const DISTRIBUTE = 'examples/two-regions/distribute.yaml';

async function foresail(...args: string[]) {
  const io = anIo();
  const code = await runProgram(args, io, '0.1.0');
  return { code, out: io.stdout, err: io.stderr };
}

describe('foresail diff', () => {
  it('compares two variants, and exits with 2 only when it is asked to', async () => {
    const args = ['diff', 'examples/two-regions/failover.yaml', '--variants', '..refuse-and-eject-all'];
    const { code, out } = await foresail(...args);
    expect(code).toBe(0);
    expect(out).toMatch(/^old {2}the base\nnew {2}variant refuse-and-eject-all$/m);
    expect(out).toContain('outlierDetection.maxEjectionPercent: none -> 100');
    expect((await foresail(...args, '--detailed-exitcode')).code).toBe(2);
  });

  it('compares two Istio versions', async () => {
    const { code, out } = await foresail('diff', DISTRIBUTE, '--istio', '1.22..1.30', '--json');
    expect(code).toBe(0);
    const { old, new: now, config } = JSON.parse(out);
    expect([old.istioVersion, now.istioVersion]).toEqual(['1.22', '1.30']);
    expect(config.length).toBeGreaterThan(0);
  });

  it.each([
    [[DISTRIBUTE], 'both sides are'],
    [['examples/two-regions', 'examples/one-vpc'], 'add --scenario FILE'],
    [[DISTRIBUTE, '--manifests-old', 'x'], 'go together'],
    [[DISTRIBUTE, '--variants', '..x', '--variant', 'y'], 'leave out --variant'],
    [[DISTRIBUTE, '--istio', '1.22..'], 'two versions are needed'],
    [[], 'name two scenario files'],
    [[DISTRIBUTE, DISTRIBUTE, '--out', 'x.pdf', '--istio', '1.22..1.23'], 'none of .json, .md, .txt'],
  ])('refuses %j in a sentence', async (args, words) => {
    const { code, out, err } = await foresail('diff', ...args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(words);
    expect(err.split('\n')).toHaveLength(2);
  });

  it('says which side cannot run', async () => {
    const { code, err } = await foresail('diff', DISTRIBUTE, 'no-such.yaml');
    expect(code).toBe(1);
    expect(err).toContain('foresail: no-such.yaml cannot run');
  });
});

describe('a git revision', () => {
  const folder = mkdtempSync(join(tmpdir(), 'foresail-git-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
  cpSync('examples/two-regions', folder, { recursive: true });
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'first');
  const changed = readFileSync(join(folder, 'distribute.yaml'), 'utf8').replace(
    'cn-hangzhou: 90, cn-shanghai: 10',
    'cn-hangzhou: 50, cn-shanghai: 50',
  );
  writeFileSync(join(folder, 'distribute.yaml'), changed);

  it('is read without being checked out, manifests and extended files included', async () => {
    const file = relative(process.cwd(), join(folder, 'distribute.yaml'));
    const outside = await foresail('diff', `HEAD:${file}`, file);
    // The repository is that of the working directory, so a file of another one is not in it.
    expect([outside.code, outside.out]).toEqual([1, '']);
    const files = gitFiles('HEAD', folder);
    expect(files.read('distribute.yaml')).toContain('cn-hangzhou: 90');
    expect(files.list('k8s/hangzhou/')).toEqual([
      'k8s/hangzhou/bookinfo.yaml',
      'k8s/hangzhou/namespace.yaml',
      'k8s/hangzhou/services.yaml',
    ]);
    expect(files.list('mesh/*failover*')).toEqual([
      'mesh/reviews-failover-eject-all.yaml',
      'mesh/reviews-failover.yaml',
    ]);
    expect(files.read('nothing.yaml')).toMatchObject({ problem: 'there is no such file or folder in HEAD' });
  });

  it('shows in a subfolder the paths that are relative to it', () => {
    const files = gitFiles('HEAD', join(folder, 'k8s'));
    expect(files.list('hangzhou')).toContain('hangzhou/services.yaml');
    expect(files.list('../mesh')).toContain('../mesh/gateway.yaml');
  });

  it('is told from a path by its colon, and never read as an option', () => {
    expect(revisionPath('main:a/b.yaml')).toEqual({ revision: 'main', path: 'a/b.yaml' });
    expect(revisionPath('C:/a.yaml')).toBeNull();
    expect(revisionPath('a/b.yaml')).toBeNull();
    expect(() => gitFiles('--output=/tmp/x', folder)).toThrow('is no revision');
    expect(() => gitFiles('no-such-branch', folder)).toThrow('git knows no revision');
  });
});
