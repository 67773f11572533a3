// A real browser for the report's tests. scripts/install-chromium finds or installs it; without one the tests fail, and say why.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const FLAGS = `--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
  --disable-component-update --disable-sync`.split(/\s+/);

export async function launchChromium(): Promise<Browser> {
  const script = resolve(import.meta.dirname, '../../../scripts/install-chromium');
  const { status, stdout, stderr } = spawnSync(script, { encoding: 'utf8' });
  const path = stdout.trim().split('\n').at(-1);
  if (status !== 0 || !path)
    throw new Error(`THE REPORT IS NOT TESTED: there is no Chromium and it cannot be installed.\n${stderr}`);
  // launch() makes a user data folder of its own and removes it.
  return await chromium.launch({ executablePath: path, headless: true, args: FLAGS });
}
