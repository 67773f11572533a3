// One real Envoy: started with a bootstrap, asked when it is ready, stopped by its own id, and never left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface EnvoyOptions {
  binary: string;
  /** For its files. */
  folder: string;
  name: string;
  bootstrap: object;
  concurrency: number;
  admin: { address: string; port: number };
}

const READY_MS = 15_000;
const STOP_MS = 4_000;

const running = new Set<ChildProcess>();
let isWatching = false;

/** Ends what is left when this process ends before its time. */
function watchOwnEnd(): void {
  if (isWatching) return;
  isWatching = true;
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
}

export class EnvoyProcess {
  #child: ChildProcess | null = null;

  constructor(readonly options: EnvoyOptions) {}

  get #logPath(): string {
    return join(this.options.folder, `${this.options.name}.log`);
  }

  /** @throws Error with what Envoy said */
  async start(): Promise<void> {
    watchOwnEnd();
    const { binary, folder, name, bootstrap, concurrency } = this.options;
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify(bootstrap));
    const child = spawn(
      binary,
      [
        ...['-c', path, '--concurrency', String(concurrency), '--disable-hot-restart'],
        ...['-l', 'error', '--log-path', this.#logPath, '--file-flush-interval-msec', '50'],
      ],
      { stdio: 'ignore' },
    );
    this.#child = child;
    running.add(child);
    child.once('exit', () => running.delete(child));
    child.once('error', () => running.delete(child));
    await this.#becomeReady(child);
  }

  async #becomeReady(child: ChildProcess): Promise<void> {
    for (let waited = 0; waited < READY_MS; waited += 20) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
        throw new Error(`Envoy ${this.options.name} did not start: ${this.#lastWords()}`);
      try {
        if ((await this.ask('/ready')).status === 200) return;
      } catch {
        // Its admin port is not open yet.
      }
      await sleep(20);
    }
    throw new Error(
      `Envoy ${this.options.name} is not ready after ${READY_MS / 1000} s: ${this.#lastWords()}`,
    );
  }

  #lastWords(): string {
    try {
      return readFileSync(this.#logPath, 'utf8').trim().slice(-1500) || 'it said nothing';
    } catch {
      return 'it said nothing';
    }
  }

  /** Asks its admin port. */
  async ask(path: string): Promise<{ status: number; body: string }> {
    const { address, port } = this.options.admin;
    return await new Promise((resolve, reject) => {
      const asking = request({ host: address, port, path, agent: false, timeout: 5000 }, (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (text: string) => {
          body += text;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
        answer.on('error', reject);
      });
      asking.on('timeout', () => asking.destroy(new Error('no answer')));
      asking.on('error', reject);
      asking.end();
    });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const isLate = await Promise.race([ended.then(() => false), sleep(STOP_MS, true, { ref: false })]);
    if (isLate) child.kill('SIGKILL');
    await ended;
  }
}
