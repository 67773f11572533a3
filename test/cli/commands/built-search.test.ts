// The built executable on threads: the bundle must hold the thread's own file, and the threads must say what one thread says.
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { buildForTests, root } from '../built.ts';

const { main } = buildForTests();
const run = (...args: string[]) =>
  spawnSync(process.execPath, [main, ...args], { cwd: root, encoding: 'utf8' });

it('checks and sweeps on two threads as on one', () => {
  for (const args of [
    ['check', 'examples/properties/guide-failover.yaml', '--runs', '10', '--no-write', '--json'],
    ['sweep', 'examples/two-regions/distribute.yaml', '--set', 'load[0].iterations=10,20', '--json'],
  ]) {
    const [one, two] = [run(...args), run(...args, '--jobs', '2')];
    expect(two.stderr).toBe('');
    expect(one.stdout.length).toBeGreaterThan(100);
    expect(two.stdout).toBe(one.stdout);
    expect(two.status).toBe(one.status);
  }
});

it('runs a TypeScript file of properties', () => {
  const { status, stdout, stderr } = run(
    'check',
    'examples/properties/promises.ts',
    '--no-write',
    '--runs',
    '20',
  );
  expect([status, stderr]).toEqual([98, '']);
  expect(stdout).toContain('all of stock refuses connections');
});
