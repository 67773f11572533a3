// Faults of a world that came from config dumps. Servers fail as in any other world; what Kubernetes and istiod would make of it (endpoints
// that are taken out and put back) reaches the dumped proxies by EDS, after the times of plan/pushes.ts and models/kube/pod-life.ts.
import type { ActionSpec, ServerMode, ServerSpec, WorldSpec } from '../../models/world.ts';
import { type Diagnostic, diagnosticAt, hintFor } from '../diagnostics.ts';
import { DEBOUNCE_AFTER_NS, PUSH_NS } from '../plan/pushes.ts';
import { actionsOnServers } from '../plan/server-faults.ts';
import { targetWords } from '../plan/targets.ts';
import type { Fault } from '../scenario.ts';
import { type Absence, pushesOf } from './dump-endpoints.ts';
import { keyOf } from './dump-servers.ts';
import { placesIn, proxiesAimedAt, serversAimedAt, targetNames } from './dump-targets.ts';
import type { DumpProxies } from './proxies.ts';

/** From the death of a process until the endpoint is unready, its restart, and the start of a process until it listens (rules PO-1, XP-5). */
const CRASH_NOTICED_NS = 1e9;
const RESTART_NS = 10e9;
const STARTUP_NS = 5e9;
/** node-monitor-grace-period of kube-controller-manager. */
const NODE_MONITOR_GRACE_NS = 40e9;

const NEEDS_MANIFESTS: Partial<Record<Fault['kind'], string>> = {
  apply: 'a config dump has no objects to apply',
  delete: 'a config dump has no objects to delete',
  rollout: 'a config dump does not say how pods are replaced',
  istiodDown: 'the proxies of a config dump have no istiod that could be missed',
};

export function actionsOfFaults(
  faults: readonly Fault[],
  world: Omit<WorldSpec, 'seed' | 'replication'>,
  proxies: DumpProxies,
  diagnostics: Diagnostic[],
  file: string,
): ActionSpec[] {
  const actions: ActionSpec[] = [];
  const absences: Absence[] = [];
  for (const fault of faults) {
    const refuse = (code: Diagnostic['code'], message: string, hint?: string) =>
      void diagnostics.push(
        diagnosticAt(code, fault.origin ?? { file, line: 0, col: 0 }, `faults: ${message}`, hint),
      );
    const lacking = NEEDS_MANIFESTS[fault.kind];
    if (lacking !== undefined) {
      refuse(
        'FS2007',
        `${fault.kind} needs manifests: ${lacking}`,
        'compare two dumps in variants: set: { envoy: … }',
      );
      continue;
    }
    if (fault.kind === 'restartProxy') {
      const restarted = proxiesAimedAt(fault.target, proxies, world);
      if (restarted.length === 0)
        refuse(
          'FS3003',
          `there is no config dump of ${targetWords(fault.target)}`,
          hintFor(fault.target.name, proxies.names()),
        );
      const label = `the proxy of ${targetWords(fault.target)} restarts`;
      actions.push({ atNs: fault.atNs, kind: 'restartProxy', proxies: restarted, label });
      continue;
    }
    if (fault.kind === 'partition') {
      const known = placesIn(world);
      const strange = fault.between.find((name) => !known.includes(name));
      if (strange !== undefined) {
        refuse(
          'FS3007',
          `the config dumps know no cluster, region or zone "${strange}"`,
          hintFor(strange, known),
        );
        continue;
      }
    }
    const servers = 'target' in fault ? serversAimedAt(fault.target, world, proxies) : [];
    if ('target' in fault && servers.length === 0) {
      const known = targetNames(fault.target.kind, world);
      refuse(
        'FS3003',
        `the config dumps know no ${fault.target.kind} "${fault.target.name}"`,
        hintFor(fault.target.name, known),
      );
      continue;
    }
    const died = deathsOf(fault, servers, world.servers);
    if (typeof died === 'string') refuse('FS2003', died, 'the dump knows no pods but those that it lists');
    else if (died === null) actions.push(...actionsOnServers(fault, servers));
    else {
      actions.push(...died.actions);
      absences.push(died.absence);
    }
  }
  actions.push(...pushesOf(absences, world.proxies));
  return actions.sort((a, b) => a.atNs - b.atNs);
}

const PUSHED_AFTER_NS = DEBOUNCE_AFTER_NS + PUSH_NS;

/** Faults after which endpoints leave; null = this fault is none. A text says why it cannot be. */
function deathsOf(
  fault: Fault,
  aimedAt: readonly number[],
  all: readonly ServerSpec[],
): { actions: ActionSpec[]; absence: Absence } | null | string {
  const { atNs } = fault;
  const endNs = fault.forNs === undefined ? null : atNs + fault.forNs;
  switch (fault.kind) {
    case 'scale': {
      const pods = podsOf(aimedAt, all);
      if (fault.replicas > pods.length)
        return `scale: ${fault.target.name} has ${pods.length === 1 ? 'one endpoint' : `${pods.length} endpoints`} in the dumps and cannot have ${fault.replicas}`;
      const gone = pods.slice(fault.replicas).flat();
      const backNs = endNs === null ? null : endNs + STARTUP_NS;
      return death(gone, all, { atNs, mode: 'refuse', words: 'is gone', noticedNs: 0, backNs });
    }
    case 'crash': {
      const backNs = (endNs ?? atNs + RESTART_NS) + STARTUP_NS;
      return death(aimedAt, all, {
        atNs,
        mode: 'refuse',
        words: 'crashes',
        noticedNs: CRASH_NOTICED_NS,
        backNs,
      });
    }
    case 'zoneDown':
    case 'regionDown':
    case 'clusterDown': {
      const backNs = endNs === null ? null : endNs + STARTUP_NS;
      const noticedNs = NODE_MONITOR_GRACE_NS;
      return death(aimedAt, all, {
        atNs,
        mode: 'blackhole',
        words: 'is lost with its node',
        noticedNs,
        backNs,
      });
    }
    default:
      return null;
  }
}

function death(
  servers: readonly number[],
  all: readonly ServerSpec[],
  {
    atNs,
    mode,
    words,
    noticedNs,
    backNs,
  }: { atNs: number; mode: ServerMode; words: string; noticedNs: number; backNs: number | null },
): { actions: ActionSpec[]; absence: Absence } {
  const actions = servers.flatMap((server): ActionSpec[] => {
    const key = keyOf(all[server]!);
    const workload = all[server]!.labels['workload'];
    const who = workload === key ? key : `${workload} at ${key}`;
    return [
      { atNs, kind: 'serverMode', servers: [server], mode, label: `${who} ${words}` },
      { atNs, kind: 'serverLost', servers: [server] },
      ...(backNs === null
        ? []
        : [
            {
              atNs: backNs,
              kind: 'serverMode' as const,
              servers: [server],
              mode: 'ok' as const,
              label: `${who} is back`,
            },
          ]),
    ];
  });
  const addresses = new Set(servers.map((server) => keyOf(all[server]!)));
  const fromNs = atNs + noticedNs + PUSHED_AFTER_NS;
  // What is back before it was missed was never taken out.
  const isNoticed = backNs === null || backNs > atNs + noticedNs;
  return {
    actions,
    absence: {
      addresses: isNoticed ? addresses : new Set(),
      fromNs,
      toNs: backNs === null ? Number.POSITIVE_INFINITY : backNs + PUSHED_AFTER_NS,
    },
  };
}

/** Servers of one pod have its address; in the order in which the dumps list them. */
function podsOf(servers: readonly number[], all: readonly ServerSpec[]): number[][] {
  const pods = new Map<string, number[]>();
  for (const server of servers) {
    const address = all[server]!.addresses[0]!.address;
    pods.set(address, [...(pods.get(address) ?? []), server]);
  }
  return [...pods.values()];
}
