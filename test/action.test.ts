// The composite action's own step, executed by bash as the runner does it (bash -e -o pipefail), with files in place of GitHub's.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildForTests, root } from './cli/built.ts';

const built = buildForTests();
const action = parse(readFileSync(join(root, 'action/action.yml'), 'utf8'));
const [step] = action.runs.steps;
const folder = mkdtempSync(join(tmpdir(), 'foresail-action-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function use(inputs: Record<string, string>) {
  const cwd = mkdtempSync(join(folder, 'job-'));
  const bin = join(cwd, 'bin');
  mkdirSync(bin);
  // npx --yes PACKAGE ...: what it is asked for is noted, and the built executable takes its place.
  const npx = `#!/bin/sh\necho "$2" > "${cwd}/package"\nshift 2\nexec '${process.execPath}' '${built.main}' "$@"\n`;
  writeFileSync(join(bin, 'npx'), npx);
  chmodSync(join(bin, 'npx'), 0o755);
  const values = Object.entries<{ default: string }>(action.inputs).map(([name, { default: value }]) => [
    `\${{ inputs.${name} }}`,
    inputs[name] ?? value,
  ]);
  const given = Object.entries<string>(step.env).map(([name, text]) => [
    name,
    new Map(values as [string, string][]).get(text),
  ]);
  const env = {
    ...process.env,
    ...Object.fromEntries(given),
    PATH: `${bin}:${process.env['PATH']}`,
    LANG: 'C.UTF-8',
    GITHUB_OUTPUT: join(cwd, 'output'),
    GITHUB_STEP_SUMMARY: join(cwd, 'summary'),
  };
  const { status, stdout, stderr } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', step.run], {
    cwd,
    env,
    encoding: 'utf8',
  });
  const read = (name: string) => (existsSync(join(cwd, name)) ? readFileSync(join(cwd, name), 'utf8') : '');
  return { status, stdout, stderr, read };
}

const examples = join(root, 'examples/two-regions');

it('passes every input by the environment, so that none becomes part of the script', () => {
  expect(step.run).not.toContain('${{');
  expect(Object.values(step.env).sort()).toEqual(
    Object.keys(action.inputs)
      .map((name) => `\${{ inputs.${name} }}`)
      .sort(),
  );
});

it('tests scenarios with lines, annotations, a summary and JUnit', () => {
  const { status, stdout, stderr, read } = use({
    scenarios: `${examples}\n  ${root}/examples/one-vpc`,
    version: '0.1.0',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('4 scenarios, 4 passed, 0 failed');
  expect(stdout).toMatch(/^::notice file=.*title=DI000::/m);
  expect(read('summary')).toMatch(/### foresail: .*\n\n\| Scenario/);
  expect(read('foresail-junit.xml')).toContain('<testsuites name="foresail"');
  expect(read('output')).toBe('junit=foresail-junit.xml\nexit-code=0\n');
  expect(read('package')).toBe('foresail@0.1.0\n');
});

it('fails with the exit code of foresail, after the reports are written', () => {
  const { status, stdout, read } = use({
    command: 'run',
    scenarios: `${examples}/distribute.yaml`,
    args: '--set expect[0].errorRate=50% --set variants=[]',
    version: '',
  });
  expect(status).toBe(99);
  expect(stdout).toMatch(/^::error .*expectation failed/m);
  expect(read('output')).toBe('junit=foresail-junit.xml\nexit-code=99\n');
  expect(read('package')).toBe('foresail\n');
});

it('refuses by strict what it lets through otherwise', () => {
  const inputs = {
    scenarios: `${examples}/failover.yaml`,
    args: '--set lint.OD001=error --variant refuse-instead',
  };
  expect(use({ ...inputs, strict: 'true' }).status).toBe(3);
  expect(use({ ...inputs, junit: '' }).read('output')).toBe('exit-code=0\n');
});

it('puts the tables of diff and the report of check into the summary', () => {
  const diff = use({
    command: 'diff',
    scenarios: `${examples}/failover.yaml`,
    args: '--variants refuse-instead..refuse-and-eject-all',
  });
  expect([diff.status, diff.stderr]).toEqual([0, '']);
  expect(diff.read('summary')).toContain('| reviews.default | after | reviews-v2 | 0% | 100% |');
  const check = use({
    command: 'check',
    scenarios: `${root}/examples/properties/guide-failover.yaml`,
    args: '--runs 5 --no-write',
  });
  expect(check.status).toBe(98);
  expect(check.read('summary')).toMatch(/### foresail check\n\n {4}✗ reviews fail over/);
});

it('runs no other command, and nothing that is hidden in an input', () => {
  const other = use({ command: 'worker; touch hidden' });
  expect([other.status, other.read('package')]).toEqual([1, '']);
  const hidden = use({ scenarios: '$(touch hidden) `touch hidden`; touch hidden' });
  expect([hidden.status, hidden.read('hidden')]).toEqual([1, '']);
  expect(hidden.stderr).toContain('there is no such file');
});
