// A piece of the loopback network for one run: 127.N.x.y. Whoever listens on its own address 127.N.3.250 has it. Which one is left to chance:
// what is hashed by address should not always fall on the same hosts.
import { createServer, type Server } from 'node:net';
import { chance } from './chance.ts';

const FIRST = 130;
const COUNT = 120;
const LOCK_PORT = 19_999;

export interface Space {
  /** First two bytes. */
  net: string;
  release(): Promise<void>;
}

export async function takeSpace(): Promise<Space> {
  const start = Math.floor(chance() * COUNT);
  for (let i = 0; i < COUNT; i++) {
    const net = `127.${FIRST + ((start + i) % COUNT)}`;
    const lock = await listenOn(`${net}.3.250`, LOCK_PORT);
    if (lock) return { net, release: () => new Promise((done) => lock.close(() => done())) };
  }
  throw new Error('no loopback addresses are free: are other runs hanging?');
}

async function listenOn(host: string, port: number): Promise<Server | null> {
  return await new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(null));
    server.listen(port, host, () => resolve(server));
    server.unref();
  });
}
