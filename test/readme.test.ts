// What the README says is run: its commands (but for installing and for the tests themselves), its screen, its scenario.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFiles } from '../src/scenarios/files.ts';
import { loadScenario } from '../src/scenarios/load.ts';
import { runLoaded } from '../src/scenarios/run.ts';
import { buildForTests, root } from './cli/built.ts';

const built = buildForTests();
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const blocks = (language: string) =>
  [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)]
    .filter(([, name]) => name === language)
    .map(([, , text]) => text!);
const commands = blocks('sh')
  .flatMap((text) => text.trim().split('\n'))
  .flatMap((line) => line.split(' && '))
  .filter((command) => !['npm install', 'npm test'].includes(command));

function run(command: string) {
  const known = command === 'npm start' ? scripts.start : command;
  expect(known).toMatch(/^node dist\/cli\/main\.js /);
  const line = known.replace('node dist/cli/main.js', '"$NODE" "$MAIN"');
  const env = { ...process.env, NODE: process.execPath, MAIN: built.main, LANG: 'C.UTF-8', COLUMNS: '80' };
  delete (env as Record<string, unknown>)['FORCE_COLOR'];
  return spawnSync('sh', ['-c', line], { cwd: root, encoding: 'utf8', env });
}

it('has one command that installs and runs the example, and one that installs and tests', () => {
  const lines = blocks('sh').flatMap((text) => text.trim().split('\n'));
  expect(lines.slice(0, 2)).toEqual(['npm install && npm start', 'npm install && npm test']);
});

it.each(commands)('%s does what the README says', (command) => {
  const { status, stdout, stderr } = run(command);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.length).toBeGreaterThan(100);
});

it('shows a screen that is really printed, line by line and in this order', () => {
  const [, command, screen] = /<!-- screen: (.*?) -->\n```text\n([\s\S]*?)^```/m.exec(readme)!;
  const printed = run(command!).stdout.split('\n');
  let at = 0;
  for (const line of screen!.split('\n').filter(Boolean)) {
    const found = printed.indexOf(line, at);
    expect(found, `"${line}" is not printed after line ${at}`).toBeGreaterThanOrEqual(0);
    at = found + 1;
  }
});

it('shows a scenario file that can be run and meets its expectations', () => {
  const [text] = blocks('yaml');
  const files = nodeFiles();
  const file = 'examples/two-regions/of-the-readme.yaml';
  const loaded = loadScenario(file, { ...files, read: (path) => (path === file ? text! : files.read(path)) });
  expect(loaded.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  const result = runLoaded(loaded);
  expect(result.expectations.map(({ ok, got }) => [ok, got])).toEqual(
    result.expectations.map(({ got }) => [true, got]),
  );
  expect(result.ok).toBe(true);
});
