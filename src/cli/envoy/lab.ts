// Acts a world out: its proxies are real Envoys, its servers are stubs on loopback, its loads are sent in real time. What comes back is a run
// in the same words as a simulated one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CALL_HEADER, REQUEST_HEADER, SERVER_HEADER } from '../../models/envoy/export/access-log.ts';
import { loopbackWorld } from '../../models/envoy/export/loopback.ts';
import type { ActionSpec, CallSpec, LoadSpec, RunResult, WorldSpec } from '../../models/world.ts';
import { chance } from './chance.ts';
import { type Answer, Connections } from './client.ts';
import { dialsOf } from './dials.ts';
import { readOutlierLog } from './envoy-logs.ts';
import { LabProxy } from './lab-proxy.ts';
import { playLoad, type Turn } from './load-player.ts';
import { type CallRecord, measuredRun, type Recording, type RequestRecord } from './measured-run.ts';
import { takeSpace } from './space.ts';
import { Stub, type StubWorld } from './stub.ts';

type World = Omit<WorldSpec, 'seed' | 'replication'>;

export interface LabOptions {
  /** Path of the Envoy. */
  binary: string;
  /** Stop a run that lasts longer [s]; absent = 120. */
  limitSeconds?: number;
  /** Wait up to so long before the world begins, at random: the phase of outlier timers [s]. */
  randomWaitSeconds?: number;
  /** Its servers' addresses are loopback addresses that matter; absent = they are mapped to free ones. */
  keepsAddresses?: boolean;
}

const NO_ANSWER: Answer = { status: 0, headers: {}, body: '' };
/** Envoys write their logs every 50 ms. */
const LOOK_MS = 20;

/** @throws Error when an Envoy does not start, or the run exceeds its limit */
export async function actOut(world: World, options: LabOptions): Promise<RunResult> {
  const space = await takeSpace();
  const folder = mkdtempSync(join(tmpdir(), 'foresail-lab-'));
  const lab = new Lab(
    options.keepsAddresses ? world : loopbackWorld(world, space.net),
    space.net,
    folder,
    options,
  );
  try {
    return await lab.run();
  } finally {
    await lab.end();
    await space.release();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Lab implements StubWorld {
  readonly #proxies = new Map<number, LabProxy>();
  readonly #stubs: Stub[];
  readonly #candidates = new Map<string, readonly number[]>();
  readonly #recording: Recording;
  readonly #jars = new Map<string, string>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #problems: unknown[] = [];
  #originMs = 0;
  #calls = 0;
  #isStopped = false;

  constructor(
    readonly world: World,
    readonly net: string,
    readonly folder: string,
    readonly options: LabOptions,
  ) {
    for (const [index, dials] of dialsOf(world))
      this.#proxies.set(
        index,
        new LabProxy(options.binary, folder, world.proxies[index]!, index, net, dials),
      );
    this.#stubs = world.servers.map((server, index) => new Stub(server, index, this));
    this.#recording = { requests: [], calls: new Map(), hits: [], checks: [], marks: [], lost: [] };
  }

  async run(): Promise<RunResult> {
    await Promise.all(this.#stubs.map((stub) => stub.begin()));
    for (const action of this.world.actions)
      if (action.atNs <= 0 && action.after === undefined) await this.#act(action);
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.start()));
    await sleep(chance() * (this.options.randomWaitSeconds ?? 0) * 1000);
    this.#originMs = performance.now();
    const epochMs = Date.now();
    for (const action of this.world.actions)
      if (action.atNs > 0 && action.after === undefined) this.#plan(action, action.atNs / 1e6);
    const limit = (this.options.limitSeconds ?? 120) * 1000;
    this.#timers.push(setTimeout(() => this.#stop(new Error(`not over after ${limit / 1000} s`)), limit));
    await this.#playLoads();
    const endMs = this.nowMs();
    if (this.#problems.length > 0) throw this.#problems[0];
    const stats = await this.#stats();
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.stop()));
    return measuredRun(this.world, this.#recording, {
      proxies: this.#proxies,
      stubs: this.#stubs,
      stats,
      epochMs,
      endMs,
    });
  }

  async end(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.stop()));
    await Promise.all(this.#stubs.map((stub) => stub.end()));
  }

  nowMs(): number {
    return performance.now() - this.#originMs;
  }

  #stop(problem: unknown): void {
    this.#problems.push(problem);
    this.#isStopped = true;
  }

  // --------------------------------------------------------------------------------------------------------------- the script
  #plan(action: ActionSpec, atMs: number): void {
    const timer = setTimeout(
      () => void this.#act(action).catch((error) => this.#stop(error)),
      Math.max(0, atMs - this.nowMs()),
    );
    this.#timers.push(timer);
  }

  /** Each load begins when those it comes after have ended. */
  async #playLoads(): Promise<void> {
    const ended = new Map<string, { done: Promise<void>; finish(): void }>();
    for (const { name } of this.world.loads) {
      let finish = () => {};
      const done = new Promise<void>((resolve) => {
        finish = resolve;
      });
      ended.set(name, { done, finish });
    }
    const afterAll = async (names: string | string[] | undefined) => {
      const list = names === undefined ? [] : typeof names === 'string' ? [names] : names;
      await Promise.all(list.map((name) => ended.get(name)?.done));
      return list.length > 0;
    };
    const dependent = this.world.actions
      .filter((action) => action.after !== undefined)
      .map(async (action) => {
        await afterAll(action.after);
        if (action.atNs > 0) await this.#wait(action.atNs / 1e6);
        if (!this.#isStopped) await this.#act(action);
      });
    const loads = this.world.loads.map(async (load, index) => {
      const isLater = await afterAll(load.after);
      const startMs = Math.max(
        (isLater ? this.nowMs() : 0) + load.startNs / 1e6,
        (load.notBeforeNs ?? 0) / 1e6,
      );
      await this.#wait(startMs - this.nowMs());
      if (!this.#isStopped) await this.#play(load, index);
      ended.get(load.name)!.finish();
    });
    await Promise.all([...loads, ...dependent]);
  }

  async #wait(ms: number): Promise<void> {
    const endMs = this.nowMs() + ms;
    while (!this.#isStopped && endMs - this.nowMs() > 0.2) await sleep(Math.min(1000, endMs - this.nowMs()));
  }

  async #act(action: ActionSpec): Promise<void> {
    switch (action.kind) {
      case 'serverMode':
        for (const server of action.servers)
          await this.#stubs[server]!.setMode(action.mode, action.percentage ?? 100);
        break;
      case 'serverRespond':
        for (const server of action.servers)
          this.#stubs[server]!.setRespond(action.status, action.percentage ?? 100);
        break;
      case 'serverSlow':
        for (const server of action.servers)
          this.#stubs[server]!.setSlow(action.byNs, action.percentage ?? 100);
        break;
      case 'serverBehaviour':
        for (const server of action.servers) {
          const stub = this.#stubs[server]!;
          if (action.isTimetable && stub.isOverridden) continue;
          stub.isOverridden ||= !action.isTimetable;
          stub.setBehaviour(action.behaviour);
        }
        break;
      case 'serverLost':
        for (const server of action.servers) this.#stubs[server]!.lose();
        break;
      case 'endpoints':
        for (const proxy of action.proxies) this.#proxies.get(proxy)?.setEndpoints(action.assignments);
        break;
      case 'config':
        for (const proxy of action.proxies) this.#proxies.get(proxy)?.setConfig(action.config);
        break;
      case 'kubeProxy':
        this.#candidates.set(action.name, action.servers);
        break;
      case 'restartProxy':
        await Promise.all(action.proxies.map((proxy) => this.#proxies.get(proxy)?.restart()));
        break;
      case 'mark':
        this.#recording.marks.push({ name: action.name, atMs: this.nowMs() });
        break;
      case 'partition':
        break; // told beforehand: notActedOut
    }
  }

  // ----------------------------------------------------------------------------------------------------------------- the users
  async #play(load: LoadSpec, index: number): Promise<void> {
    const kept = load.connections === 'new' ? 'new' : load.connections;
    const connections = new Map<string, Connections>();
    const of = (source: string) => {
      if (!connections.has(source)) connections.set(source, new Connections(kept));
      return connections.get(source)!;
    };
    const clock = {
      nowMs: () => this.nowMs(),
      isStopped: () => this.#isStopped,
      seen: (event: 'ejection' | 'return') => this.#seen(event),
    };
    await playLoad(load, clock, (turn) => this.#request(load, index, turn, of));
    for (const each of connections.values()) each.close();
  }

  async #request(
    load: LoadSpec,
    index: number,
    turn: Turn,
    connectionsOf: (source: string) => Connections,
  ): Promise<void> {
    const rotated = load.rotate?.[turn.index % load.rotate.length];
    const headers = { ...load.request.headers, ...rotated?.headers };
    // A named client keeps its cookies from load to load, a user of one load for that load.
    const jar = load.cookies ? (rotated?.client ?? `${index}/${turn.slot}`) : null;
    if (jar !== null && this.#jars.has(jar)) headers['cookie'] = this.#jars.get(jar)!;
    const record: RequestRecord = {
      load: index,
      index: turn.index,
      turn: load.rotate ? turn.index % load.rotate.length : undefined,
      startMs: this.nowMs(),
      endMs: 0,
      status: 0,
      calls: [],
      lines: 0,
      hasCookie: false,
    };
    const request = String(this.#recording.requests.push(record) - 1);
    const source = sourceAddress(rotated?.sourceAddress, this.net);
    const answer = await this.#enter(load, turn, request, headers, source, connectionsOf(source ?? ''));
    record.endMs = this.nowMs();
    record.status = answer.status;
    const cookie = answer.headers['set-cookie']?.[0];
    if (cookie !== undefined) {
      record.hasCookie = true;
      if (jar !== null) this.#jars.set(jar, cookie.split(';')[0]!);
    }
    if (load.grep !== undefined && answer.status < 400)
      record.lines = answer.body.split('\n').filter((line) => new RegExp(load.grep!).test(line)).length;
  }

  /** At a proxy's listener, or at an application that asks through its own sidecar. */
  async #enter(
    load: LoadSpec,
    turn: Turn,
    request: string,
    headers: Record<string, string>,
    source: string | undefined,
    connections: Connections,
  ): Promise<Answer> {
    if (load.isUnanswered) return NO_ANSWER;
    const { method, host, path, port, kubeProxy } = load.request;
    if ('servers' in load.from) {
      const server = load.from.servers[turn.index % load.from.servers.length]!;
      const call: CallSpec = { method, host, path, headers, port, ...(kubeProxy && { kubeProxy }) };
      return await this.call(server, call, { request, call: '' }, connections);
    }
    const proxies = load.from.proxies ?? [load.from.proxy];
    const proxy = proxies[turn.slot % proxies.length]!;
    const at = { host, port: load.from.port };
    return await this.#through(
      proxy,
      { method, host, path, headers, port: at.port },
      request,
      load.name,
      0,
      connections,
      turn.slot,
      source,
    );
  }

  /** A call that a stub makes, or the load in its name. */
  async call(
    server: number,
    call: CallSpec,
    parent: { request: string; call: string },
    via: Connections,
  ): Promise<Answer> {
    const { sidecar, name } = this.world.servers[server]!;
    const depth = (this.#recording.calls.get(parent.call)?.depth ?? -1) + 1;
    if (sidecar !== undefined && !call.isUnresolved)
      return await this.#through(sidecar, call, parent.request, name, depth, via);
    return await this.#past(call, parent.request, name, depth);
  }

  async #through(
    proxy: number,
    call: Pick<CallSpec, 'method' | 'host' | 'path' | 'headers' | 'port'>,
    request: string,
    caller: string,
    depth: number,
    via: Connections,
    slot?: number,
    source?: string,
  ): Promise<Answer> {
    const record = this.#newCall(request, caller, depth, call, proxy);
    const answer = await via.ask(
      {
        address: this.#proxies.get(proxy)!.addressOf(call),
        method: call.method,
        host: call.host,
        path: call.path,
        headers: { ...call.headers, [REQUEST_HEADER]: request, [CALL_HEADER]: record.id },
        ...(source !== undefined && { localAddress: source }),
      },
      slot,
    );
    return this.#answered(record, answer);
  }

  /** Without a proxy: kube-proxy gives the connection to one of its candidates. */
  async #past(call: CallSpec, request: string, caller: string, depth: number): Promise<Answer> {
    const record = this.#newCall(request, caller, depth, call, -1);
    const candidates = call.isUnresolved ? [] : (this.#candidates.get(call.kubeProxy ?? '') ?? []);
    if (candidates.length === 0) return this.#answered(record, NO_ANSWER);
    const { addresses } = this.world.servers[candidates[Math.floor(chance() * candidates.length)]!]!;
    const connections = new Connections('new');
    const answer = await connections.ask({
      address: addresses.find(({ port }) => port === call.port) ?? addresses[0]!,
      method: call.method,
      host: call.host,
      path: call.path,
      headers: { ...call.headers, [REQUEST_HEADER]: request, [CALL_HEADER]: record.id },
    });
    return this.#answered(record, answer);
  }

  #newCall(
    request: string,
    caller: string,
    depth: number,
    { host, path }: { host: string; path: string },
    proxy: number,
  ): CallRecord {
    const record: CallRecord = {
      id: `c${this.#calls++}`,
      request: Number(request),
      caller,
      depth,
      host,
      path,
      proxy,
      startMs: this.nowMs(),
      endMs: 0,
      status: 0,
      server: -1,
      location: undefined,
    };
    this.#recording.calls.set(record.id, record);
    this.#recording.requests[record.request]?.calls.push(record);
    return record;
  }

  #answered(record: CallRecord, answer: Answer): Answer {
    record.endMs = this.nowMs();
    record.status = answer.status;
    const server = answer.headers[SERVER_HEADER];
    record.server = server === undefined ? -1 : Number(server);
    record.location = answer.headers.location;
    return answer;
  }

  // ------------------------------------------------------------------------------------------------------------ what is seen
  arrived(hit: { server: number; request: string; call: string; isMirrored: boolean }): void {
    this.#recording.hits.push({ ...hit, atMs: this.nowMs() });
  }

  checked(server: number): void {
    this.#recording.checks.push({ server, atMs: this.nowMs() });
  }

  #seenAtMs = Number.NEGATIVE_INFINITY;
  #seenEvents = { ejection: 0, return: 0 };

  #seen(event: 'ejection' | 'return'): number {
    if (this.nowMs() - this.#seenAtMs > LOOK_MS) {
      this.#seenAtMs = this.nowMs();
      const events = [...this.#proxies.values()].flatMap((proxy) => readOutlierLog(proxy.outlierLog));
      this.#seenEvents = {
        ejection: events.filter(({ action }) => action === 'EJECT').length,
        return: events.filter(({ action }) => action === 'UNEJECT').length,
      };
    }
    return this.#seenEvents[event];
  }

  async #stats(): Promise<NonNullable<RunResult['stats']>> {
    const stats: NonNullable<RunResult['stats']> = {};
    for (const proxy of this.#proxies.values()) {
      const { body } = await proxy.ask('/stats?filter=^cluster\\.&usedonly');
      const own: Record<string, number> = {};
      for (const line of body.split('\n')) {
        const [name = '', value = ''] = line.split(': ');
        if (/^\d+$/.test(value) && value !== '0') own[name] = Number(value);
      }
      stats[proxy.spec.name] = own;
    }
    return stats;
  }
}

/** A client's address among the lab's own. */
function sourceAddress(given: string | undefined, net: string): string | undefined {
  if (given === undefined || given === '127.0.0.1') return undefined;
  const last = given.split('.').slice(-1)[0] ?? '1';
  return `${net}.5.${last}`;
}
