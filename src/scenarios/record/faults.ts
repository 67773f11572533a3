// What was done to the mesh: the scenario's faults in words with the servers they hit, and how each server was over time.
import type { ActionSpec } from '../../models/world.ts';
import type { Plan } from '../plan/plan.ts';
import { targetWords } from '../plan/targets.ts';
import type { Fault, Scenario, Target } from '../scenario.ts';
import type { RecordedFault, RecordedServer } from './recording.ts';
import { seconds } from './seconds.ts';

export function faultsOf(scenario: Scenario, plan: Plan): RecordedFault[] {
  return [...scenario.faults]
    .sort((a, b) => a.atNs - b.atNs)
    .map((fault) => {
      const servers = serversHit(fault, plan);
      return {
        at: seconds(fault.atNs),
        until:
          fault.forNs === undefined ? recoveryOf(fault, servers, plan) : seconds(fault.atNs + fault.forNs),
        kind: fault.kind,
        text: faultWords(fault),
        servers,
        origin: fault.origin ? { file: fault.origin.file, line: fault.origin.line } : null,
      };
    });
}

/** When Kubernetes has repaired it: all that a crash took are well again. */
function recoveryOf(fault: Fault, servers: readonly number[], plan: Plan): number | null {
  if (fault.kind !== 'crash' || servers.length === 0) return null;
  const at = seconds(fault.atNs);
  const times = servers.map((server) =>
    statesOf(plan, server).find((entry) => entry.at > at && entry.state === 'ok'),
  );
  return times.every((entry) => entry !== undefined) ? Math.max(...times.map((entry) => entry!.at)) : null;
}

export function faultWords(fault: Fault): string {
  switch (fault.kind) {
    case 'scale':
      return `scale ${targetWords(fault.target)} to ${fault.replicas}`;
    case 'respond':
      return `${targetWords(fault.target)} answers ${fault.status}${partly(fault.percentage)}`;
    case 'slow':
      return `${targetWords(fault.target)} slower by ${Number((fault.byNs / 1e6).toFixed(3))} ms${partly(fault.percentage)}`;
    case 'partition':
      return `partition between ${fault.between[0]} and ${fault.between[1]}`;
    case 'apply':
      return `apply ${fault.text}`;
    case 'delete':
      return `delete ${fault.objectKind}/${fault.name}`;
    case 'istiodDown':
      return 'istiod is down';
    case 'refuse':
    case 'crash':
    case 'reset':
    case 'hang':
    case 'blackhole':
      return `${fault.kind} ${targetWords(fault.target)}${partly(fault.percentage)}`;
    default:
      return `${fault.kind} ${targetWords(fault.target)}`;
  }
}

const partly = (percentage: number): string => (percentage < 100 ? ` (${percentage} % of requests)` : '');

/** Servers that become ill in the same instant and are what the fault is aimed at. */
function serversHit(fault: Fault, plan: Plan): number[] {
  if (!('target' in fault)) return [];
  const hit = new Set<number>();
  for (const action of plan.world.actions) {
    if (action.atNs !== fault.atNs || !isIll(action)) continue;
    for (const server of action.servers) hit.add(server);
  }
  const labels = plan.names.serverLabels;
  const named = [...hit].filter((server) => isAimedAt(labels[server] ?? {}, fault.target));
  return (named.length > 0 ? named : [...hit]).sort((a, b) => a - b);
}

function isIll(action: ActionSpec): action is ActionSpec & { servers: number[] } {
  if (action.kind === 'serverMode') return action.mode !== 'ok';
  if (action.kind === 'serverRespond') return action.status !== null;
  return action.kind === 'serverSlow' && action.byNs > 0;
}

function isAimedAt(labels: Record<string, string>, target: Target): boolean {
  const label = target.kind === 'deployment' ? 'workload' : target.kind;
  const name = target.kind === 'pod' ? target.name.replace(/\[(\d+)\]$/, '-$1') : target.name;
  return labels[label] === name || labels['pod'] === `${target.cluster ?? ''}/${name}`;
}

/** From when on a server was how; the planned actions say it. */
export function statesOf(plan: Plan, server: number): RecordedServer['states'] {
  const isThere = plan.world.servers[server]!.listening !== false;
  const now = { mode: isThere ? 'ok' : 'absent', status: '', slow: '' };
  const states = [{ at: 0, state: now.mode }];
  for (const action of plan.world.actions) {
    if (!('servers' in action) || !action.servers.includes(server)) continue;
    if (action.kind === 'serverMode') now.mode = action.mode + share(action.mode, action.percentage);
    else if (action.kind === 'serverRespond')
      now.status = action.status === null ? '' : `respond ${action.status}${share('', action.percentage)}`;
    else if (action.kind === 'serverSlow')
      now.slow = action.byNs === 0 ? '' : `slow ${Number((action.byNs / 1e6).toFixed(3))} ms`;
    else continue;
    const state = now.mode === 'ok' ? now.status || now.slow || 'ok' : now.mode;
    if (states.at(-1)!.state !== state) states.push({ at: seconds(action.atNs), state });
  }
  return states;
}

const share = (mode: string, percentage = 100): string =>
  mode === 'ok' || percentage >= 100 ? '' : ` ${percentage} %`;
