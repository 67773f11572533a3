// The built executable as a shell sees it: few processes, so only what cannot be seen from inside.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytecodeFile, compiled, evaluated } from '../../src/cli/compiled-program.ts';
import { optimizeAsUsual, optimizeLater } from '../../src/cli/tiering.ts';
import { buildForTests, root } from './built.ts';

const built = buildForTests();
const { main, folder } = built;

const run = (args: string[], options: object = {}) =>
  spawnSync(process.execPath, [main, ...args], { cwd: root, encoding: 'utf8', ...options });

const SMALL = ['examples/two-regions/distribute.yaml', '--variant', 'two-workers'];

describe('the built executable', () => {
  it('runs an example and exits with 0', () => {
    const { status, stdout, stderr } = run(SMALL);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/reviews-v1 .* 9 +90%/);
    expect(existsSync(join(folder, 'cli/LICENSES.txt'))).toBe(true);
  });

  it('loads no package and little code before it knows the command, so that --help is quick', () => {
    const outputs = new Map(
      Object.entries(built.metafile.outputs).map(([file, output]) => [resolve(root, file), output]),
    );
    const loaded = new Set<string>();
    const load = (file: string) => {
      if (loaded.has(file)) return;
      loaded.add(file);
      for (const { path, kind, external } of outputs.get(file)!.imports)
        if (kind === 'import-statement' && !external) load(resolve(root, path));
    };
    load(main);
    const inputs = [...loaded].flatMap((file) => Object.entries(outputs.get(file)!.inputs));
    expect(inputs.map(([input]) => input).filter((input) => input.includes('node_modules'))).toEqual([]);
    expect(inputs.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0)).toBeLessThan(40_000);
    const { status, stdout } = run(['--help']);
    expect([status, stdout.includes('Usage: foresail [command]')]).toEqual([0, true]);
  });

  it('runs an example with two scripts and no package from a file', () => {
    const coverage = mkdtempSync(join(tmpdir(), 'foresail-scripts-'));
    run(SMALL, { env: { ...process.env, NODE_V8_COVERAGE: coverage } });
    const scripts = readdirSync(coverage).flatMap((file) => {
      const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8'));
      return result.map(({ url }: { url: string }) => url);
    });
    const names = scripts.filter((url) => !url.startsWith('node:')).map((url) => basename(url));
    expect(names.sort()).toEqual(['main.js', 'program.cjs']);
  });

  it('brings bytecode of that script which this Node accepts, and does without it', () => {
    const script = join(folder, 'cli/program.cjs');
    const bytecode = readFileSync(bytecodeFile(script));
    expect(compiled(script, bytecode).cachedDataRejected).toBe(false);
    expect(evaluated(compiled(script, bytecode), script).runProgram).toBeTypeOf('function');
    expect(compiled(script, bytecode.subarray(0, -8)).cachedDataRejected).toBe(true);
    // Threads load it after the process has changed its mind about long work.
    optimizeLater();
    optimizeAsUsual();
    expect(compiled(script, bytecode).cachedDataRejected).toBe(false);
    const copy = mkdtempSync(join(folder, 'without-'));
    for (const file of ['main.js', 'program.cjs']) copyFileSync(join(folder, 'cli', file), join(copy, file));
    const plain = spawnSync(process.execPath, [join(copy, 'main.js'), ...SMALL], {
      cwd: root,
      encoding: 'utf8',
    });
    expect([plain.status, plain.stdout]).toEqual([0, run(SMALL).stdout]);
  });

  it('stays quiet when the reader goes away', () => {
    const { status, stdout, stderr } = spawnSync(
      'bash',
      [
        '-c',
        `set -o pipefail; "$0" "$1" run examples/two-regions/distribute.yaml --json --per-run | head -c 20`,
        process.execPath,
        main,
      ],
      { cwd: root, encoding: 'utf8' },
    );
    expect([status, stdout.length, stderr]).toEqual([0, 20, '']);
  });

  it.each(['1', '2'])(
    'ends with 130 and a note of what is finished when it is interrupted, --jobs %s',
    async (jobs) => {
      const long = join(mkdtempSync(join(tmpdir(), 'foresail-')), 'long.yaml');
      writeFileSync(
        long,
        `version: 1\nextends: ${root}/examples/two-regions/distribute.yaml\nname: long\nvariants: []\n`,
      );
      const child = spawn(process.execPath, [main, 'run', long, '--runs', '1000000', '--jobs', jobs], {
        cwd: root,
      });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (text) => {
        stdout += text;
      });
      child.stderr.on('data', (text) => {
        stderr += text;
      });
      setTimeout(() => child.kill('SIGINT'), 5_000);
      const code = await new Promise((done) => child.on('exit', done));
      expect(code).toBe(130);
      expect(stderr).toMatch(/^foresail: interrupted; the report of .*long\.yaml covers \d+ finished run/);
      expect(stdout).toMatch(/Interrupted: this covers the [\d,]+ runs? finished until then/);
      expect(stdout).toMatch(/9 : 1 in every one of [\d,]+ runs/);
    },
  );

  it('ends at once with the second Ctrl-C, without a report of what no thread has finished', async () => {
    const endless = [
      '--set',
      'variants=[]',
      '--set',
      'load[0].iterations=10000000',
      '--set',
      'load[0].pace=1ms',
    ];
    const child = spawn(
      process.execPath,
      [main, 'run', 'examples/two-regions/failover.yaml', ...endless, '--runs', '4', '--jobs', '2'],
      { cwd: root },
    );
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const ended = new Promise((done) => child.on('exit', done));
    setTimeout(() => child.kill('SIGINT'), 3_000);
    setTimeout(() => child.kill('SIGINT'), 4_000);
    const start = performance.now();
    expect(await ended).toBe(130);
    expect(performance.now() - start).toBeLessThan(9_000);
    expect(stderr).toBe('foresail: interrupted; no run was finished\n');
  });
});
