// With a real Envoy: FORESAIL_ENVOY, the PATH, or what scripts/install-envoy fetches. Without one these tests fail, and say why.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getEnvoy } from '../../../src/cli/envoy/binary.ts';
import { EnvoyProcess } from '../../../src/cli/envoy/envoy-process.ts';
import { takeSpace } from '../../../src/cli/envoy/space.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { exportBootstrap } from '../../../src/models/envoy/export/bootstrap.ts';
import { anIo } from '../../cli/io.ts';
import { worldOfCase } from '../oracle/world-of-case.ts';
import { caseInEnvoy } from './case-in-envoy.ts';

const INSTALL_MS = 300_000;
const folder = mkdtempSync(join(tmpdir(), 'foresail-test-'));
let binary = '';

beforeAll(async () => {
  binary = (await getEnvoy(process.env, (text) => process.stderr.write(`${text}\n`))).path;
}, INSTALL_MS);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const caseNamed = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../recordings/oracle/${name}.json`, import.meta.url), 'utf8')).case;

async function foresail(...argv: string[]) {
  const io = anIo({ env: { ...process.env, FORESAIL_ENVOY: binary } });
  return { code: await runProgram(argv, io, '0.0.0'), out: io.stdout, err: io.stderr };
}

function validate(text: string): string {
  const path = join(folder, 'bootstrap.json');
  writeFileSync(path, text);
  return execFileSync(binary, ['--mode', 'validate', '-l', 'error', '-c', path], { encoding: 'utf8' });
}

describe('a real Envoy', () => {
  it.each(['productpage-v1', 'istio-ingressgateway'])('accepts what export writes for %s', async (proxy) => {
    const args = ['export', 'examples/two-regions/failover.yaml', '--proxy', proxy];
    const { code, out } = await foresail(...args);
    expect(code).toBe(0);
    expect(out).toMatch(/^node:\n {2}id: /);
    const json = await foresail(...args, '--format', 'json');
    expect(validate(json.out)).toContain('OK');
    const eds = join(folder, proxy);
    const watching = await foresail(...args, '--format', 'json', '--eds', eds, '--at', '16s');
    expect(validate(watching.out)).toContain('OK');
    const pushed = readFileSync(join(eds, 'outbound_9080__reviews.default.svc.cluster.local.json'), 'utf8');
    expect(pushed).toContain('10.47.');
    expect(pushed).not.toContain('10.45.');
  });

  it.each([
    'fault_before_mirror',
    'failover_p0_503_remote_localities',
    'hc_degraded_header',
    'zone_residual_4',
    'slow_start_10s_rr',
    'ring_weights_1_2_5',
    'hash_cookie_ttl_one_connection',
    'routes_order',
  ])('accepts the exported configuration of %s', (name) => {
    const { config } = worldOfCase(caseNamed(name), 0).world.proxies[0]!;
    expect(validate(JSON.stringify(exportBootstrap(config)))).toContain('OK');
  });

  it.each(['distribute_90_10_x10', 'consec5xx_5_serial', 'h2_rr_one_connection', 'routes_order'])(
    'does what the simulator says in %s',
    async (name) => {
      const result = await caseInEnvoy(caseNamed(name), { binary, runs: 2, limitSeconds: 30 });
      expect(result.differences).toEqual([]);
      expect(result.checks).toBeGreaterThan(3);
    },
  );

  it('agrees with the prediction of a failover: foresail verify', async () => {
    const file = 'examples/two-regions/failover.yaml';
    const { code, out } = await foresail('verify', file, '--variant', 'refuse-instead', '--runs', '1');
    expect(out).toContain('agrees: all');
    expect(out).toMatch(/reviews\.default +answered by +none 10 +none 10 +agrees/);
    expect(code).toBe(0);
  });

  it('is told apart from a wrong prediction', async () => {
    const { verifyPlan } = await import('../../../src/cli/envoy/verification.ts');
    const { planFile } = await import('../../../src/cli/envoy/planned.ts');
    const [planned] = planFile(
      'examples/two-regions/distribute.yaml',
      { color: false, variant: 'two-workers' },
      anIo(),
    )!;
    const options = { binary, runs: 1, predictedRuns: 5, seed: 1, timeScale: 20 } as const;
    const verification = await verifyPlan(planned!.plan, {
      ...options,
      predict: (world) => ({
        ...world,
        loads: world.loads.map((load) => ({ ...load, arrivals: { ...load.arrivals, count: 3 } })),
      }),
    });
    expect(verification.agrees).toBe(false);
    expect(verification.services.some((service) => !service.agrees)).toBe(true);
  });

  it('shows a config dump from which run gives the same numbers as from the manifests', async () => {
    const file = 'examples/two-regions/distribute.yaml';
    const exported = await foresail('export', file, '--proxy', 'productpage-v1', '--format', 'json');
    const space = await takeSpace();
    const admin = { address: `${space.net}.3.1`, port: 9901 };
    const bootstrap = JSON.parse(exported.out);
    bootstrap.admin.address.socket_address = { address: admin.address, port_value: admin.port };
    for (const listener of bootstrap.static_resources.listeners)
      listener.address.socket_address.address = `${space.net}.2.1`;
    const envoy = new EnvoyProcess({ binary, folder, name: 'dumped', bootstrap, concurrency: 1, admin });
    const dump = join(folder, 'dump.json');
    const clusters = join(folder, 'clusters.json');
    try {
      await envoy.start();
      writeFileSync(dump, (await envoy.ask('/config_dump?include_eds')).body);
      writeFileSync(clusters, (await envoy.ask('/clusters?format=json')).body);
    } finally {
      await envoy.stop();
      await space.release();
    }
    const load = { request: 'GET http://reviews:9080/', requests: '200', connections: '1' };
    const flags = Object.entries(load).flatMap(([name, value]) => [`--${name}`, value]);
    const fromDump = await foresail(
      'run',
      '--envoy',
      dump,
      '--clusters',
      clusters,
      ...flags,
      '--concurrency',
      '1',
      '--json',
    );
    const fromFiles = await foresail(
      'run',
      file,
      '--json',
      '--set',
      'load=[{name: requests, from: {pod: productpage-v1}, request: "GET http://reviews:9080/", executor: iterations, iterations: 200, connections: 1}]',
      '--set',
      'expect=[]',
      '--set',
      'variants=[]',
    );
    expect(fromDump.err).toBe('');
    const counts = (text: string) => {
      const report = JSON.parse(text).services.find((one: { service: string }) =>
        one.service.startsWith('reviews'),
      );
      const zones: Record<string, { mean: number }> = report.by.region;
      return Object.fromEntries(Object.entries(zones).map(([name, { mean }]) => [name, mean]));
    };
    expect(counts(fromFiles.out)).toEqual({ 'cn-hangzhou': 180, 'cn-shanghai': 20 });
    expect(counts(fromDump.out)).toEqual(counts(fromFiles.out));
    const out = join(folder, 'imported');
    expect((await foresail('import', dump, clusters, '--out', out)).code).toBe(0);
    const set = [
      'load[0].iterations=200',
      'load[0].connections=1',
      'topology={proxies: {default: {concurrency: 1}}}',
    ];
    const imported = await foresail(
      'run',
      join(out, 'foresail.yaml'),
      '--json',
      ...set.flatMap((one) => ['--set', one]),
    );
    expect([imported.code, counts(imported.out)]).toEqual([0, counts(fromFiles.out)]);
  });
});

it('verify says so when there is no Envoy, and does not call that agreement', async () => {
  const io = anIo({ env: { FORESAIL_ENVOY: '/nowhere/envoy' } });
  const code = await runProgram(['verify', 'examples/two-regions/distribute.yaml'], io, '0.0.0');
  expect(code).toBe(1);
  expect(io.stderr).toContain('/nowhere/envoy');
});
