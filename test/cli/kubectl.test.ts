import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { anIo } from './io.ts';

const PATH = process.env['PATH'];
afterEach(() => {
  process.env['PATH'] = PATH;
});

/** A kubectl that writes down how it was called. */
function fakeKubectl(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'foresail-kubectl-'));
  const log = join(folder, 'calls');
  writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\necho "$*" >> '${log}'\n${script}\n`);
  chmodSync(join(folder, 'kubectl'), 0o755);
  process.env['PATH'] = `${folder}${delimiter}${PATH}`;
  return log;
}

const POD = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'api', labels: { app: 'api' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'api' },
      spec: { selector: { app: 'api' }, ports: [{ name: 'http', port: 80 }] },
    },
  ],
});

async function importFrom(...args: string[]) {
  const io = anIo();
  const out = join(mkdtempSync(join(tmpdir(), 'foresail-')), 'out');
  const code = await runProgram(['import', ...args, '--out', out], io, '0.1.0');
  return { code, out, err: io.stderr };
}

describe.skipIf(process.platform === 'win32')('foresail import --kubectl', () => {
  it('only gets, names the context each time, and never asks for Secrets', async () => {
    const log = fakeKubectl(
      `case "$*" in *namespaces*) printf '%s' '${POD}';; *) echo "error: the server doesn't have a resource type" >&2; exit 1;; esac`,
    );
    const { code, out } = await importFrom('--kubectl', 'east', 'west; touch /tmp/x');
    expect(code).toBe(0);
    const calls = readFileSync(log, 'utf8').trim().split('\n');
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter((call) => !/^--context=(east|west; touch \/tmp\/x) get /.test(call))).toEqual([]);
    expect(calls.filter((call) => /secret/i.test(call))).toEqual([]);
    expect(readFileSync(join(out, 'foresail.yaml'), 'utf8')).toContain('cluster: east');
  });

  it('passes on what kubectl says when it fails', async () => {
    fakeKubectl('echo "error: context \\"nowhere\\" does not exist" >&2; exit 1');
    const { code, err } = await importFrom('--kubectl', 'nowhere');
    expect([code, err]).toEqual([1, expect.stringContaining('error: context "nowhere" does not exist')]);
  });

  it('says so when there is no kubectl', async () => {
    process.env['PATH'] = mkdtempSync(join(tmpdir(), 'foresail-empty-'));
    const { code, err } = await importFrom('--kubectl', 'east');
    expect([code, err]).toEqual([1, 'foresail: --kubectl needs kubectl on the PATH\n']);
  });
});
