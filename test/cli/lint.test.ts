import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { RULES } from '../../src/scenarios/lint/registry.ts';
import { anIo } from './io.ts';

const P01 = 'examples/library/P01-od-default-percent-never-ejects';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foresail-lint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function call(...argv: string[]) {
  const io = anIo();
  const code = await runProgram(argv, io, '0.0.0');
  return { code, stdout: io.stdout, stderr: io.stderr };
}

describe('foresail lint', () => {
  it('shows an error with its line and the mend, and exits 3', async () => {
    const { code, stdout } = await call('lint', `${P01}/scenario.yaml`);
    expect(code).toBe(3);
    expect(stdout).toContain(`${P01}/mesh.yaml:7:23 error OD001 outlierDetection on reviews can never eject`);
    expect(stdout).toContain('  7 |     outlierDetection: {');
    expect(stdout).toContain('hint: set maxEjectionPercent: 100');
  });

  it('takes a folder of manifests alone as one cluster', async () => {
    cpSync(`${P01}/k8s.yaml`, join(folder, 'k8s.yaml'));
    cpSync(`${P01}/mesh.yaml`, join(folder, 'mesh.yaml'));
    const { code, stdout } = await call('lint', folder);
    expect(code).toBe(3);
    expect(stdout).toContain('OD001');
    expect((await call('lint', join(folder, 'k8s.yaml'))).code).toBe(0);
  });

  it('says what Istio refuses, and why in terms of traffic', async () => {
    const { code, stdout, stderr } = await call(
      'lint',
      'examples/library/P51-distribute-and-failover-rejected/refused.yaml',
    );
    expect(code).toBe(3);
    expect(stderr).toContain('FS2020');
    expect(stdout).toMatch(/DI007 .*distribute \(line 9\) and failover \(line 10\) are mutually exclusive/);
  });

  it('names the rules that could not look at what Istio refuses: their silence is no good sign', async () => {
    const P44 = 'examples/library/P44-seed-a-90-10';
    cpSync(P44, folder, { recursive: true });
    const mesh = readFileSync(join(folder, 'mesh.yaml'), 'utf8');
    writeFileSync(
      join(folder, 'mesh.yaml'),
      mesh.replace(/distribute: \[.*\]/, 'distribute: { from: here }'),
    );
    const file = join(folder, 'scenario.yaml');
    const { code, stdout, stderr } = await call('lint', file, '--json');
    expect(code).toBe(3);
    const { blind } = JSON.parse(stdout).files[0];
    expect(blind).toContain('DI002');
    expect(blind.length).toBeLessThan(RULES.length / 2);
    expect(stderr).toContain(
      `foresail: ${file}: ${blind.length} of ${RULES.length} rules (${blind.slice(0, 5).join(', ')}`,
    );
    expect(stderr).toContain('cannot look at what is refused; mend the errors first');
  });

  it('says so when no rule can', async () => {
    const P32 = 'examples/library/P32-seed-b-failover';
    cpSync(P32, folder, { recursive: true });
    const mesh = readFileSync(join(folder, 'mesh.yaml'), 'utf8');
    writeFileSync(join(folder, 'mesh.yaml'), mesh.replace(/failover: \[.*?\]/, 'failover: { from: here }'));
    const { stdout, stderr } = await call('lint', join(folder, 'scenario.yaml'), '--json');
    expect(JSON.parse(stdout).files[0].blind.length).toBe(RULES.length);
    expect(stderr).toContain('no rule can look at what is refused');
  });

  it('finds no error in the shipped examples', async () => {
    expect((await call('lint', 'examples/two-regions', 'examples/one-vpc')).code).toBe(0);
  });

  it('fails for warnings with --strict, and takes severities from flags', async () => {
    const file = 'examples/library/P33-od-turns-locality-on/scenario.yaml';
    const off = ['--rule', 'OD001=off'];
    expect((await call('lint', file, ...off)).code).toBe(0);
    expect((await call('lint', file, ...off, '--strict')).code).toBe(3);
    expect((await call('lint', file, ...off, '--rule', 'LB001=error')).code).toBe(3);
    const { code, stderr } = await call('lint', file, '--rule', 'XX001=off');
    expect([code, stderr]).toEqual([1, 'foresail: --rule XX001=off: there is no rule "XX001"\n']);
  });

  it('prints JSON, SARIF and GitHub annotations', async () => {
    const json = JSON.parse((await call('lint', '--json', `${P01}/scenario.yaml`)).stdout);
    expect(json.files[0].findings[0]).toMatchObject({
      rule: 'OD001',
      severity: 'error',
      line: 7,
      isFixable: true,
    });
    const sarif = JSON.parse((await call('lint', '--reporter', 'sarif', `${P01}/scenario.yaml`)).stdout);
    expect(sarif.runs[0].results[0]).toMatchObject({ ruleId: 'OD001', level: 'error' });
    const { stdout } = await call('lint', '--reporter', 'github', `${P01}/scenario.yaml`);
    expect(stdout).toContain(`::error file=${P01}/mesh.yaml,line=7,col=23,title=OD001::`);
    const file = join(folder, 'out', 'lint.sarif');
    await call('lint', '-o', file, `${P01}/scenario.yaml`);
    expect(JSON.parse(readFileSync(file, 'utf8')).runs[0].results.length).toBeGreaterThan(0);
    const saved = join(folder, 'out', 'lint.json');
    await call('lint', '-o', saved, `${P01}/scenario.yaml`);
    expect(JSON.parse(readFileSync(saved, 'utf8'))).toEqual(json);
    const { stderr } = await call('lint', '-o', join(folder, 'lint.html'), `${P01}/scenario.yaml`);
    expect(stderr).toMatch(/--out .*lint\.html: lint writes \.json and \.sarif/);
  });

  it('refuses reporters that have nothing to say about findings, and paths that are not there', async () => {
    expect((await call('lint', '--reporter', 'tap', P01)).code).toBe(1);
    expect((await call('lint', join(folder, 'nothing'))).code).toBe(1);
    expect((await call('lint', folder)).stderr).toContain('neither a scenario nor a manifest');
  });

  it('fixes what is mechanical, and touches no other line', async () => {
    cpSync(P01, folder, { recursive: true });
    const before = readFileSync(join(folder, 'mesh.yaml'), 'utf8').split('\n');
    const { code, stderr } = await call('lint', '--fix', join(folder, 'scenario.yaml'));
    const after = readFileSync(join(folder, 'mesh.yaml'), 'utf8').split('\n');
    expect(code).toBe(0);
    expect(stderr).toContain('1 fix written');
    expect(after.filter((line, i) => line !== before[i])).toEqual([
      '    outlierDetection: { consecutive5xxErrors: 1, interval: 1s, baseEjectionTime: 30s, maxEjectionPercent: 100 }',
    ]);
    expect((await call('lint', '--fix', join(folder, 'scenario.yaml'))).stderr).toContain('nothing to fix');
  });

  it('is silenced by a comment in the file', async () => {
    cpSync(P01, folder, { recursive: true });
    const file = join(folder, 'mesh.yaml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(
        '    outlierDetection',
        '    # foresail-ignore OD001\n    outlierDetection',
      ),
    );
    expect((await call('lint', join(folder, 'scenario.yaml'))).code).toBe(0);
  });
});

describe('foresail rules', () => {
  it('lists all of them, one a line', async () => {
    const { stdout } = await call('rules');
    expect(stdout.trimEnd().split('\n')).toHaveLength(RULES.length);
    expect(stdout).toContain('OD001  error    outlierDetection can never eject');
  });

  it('explains one, by its own id or by that of another tool', async () => {
    const { stdout } = await call('rules', 'od001');
    expect(stdout).toContain('What you see. One pod fails for ever');
    expect(stdout).toContain('foresail run examples/library/P01');
    expect((await call('rules', 'IST0173')).stdout).toContain('# DR007');
    expect((await call('rules', 'OD0001')).stderr).toContain('did you mean OD001?');
  });
});

describe('foresail examples', () => {
  it('lists the library with a line each', async () => {
    const { stdout } = await call('examples');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(62);
    expect(lines[0]).toMatch(/^P01-od-default-percent-never-ejects\s+outlierDetection that can never eject/);
  });

  it('says where one is, and copies it to run there', async () => {
    expect((await call('examples', 'P01')).stdout).toContain(`${P01}/scenario.yaml`);
    const { stdout } = await call('examples', 'seed-a-90-10', '--copy', folder);
    const { code } = await call('run', stdout.trim(), '--runs', '2', '--set', 'variants=[]');
    expect(code).toBe(0);
    expect((await call('examples', 'seed-a-90-10', '--copy', folder)).code).toBe(1);
    // A folder that is not there yet becomes the example.
    const fresh = join(folder, 'mine', 'first');
    expect((await call('examples', 'P44', '--copy', fresh)).stdout.trim()).toBe(join(fresh, 'scenario.yaml'));
    expect((await call('run', join(fresh, 'scenario.yaml'), '--quiet')).code).toBe(0);
    expect((await call('examples', 'P44', '--copy', join(fresh, 'mesh.yaml'))).stderr).toContain(
      'is there already',
    );
    expect((await call('examples', 'P9999')).code).toBe(1);
  });
});
