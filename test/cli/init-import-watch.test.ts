import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fingerprint, watchFiles } from '../../src/cli/file-watch.ts';
import type { Io } from '../../src/cli/io.ts';
import { runProgram } from '../../src/cli/program.ts';
import { clustersOf, examplePlan, istioDump, PRIVATE_KEY } from '../scenarios/envoy-dump/dumps.ts';
import { SHOP_TREE } from '../scenarios/import/trees.ts';
import { buildForTests, root } from './built.ts';
import { anIo } from './io.ts';

const { main } = buildForTests();

async function foresail(args: string[], changes: Partial<Io> = {}) {
  const io = anIo(changes);
  const code = await runProgram(args, io, '0.1.0');
  return { code, out: io.stdout, err: io.stderr };
}

function tree(contents: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'foresail-tree-'));
  for (const [file, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return folder;
}

describe('foresail init', () => {
  it('writes a scenario that runs, and the schema beside it', async () => {
    const folder = tree(SHOP_TREE);
    const { code, out, err } = await foresail(['init', folder]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Found Deployment 5, Service 5, Gateway 1, VirtualService 1 in \d+ files$/m);
    expect(out).toContain('Left out ');
    expect(out).toMatch(/^First run: load front, 100 of 100 requests answered$/m);
    const scenario = join(folder, 'foresail.yaml');
    expect(readFileSync(scenario, 'utf8').split('\n')[0]).toContain('.foresail/scenario.schema.json');
    expect(existsSync(join(folder, '.foresail/scenario.schema.json'))).toBe(true);
    const run = await foresail(['run', scenario]);
    expect([run.code, run.err]).toEqual([0, '']);
  });

  it('does not replace a file without --force, nor write anything with --print', async () => {
    const folder = tree({ ...SHOP_TREE, 'foresail.yaml': 'mine\n' });
    const { code, err } = await foresail(['init', folder]);
    expect([code, err]).toEqual([1, expect.stringContaining('is there already; --force replaces it')]);
    const printed = await foresail(['init', folder, '--print']);
    expect(printed.out).toMatch(/^# yaml-language-server/);
    expect(readFileSync(join(folder, 'foresail.yaml'), 'utf8')).toBe('mine\n');
    expect((await foresail(['init', folder, '--force'])).code).toBe(0);
    expect(readFileSync(join(folder, 'foresail.yaml'), 'utf8')).toBe(printed.out);
  });

  it.each([
    [['init', 'no-such-folder'], 'no-such-folder is no folder'],
    [['init', 'test/fixtures', '--out', 'x.json'], 'ends in .yaml'],
  ])('refuses %j in a sentence', async (args, words) => {
    const { code, err } = await foresail(args);
    expect([code, err]).toEqual([1, expect.stringContaining(words)]);
  });
});

describe('foresail import', () => {
  const list = (replicas: number) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'client', namespace: 'default' },
          spec: {
            replicas: 1,
            selector: { matchLabels: { app: 'client' } },
            template: {
              metadata: { labels: { app: 'client' } },
              spec: {
                containers: [{ name: 'c', image: 'i', env: [{ name: 'API_URL', value: 'http://api' }] }],
              },
            },
          },
        },
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'api', namespace: 'default' },
          spec: {
            replicas,
            selector: { matchLabels: { app: 'api' } },
            template: {
              metadata: { labels: { app: 'api' } },
              spec: { containers: [{ name: 'c', image: 'i' }] },
            },
          },
        },
        {
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'api', namespace: 'default' },
          spec: { selector: { app: 'api' }, ports: [{ name: 'http', port: 80 }] },
        },
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 's', namespace: 'default' },
          data: { p: 'c2VjcmV0' },
        },
      ],
    });

  it('splits two contexts into clusters and writes a scenario over both that runs', async () => {
    const folder = tree({ 'east.json': list(1), 'west.json': list(2) });
    const out = join(folder, 'out');
    const { code, err } = await foresail([
      'import',
      join(folder, 'east.json'),
      '--context',
      `west=${join(folder, 'west.json')}`,
      '--out',
      out,
    ]);
    expect(code).toBe(0);
    expect(err).toContain('2 left out: Secrets (never written)');
    expect(readdirSync(join(out, 'k8s')).sort()).toEqual(['east', 'west']);
    const run = await foresail(['run', join(out, 'foresail.yaml'), '--json']);
    expect(run.code).toBe(0);
    expect(Object.keys(JSON.parse(run.out).services[0].by.cluster)).toEqual(['east', 'west']);
    const again = await foresail(['import', join(folder, 'east.json'), '--out', out]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('--force replaces')]);
  });

  it('reads standard input', async () => {
    const out = join(tree({}), 'out');
    const { code } = await foresail(['import', '-', '--out', out], { readStdin: () => list(1) });
    expect(code).toBe(0);
    expect(readFileSync(join(out, 'foresail.yaml'), 'utf8')).toContain('cluster: main');
  });

  it.each([
    [['import'], 'name files with the output of kubectl'],
    [['import', '--context', 'x'], 'NAME=FILE'],
    [['import', '--kubectl', '-v', '--out', '/tmp/x'], 'kubectl'],
    [['import', 'no-such.yaml'], 'no-such.yaml: there is no such file'],
  ])('refuses %j in a sentence', async (args, words) => {
    const { code, err } = await foresail(args);
    expect([code, err]).toEqual([1, expect.stringContaining(words)]);
  });
});

describe("foresail import of Envoys' config dumps", () => {
  const dump = istioDump(examplePlan(), 'productpage-v1');
  const files = {
    'web.json': JSON.stringify(dump),
    'web.clusters.json': JSON.stringify(clustersOf(dump, { '10.47.0.2': 1 })),
    'kubectl.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\n',
    'cut.json': JSON.stringify(dump, null, 1).slice(0, 3000),
  };

  it('writes a folder that run and test answer as run --envoy does', async () => {
    const folder = tree(files);
    const [web, clusters] = [join(folder, 'web.json'), join(folder, 'web.clusters.json')];
    const out = join(folder, 'out');
    const { code, out: told, err } = await foresail(['import', web, clusters, '--out', out]);
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/^left out: \d+ secrets \(keys, certificates, tokens\)/),
    ]);
    expect(told).toMatch(/^Found the proxy productpage-v1-0: cn-hangzhou\/cn-hangzhou-h, \d+ listeners/);
    expect(told).toContain('First run: load reviews, 100 of 100 requests answered');
    expect(readdirSync(join(out, 'envoy')).sort()).toEqual([
      'productpage-v1.clusters.json',
      'productpage-v1.json',
    ]);
    expect(readFileSync(join(out, 'envoy/productpage-v1.json'), 'utf8')).not.toContain(PRIVATE_KEY);
    const run = await foresail(['run', join(out, 'foresail.yaml'), '--json']);
    expect([run.code, run.err]).toEqual([0, '']);
    const asked = ['--request', 'GET http://reviews:9080/', '--requests', '100', '--pace', '100ms'];
    const direct = await foresail(['run', '--envoy', web, '--clusters', clusters, ...asked, '--json']);
    const by = (text: string) => JSON.parse(text).services[0].by.workload;
    expect(by(run.out)).toEqual(by(direct.out));
    expect((await foresail(['test', out])).code).toBe(0);
    const again = await foresail(['import', web, '--out', out]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining('--force replaces')]);
    expect((await foresail(['import', web, '--out', out, '--force'])).code).toBe(0);
  });

  it('reads standard input, and asks what --request says', async () => {
    const out = join(tree({}), 'out');
    const args = ['import', '-', '--request', 'GET http://details:9080/details/0', '--out', out];
    const { code } = await foresail(args, { readStdin: () => files['web.json'] });
    expect(code).toBe(0);
    expect(readFileSync(join(out, 'foresail.yaml'), 'utf8')).toContain(
      'request: GET http://details:9080/details/0',
    );
  });

  it.each([
    [['web.json', 'kubectl.yaml'], "is an Envoy's config dump, and "],
    [['web.json', '--context', 'a=kubectl.yaml'], 'and --context is for clusters'],
    [['cut.json'], /cut\.json:\d+:\d+: the text ends before .*: is the file cut off\?\n {2}hint: /],
    [['web.clusters.json'], 'there is no config dump beside it'],
    [['kubectl.yaml', '--request', 'GET http://a/'], '--request is for config dumps'],
  ])('refuses %j with a hint, and writes nothing', async (args, words) => {
    const folder = tree(files);
    const inFolder = args.map((word) => word.replace(/[\w.]+\.(json|yaml)$/, (name) => join(folder, name)));
    const out = join(folder, 'out');
    const { code, err } = await foresail(['import', ...inFolder, '--out', out]);
    expect([code, err]).toEqual([
      1,
      typeof words === 'string' ? expect.stringContaining(words) : expect.stringMatching(words),
    ]);
    expect(existsSync(out)).toBe(false);
  });
});

describe('watching files', () => {
  it('tells which file was saved, and of a new one beside it', async () => {
    const folder = tree({ 'a.yaml': 'a', 'b.yaml': 'b' });
    const files = [join(folder, 'a.yaml'), join(folder, 'b.yaml')];
    const first = watchFiles(files, fingerprint(files));
    setTimeout(() => writeFileSync(files[1]!, 'bb'), 50);
    expect(await first.changed).toEqual([files[1]]);
    const second = watchFiles(files, fingerprint(files), { poll: true });
    setTimeout(() => writeFileSync(join(folder, 'c.yaml'), 'c'), 50);
    expect(await second.changed).toEqual([folder]);
  });

  it('sees a change that came between the reading and the watching', async () => {
    const folder = tree({ 'a.yaml': 'a' });
    const files = [join(folder, 'a.yaml')];
    const before = fingerprint(files);
    writeFileSync(files[0]!, 'changed');
    expect(await watchFiles(files, before).changed).toEqual(files);
  });

  it('ends with null when it is stopped', async () => {
    const watching = watchFiles(['package.json'], fingerprint(['package.json']));
    watching.stop();
    expect(await watching.changed).toBeNull();
  });

  it('runs again on save, clears nothing where there is no terminal, and ends with 130', async () => {
    const folder = tree({
      'foresail.yaml': `version: 1\nextends: ${root}/examples/two-regions/distribute.yaml\nname: watched\nvariants: []\n`,
    });
    const file = join(folder, 'foresail.yaml');
    const child = spawn(process.execPath, [main, 'watch', file, '--quiet'], { cwd: root });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const until = async (isThere: () => boolean) => {
      for (let i = 0; i < 200 && !isThere(); i++) await new Promise((done) => setTimeout(done, 100));
      expect(isThere()).toBe(true);
    };
    await until(() => stderr.includes('foresail: watching'));
    writeFileSync(file, readFileSync(file, 'utf8').replace('name: watched', 'name: renamed'));
    await until(() => stderr.includes('(changed: '));
    const code = new Promise((done) => child.on('exit', done));
    child.kill('SIGINT');
    expect(await code).toBe(130);
    expect(stdout).toMatch(/watched .*\n[\s\S]*renamed /);
    expect(stdout).not.toContain('\u001b');
  }, 60_000);
});
