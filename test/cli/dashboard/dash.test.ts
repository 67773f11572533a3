import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { anIo } from '../io.ts';
import { FAILOVER } from './recorded.ts';

const folder = mkdtempSync(join(tmpdir(), 'foresail-dash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string) => join(folder, name);

async function foresail(...args: string[]) {
  const io = anIo();
  return { code: await runProgram(args, io, '0.0.0'), io };
}

describe('foresail dash', () => {
  it('writes lines where there is no terminal: what happened when, the figures, the verdict', async () => {
    const { code, io } = await foresail('dash', FAILOVER, '--variant', 'refuse-and-eject-all');
    expect(code).toBe(0);
    const lines = io.stdout.split('\n');
    expect(lines[0]).toBe(
      'failover / refuse-and-eject-all: istio 1.24, seed 1, 20 requests in 29.107 simulated seconds',
    );
    const at = (text: string) => lines.findIndex((line) => line.includes(text));
    expect(at('15.000s fault refuse reviews-v1')).toBeGreaterThan(0);
    expect(at('20.007s productpage-v1 ejects reviews-v1-0')).toBeGreaterThan(at('15.000s fault'));
    expect(at('29.107s 1 requests/s, errors 0%')).toBeGreaterThan(at('20.007s'));
    expect(io.stdout).toContain(
      '  reviews-v1-0: priority 0, cn-hangzhou/cn-hangzhou-h, ejected, 11 tries, 1 failed',
    );
    expect(io.stdout).toContain('ok { ejections: 1 }: got ejections 1');
    expect(io.stdout).not.toContain('\u001b');
  });

  it('says the same of a saved run', async () => {
    const saved = await foresail('run', FAILOVER, '-q', '--out', file('run.json'));
    expect(saved.code).toBe(0);
    const fromFile = await foresail('dash', file('run.json'), '--plain');
    const fromScenario = await foresail('dash', FAILOVER);
    expect(fromFile.io.stdout).toBe(fromScenario.io.stdout);
  });

  it('keeps the recording out of the JSON on standard output', async () => {
    const { io } = await foresail('run', FAILOVER, '--json');
    expect(JSON.parse(io.stdout)).not.toHaveProperty('record');
  });

  it.each([
    [[], /missing required argument 'file'/],
    [[FAILOVER, '--view', 'timline'], /there is no view "timline"; did you mean "timeline"\?/],
    [[FAILOVER, '--variant', 'refuse-insted'], /refuse-insted/],
    [[FAILOVER, '--at', 'noon'], /A time such as 15s is needed/],
    [[FAILOVER, '--speed', '0'], /A factor from 0\.1 to 1000 is needed/],
    [['no-such.json'], /no-such\.json cannot be read \(ENOENT\)/],
    [['no-such.yaml'], /no-such\.yaml/],
  ] as [string[], RegExp][])('refuses %j with a hint', async (args, words) => {
    const { code, io } = await foresail('dash', ...args);
    expect(code).toBe(1);
    expect(io.stderr).toMatch(words);
    expect(io.stdout).toBe('');
  });

  it('refuses a file of something else in a sentence, without obeying it', async () => {
    for (const [text, words] of [
      ['{"scenario":"\u001b[2J"}', /evil\.json is not JSON/],
      ['{"scenario":{"name":"\\u001b[2J"}}', /evil\.json is not a run of foresail/],
    ] as [string, RegExp][]) {
      writeFileSync(file('evil.json'), text);
      const { code, io } = await foresail('dash', file('evil.json'));
      expect(code).toBe(1);
      expect(io.stderr).toMatch(words);
      expect(io.stderr).not.toContain('\u001b');
    }
  });
});
