// The application of one pod, as far as its behaviour goes: listens on loopback, takes its time, calls others through its own Envoy, fails
// as the world's faults want it.
import { createServer as createHttp, type IncomingHttpHeaders } from 'node:http';
import { createServer as createHttp2 } from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CALL_HEADER, REQUEST_HEADER, SERVER_HEADER } from '../../models/envoy/export/access-log.ts';
import type { CallSpec, ServerBehaviour, ServerMode, ServerSpec } from '../../models/world.ts';
import { chance, latencyMs } from './chance.ts';
import { type Answer, Connections } from './client.ts';

/** Who a stub tells what happens, and whom it asks to call on. */
export interface StubWorld {
  arrived(hit: { server: number; request: string; call: string; isMirrored: boolean }): void;
  checked(server: number): void;
  /** Calls through the server's own proxy, or past it. */
  call(
    server: number,
    call: CallSpec,
    parent: { request: string; call: string },
    via: Connections,
  ): Promise<Answer>;
}

interface Exchange {
  headers: IncomingHttpHeaders;
  socket: Socket;
  answer(status: number, headers: Record<string, string>, body: string): void;
}

interface Share {
  percentage: number;
}

const isHit = ({ percentage }: Share) => percentage >= 100 || chance() * 100 < percentage;

export class Stub {
  readonly #listeners: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];
  #behaviour: ServerBehaviour;
  #connections: Connections;
  #mode: Share & { mode: ServerMode };
  #respond: (Share & { status: number }) | null = null;
  #slow: (Share & { byNs: number }) | null = null;
  #served = 0;
  #busy = 0;
  /** Connections accepted; requests under way now and at most. */
  accepted = 0;
  active = 0;
  maxActive = 0;
  isOverridden = false;

  constructor(
    readonly spec: ServerSpec,
    readonly index: number,
    readonly world: StubWorld,
  ) {
    this.#behaviour = spec.behaviour;
    this.#connections = new Connections(spec.behaviour.connections ?? 1);
    this.#mode = { mode: spec.listening === false ? 'refuse' : 'ok', percentage: 100 };
  }

  async begin(): Promise<void> {
    if (this.#mode.mode !== 'refuse') await this.#open();
  }

  async end(): Promise<void> {
    this.#connections.close();
    await this.#close();
  }

  async setMode(mode: ServerMode, percentage: number): Promise<void> {
    this.#mode = { mode, percentage };
    if (mode === 'refuse') await this.#close();
    else await this.#open();
  }

  setRespond(status: number | null, percentage: number): void {
    this.#respond = status === null ? null : { status, percentage };
  }

  setSlow(byNs: number, percentage: number): void {
    this.#slow = byNs === 0 ? null : { byNs, percentage };
  }

  setBehaviour(behaviour: ServerBehaviour): void {
    this.#behaviour = behaviour;
    this.#served = 0;
  }

  /** The process is gone. */
  lose(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #open(): Promise<void> {
    if (this.#listeners.length > 0) return;
    for (const { address, port } of this.spec.addresses) {
      const server = this.#server();
      this.#listeners.push(server);
      await listen(server, address, port);
    }
  }

  async #close(): Promise<void> {
    const closing = this.#listeners.splice(0);
    const closed = closing.map((server) => new Promise<void>((done) => server.close(() => done())));
    this.lose();
    await Promise.all(closed);
  }

  /** Speaks HTTP/1.1 and HTTP/2 on one port: the first bytes tell which. */
  #server(): Server {
    const http1 = createHttp({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (req, res) => {
      req.resume();
      void this.#take(
        {
          headers: req.headers,
          socket: req.socket,
          answer: (status, headers, body) => {
            if (res.destroyed) return;
            res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
            res.end(body);
          },
        },
        req.url ?? '/',
      );
    });
    const streams = this.#behaviour.http2?.maxConcurrentStreams;
    const http2 = createHttp2(streams === undefined ? {} : { settings: { maxConcurrentStreams: streams } });
    http2.on('sessionError', () => {});
    http2.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      stream.resume();
      void this.#take(
        {
          headers: { ...headers, host: String(headers[':authority'] ?? headers.host ?? '') },
          socket: stream.session!.socket as Socket,
          answer: (status, extra, body) => {
            if (stream.destroyed || stream.closed) return;
            stream.respond({ ':status': status, ...extra });
            stream.end(body);
          },
        },
        String(headers[':path']),
      );
    });
    return createServer((socket) => {
      this.accepted++;
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
      if (this.#mode.mode === 'resetOnAccept' && isHit(this.#mode)) {
        socket.resetAndDestroy();
        return;
      }
      socket.once('data', (bytes: Buffer) => {
        socket.pause();
        socket.unshift(bytes);
        const isHttp2 = bytes.subarray(0, 3).toString() === 'PRI';
        (isHttp2 ? http2 : http1).emit('connection', socket);
        // An HTTP/2 session takes what was read already by itself.
        if (!isHttp2) socket.resume();
      });
    });
  }

  async #take(exchange: Exchange, path: string): Promise<void> {
    const { headers } = exchange;
    const request = headers[REQUEST_HEADER];
    if (request === undefined && String(headers['user-agent']).startsWith('Envoy/HC')) {
      this.#check(exchange);
      return;
    }
    const own = { request: String(request ?? ''), call: String(headers[CALL_HEADER] ?? ''), path };
    const isMirrored = /-shadow(:\d+)?$/.test(headers.host ?? '');
    this.world.arrived({ server: this.index, request: own.request, call: own.call, isMirrored });
    if (this.#mode.mode !== 'ok' && isHit(this.#mode)) {
      if (this.#mode.mode === 'reset' || this.#mode.mode === 'resetOnAccept')
        exchange.socket.resetAndDestroy();
      return; // hanging, or gone
    }
    if (++this.active > this.maxActive) this.maxActive = this.active;
    const planned = this.#plannedStatus();
    await this.#turn();
    const { status, body } = await this.#work(own, planned);
    this.#busy--;
    this.#waiting.shift()?.();
    this.active--;
    exchange.answer(
      status,
      { ...this.#behaviour.responseHeaders, [SERVER_HEADER]: String(this.index) },
      status < 400 ? body : '',
    );
  }

  #check(exchange: Exchange): void {
    this.world.checked(this.index);
    const { status = 200, mode = this.#mode.mode, headers = {} } = this.#behaviour.healthCheck ?? {};
    if (mode === 'reset' || mode === 'resetOnAccept') exchange.socket.resetAndDestroy();
    else if (mode === 'ok') exchange.answer(status, headers, '');
  }

  #plannedStatus(): number {
    const { pattern, errorEvery, errorStatus } = this.#behaviour;
    const turn = this.#served++;
    if (pattern !== undefined && pattern.length > 0) return pattern[turn % pattern.length]!;
    return errorEvery !== undefined && turn % errorEvery === errorEvery - 1 ? (errorStatus ?? 500) : 0;
  }

  /** Waits for a place among those that are served at once. */
  async #turn(): Promise<void> {
    if (this.#busy >= (this.#behaviour.concurrency ?? Number.POSITIVE_INFINITY))
      await new Promise<void>((go) => this.#waiting.push(go));
    this.#busy++;
  }

  async #work(
    own: { request: string; call: string },
    planned: number,
  ): Promise<{ status: number; body: string }> {
    const behaviour = this.#behaviour;
    let ms = latencyMs(behaviour.latency);
    if (this.#slow && isHit(this.#slow)) ms += this.#slow.byNs / 1e6;
    if (ms >= 0.5) await sleep(ms);
    if (this.#respond && isHit(this.#respond)) return { status: this.#respond.status, body: '' };
    if (planned >= 400) return { status: planned, body: '' };
    if (behaviour.errorRate && chance() < behaviour.errorRate)
      return { status: behaviour.errorStatus ?? 500, body: '' };
    const pages: string[] = [];
    for (const step of behaviour.script ?? []) {
      if ('sleepNs' in step) {
        await sleep(step.sleepNs / 1e6);
        continue;
      }
      const calls = 'call' in step ? [step.call] : step.parallel;
      const answers = await Promise.all(
        calls.map((call) => this.world.call(this.index, call, own, this.#connections)),
      );
      let failed = 0;
      for (const [i, answer] of answers.entries()) {
        if (answer.status > 0 && answer.status < 500) {
          if (answer.status < 400) pages.push(answer.body);
        } else if ((calls[i]!.onFailure ?? behaviour.onCallFailure) !== 'ignore')
          failed =
            behaviour.onCallFailure === 'propagate' ? answer.status || 503 : (behaviour.failStatus ?? 500);
      }
      if (failed !== 0) return { status: failed, body: '' };
    }
    const body = [...pages.filter((page) => page !== ''), ...(behaviour.prints ?? [])].join('\n');
    return { status: planned || (behaviour.status ?? 200), body };
  }
}

/** What an earlier run left behind may need a moment to go. */
async function listen(server: Server, host: string, port: number): Promise<void> {
  for (let left = 20; ; left--) {
    const problem = await new Promise<Error | null>((resolve) => {
      server.once('error', resolve);
      server.listen({ host, port, backlog: 1024 }, () => {
        server.off('error', resolve);
        resolve(null);
      });
    });
    if (problem === null) return;
    if (left === 0) throw problem;
    await sleep(50);
  }
}
