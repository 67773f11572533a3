// The load script of a measured case as loads and actions: each step begins when what came before it has ended.
import type { RandomStream } from '../../../src/engine/random.ts';
import type { ActionSpec, LatencySpec, LoadSpec } from '../../../src/models/world.ts';
import { type Json, onlyKeys } from './json.ts';

/** Where a step begins: after these loads, this much later. */
interface Cursor {
  after: string[];
  delayNs: number;
}

export interface ScriptSetting {
  /** When the script begins [ns]. */
  startNs: number;
  net: string;
  /** Between an answer and the next request of a client that does not think. */
  clientNs: number;
  draw: RandomStream;
  listener(name: string | undefined): { proxy: number; port: number };
  /** Actions of a `set` step. */
  behave(backend: string, behaviour: Json): ActionSpec[];
  /** Actions of an `eds` step. */
  push(cluster: string, localities: Json): ActionSpec[];
}

export interface Script {
  loads: LoadSpec[];
  actions: ActionSpec[];
  /** Label of each load by its name; gates have none. */
  labelOf: Map<string, string>;
  /** In order of their first appearance. */
  labels: string[];
  /** What a load's requests take in turn: keys, client addresses or clients; '' = nothing. */
  turnsOf: Map<string, '' | 'keys' | 'sources' | 'clients'>;
}

const ns = (seconds: number) => Math.round(seconds * 1e9);

const PHASE_KEYS =
  'mode count duration gap_ms think concurrency rate arrivals conn keys label listener path headers sources clients';

/** Connections that an open loop's client keeps. */
const OPEN_CONNECTIONS = 16;
/** Envoy writes its outlier log every 100 ms, so an `until` step sees an event up to that much later. */
const LOG_FLUSH_NS = 100e6;
/** A sleeping client wakes up late by up to this. */
const WAKE_UP_NS = 2.5e6;

export function latencyOf(given: Json): LatencySpec {
  if (!given) return { dist: 'fixed', ns: 0 };
  if (typeof given === 'number') return { dist: 'fixed', ns: given * 1e6 };
  onlyKeys(given, 'dist ms lo hi mean sd median sigma', 'latency');
  switch (given.dist ?? 'fixed') {
    case 'fixed':
      return { dist: 'fixed', ns: given.ms * 1e6 };
    case 'uniform':
      return { dist: 'uniform', minNs: given.lo * 1e6, maxNs: given.hi * 1e6 };
    case 'exp':
      return { dist: 'exponential', meanNs: given.mean * 1e6 };
    case 'normal':
      return { dist: 'normal', meanNs: given.mean * 1e6, sdNs: given.sd * 1e6 };
    case 'lognormal':
      return {
        dist: 'lognormal',
        p50Ns: given.median * 1e6,
        p99Ns: given.median * 1e6 * Math.exp(2.3263478740408408 * given.sigma),
      };
    default:
      throw new Error(`latency: unknown dist "${given.dist}"`);
  }
}

export function scriptOf(steps: Json[], setting: ScriptSetting): Script {
  const script: Script = { loads: [], actions: [], labelOf: new Map(), labels: [], turnsOf: new Map() };
  let cursor: Cursor = { after: [], delayNs: setting.startNs };
  for (const step of steps) cursor = addStep(script, setting, step, cursor);
  // The run lasts until the script's last pause is over.
  gate(script, cursor);
  return script;
}

function addStep(script: Script, setting: ScriptSetting, step: Json, cursor: Cursor): Cursor {
  if ('par' in step) {
    onlyKeys(step, 'par', 'step');
    const ends = step.par.map((branch: Json) => gate(script, addStep(script, setting, branch, cursor)));
    return { after: ends.flatMap((end: Cursor) => end.after), delayNs: 0 };
  }
  if ('mark' in step) {
    onlyKeys(step, 'mark', 'step');
    return act(script, cursor, [{ atNs: 0, label: step.mark, kind: 'mark', name: 'mark' }]);
  }
  if ('wait' in step) {
    onlyKeys(step, 'wait', 'step');
    return { ...cursor, delayNs: cursor.delayNs + ns(step.wait) };
  }
  if ('wait_random' in step) {
    onlyKeys(step, 'wait_random', 'step');
    return { ...cursor, delayNs: cursor.delayNs + ns(step.wait_random * setting.draw.unit()) };
  }
  if ('wait_until' in step) {
    onlyKeys(step, 'wait_until', 'step');
    return gate(script, cursor, setting.startNs + ns(step.wait_until));
  }
  if ('set' in step) {
    onlyKeys(step, 'set behaviour', 'step');
    return act(script, cursor, setting.behave(step.set, step.behaviour));
  }
  if ('eds' in step) {
    onlyKeys(step, 'eds localities settle', 'step');
    const after = act(script, cursor, setting.push(step.eds, step.localities));
    return { ...after, delayNs: after.delayNs + ns(step.settle ?? 0.3) };
  }
  if ('until' in step) {
    onlyKeys(step, 'until count phase limit', 'step');
    const phase = { ...step.phase, count: undefined, duration: undefined };
    const gapNs = (phase.gap_ms ?? 20) * 1e6;
    return addPhase(script, setting, phase, cursor, {
      arrivals: {
        kind: 'iterations',
        count: Number.MAX_SAFE_INTEGER,
        paceNs: 0,
        gapNs: gapNs * (phase.gap_ms ? 2 : 1),
      },
      until: {
        event: step.until === 'EJECT' ? 'ejection' : 'return',
        count: step.count,
        seenAfterNs: Math.round(setting.draw.unit() * LOG_FLUSH_NS),
      },
    });
  }
  if ('repeat' in step) {
    onlyKeys(step, 'repeat steps', 'step');
    let at = cursor;
    for (let i = 0; i < step.repeat; i++)
      for (const inner of step.steps) at = addStep(script, setting, inner, at);
    return at;
  }
  return addPhase(script, setting, step, cursor, {});
}

function placed(cursor: Cursor): { after?: string[] } {
  return cursor.after.length > 0 ? { after: cursor.after } : {};
}

function act(script: Script, cursor: Cursor, actions: ActionSpec[]): Cursor {
  for (const action of actions) script.actions.push({ ...action, ...placed(cursor), atNs: cursor.delayNs });
  return cursor;
}

const NO_REQUEST = { method: 'GET', host: 'o', path: '/', headers: {}, port: 0 };

/** A load without requests, as a place that later steps can begin after. */
function gate(script: Script, cursor: Cursor, notBeforeNs?: number): Cursor {
  const name = `gate ${script.loads.length}`;
  script.loads.push({
    name,
    from: { proxy: 0, port: 0 },
    request: NO_REQUEST,
    startNs: cursor.delayNs,
    ...placed(cursor),
    ...(notBeforeNs !== undefined && { notBeforeNs }),
    arrivals: { kind: 'iterations', count: 0, paceNs: 0 },
    connections: 1,
  });
  return { after: [name], delayNs: 0 };
}

function addPhase(
  script: Script,
  setting: ScriptSetting,
  phase: Json,
  cursor: Cursor,
  given: Partial<LoadSpec>,
): Cursor {
  onlyKeys(phase, PHASE_KEYS, 'phase');
  const label: string = phase.label ?? `p${script.labels.length}`;
  if (!script.labels.includes(label)) script.labels.push(label);
  const name = `${label} #${script.loads.length}`;
  script.labelOf.set(name, label);
  script.turnsOf.set(name, phase.keys ? 'keys' : phase.sources ? 'sources' : phase.clients ? 'clients' : '');
  const { proxy, port } = setting.listener(phase.listener);
  const rotate = rotationOf(phase, setting.net);
  script.loads.push({
    name,
    from: { proxy, port },
    request: { method: 'GET', host: 'o', path: phase.path ?? '/', headers: phase.headers ?? {}, port },
    rotate,
    ...(phase.clients && { cookies: true }),
    startNs: cursor.delayNs,
    ...placed(cursor),
    arrivals: arrivalsOf(phase, setting.clientNs),
    connections: connectionsOf(phase),
    lingers: true,
    ...given,
  });
  return { after: [name], delayNs: 0 };
}

/** A client that is not asked to come from elsewhere comes over loopback. */
const CLIENT_ADDRESS = '127.0.0.1';

function rotationOf(phase: Json, net: string): NonNullable<LoadSpec['rotate']> {
  const times = (n: number, entry: (i: number) => NonNullable<LoadSpec['rotate']>[number]) =>
    Array.from({ length: n }, (_, i) => entry(i));
  if (phase.keys)
    return times(phase.keys, (i) => ({ headers: { 'x-key': `k${i}` }, sourceAddress: CLIENT_ADDRESS }));
  if (phase.sources) return times(phase.sources, (i) => ({ sourceAddress: `${net}.5.${i + 1}` }));
  if (phase.clients) return times(phase.clients, (i) => ({ client: `c${i}`, sourceAddress: CLIENT_ADDRESS }));
  return [{ sourceAddress: CLIENT_ADDRESS }];
}

function arrivalsOf(phase: Json, clientNs: number): LoadSpec['arrivals'] {
  const count: number | undefined = phase.count;
  const durationNs = phase.duration === undefined ? undefined : ns(phase.duration);
  const gapNs = (phase.gap_ms ?? 0) * 1e6;
  switch (phase.mode ?? 'serial') {
    case 'serial':
      return {
        kind: 'iterations',
        count: count ?? Number.MAX_SAFE_INTEGER,
        paceNs: gapNs,
        ...(gapNs > 0 && { jitterNs: WAKE_UP_NS }),
        ...(durationNs !== undefined && { durationNs }),
      };
    case 'closed':
      return {
        kind: 'closed',
        users: phase.concurrency,
        think: phase.think === undefined ? { dist: 'fixed', ns: gapNs + clientNs } : latencyOf(phase.think),
        ...(count !== undefined && { count }),
        ...(durationNs !== undefined && { durationNs }),
      };
    case 'open':
      return {
        kind: 'open',
        poisson: phase.arrivals === 'poisson',
        stages: [{ durationNs: durationNs ?? 3600e9, fromPerSecond: phase.rate, toPerSecond: phase.rate }],
        ...(count !== undefined && { count }),
      };
    default:
      throw new Error(`phase: unknown mode "${phase.mode}"`);
  }
}

function connectionsOf(phase: Json): LoadSpec['connections'] {
  if (phase.conn === 'new') return 'new';
  if (phase.mode === 'closed') return phase.concurrency;
  if (phase.mode === 'open') return OPEN_CONNECTIONS;
  return phase.sources ?? 1;
}
