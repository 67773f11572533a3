// What a real Envoy left in its logs: a line per request, and what outlier detection and active checks did.
import { existsSync, readFileSync } from 'node:fs';

export interface AccessLine {
  call: string;
  code: number;
  flags: string[];
  /** "127.130.10.1:9080", '' = none. */
  host: string;
  attempts: number;
  /** '' = none. */
  cluster: string;
  route: string;
}

export interface HostEvent {
  /** Milliseconds of the epoch. */
  atMs: number;
  cluster: string;
  host: string;
  action: 'EJECT' | 'UNEJECT' | 'OUT' | 'IN' | 'DEGRADED' | 'NOT_DEGRADED';
  /** "CONSECUTIVE_5XX" */
  type: string;
  count: number;
}

// biome-ignore lint/suspicious/noExplicitAny: another program's JSON
type Json = any;

/** A last line that is cut off is left out: it comes when it is whole. */
function linesOf(path: string): Json[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '-' ? value : '');

/** By call; the mirrored copies of a call are not the proxy's own lines. */
export function readAccessLog(path: string): Map<string, AccessLine> {
  const lines = new Map<string, AccessLine>();
  for (const line of linesOf(path)) {
    const call = textOf(line.call);
    if (call === '') continue;
    lines.set(call, {
      call,
      code: Number(line.code) || 0,
      flags: textOf(line.flags)
        .split(',')
        .filter((flag) => flag !== ''),
      host: textOf(line.host),
      attempts: Number(line.attempts) || 0,
      cluster: textOf(line.cluster),
      route: textOf(line.route),
    });
  }
  return lines;
}

export function readOutlierLog(path: string): HostEvent[] {
  return linesOf(path).flatMap((line) => {
    const action = textOf(line.action);
    if (action !== 'EJECT' && action !== 'UNEJECT') return [];
    if (action === 'EJECT' && line.enforced !== true) return [];
    return [
      {
        atMs: Date.parse(line.timestamp),
        cluster: textOf(line.cluster_name),
        host: textOf(line.upstream_url),
        action,
        type: textOf(line.type) || 'CONSECUTIVE_5XX',
        count: Number(line.num_ejections) || 1,
      } as HostEvent,
    ];
  });
}

const CHECK_EVENTS: Record<string, HostEvent['action']> = {
  eject_unhealthy_event: 'OUT',
  add_healthy_event: 'IN',
  degraded_healthy_host: 'DEGRADED',
  no_longer_degraded_host: 'NOT_DEGRADED',
};

export function readHealthLog(path: string): (HostEvent & { isFirst: boolean })[] {
  return linesOf(path).flatMap((line) => {
    const kind = Object.keys(CHECK_EVENTS).find((name) => name in line);
    if (kind === undefined) return [];
    const { address, port_value: port } = line.host?.socket_address ?? {};
    return [
      {
        atMs: Date.parse(line.timestamp),
        cluster: textOf(line.cluster_name),
        host: `${address}:${port}`,
        action: CHECK_EVENTS[kind]!,
        type: 'ACTIVE',
        count: 0,
        isFirst: line.add_healthy_event?.first_check === true,
      },
    ];
  });
}
