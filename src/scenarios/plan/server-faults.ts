// The faults that servers, links and proxies suffer at once, as timed actions of the run.
import type { KubeState } from '../../models/kube/model.ts';
import type { ActionSpec, ServerMode } from '../../models/world.ts';
import type { Fault } from '../scenario.ts';
import type { CastMember } from './cast.ts';
import { podsAimedAt, targetWords } from './targets.ts';

/** Members are those of the time at which the fault begins; its end lifts it from the same ones. */
export function actionsOfFault(fault: Fault, state: KubeState, members: readonly CastMember[]): ActionSpec[] {
  if (fault.kind === 'restartProxy') {
    const proxies = podsAimedAt(fault.target, state)
      .map((pod) => members[pod]?.proxy ?? -1)
      .filter((proxy) => proxy >= 0);
    const label = `the proxy of ${targetWords(fault.target)} restarts`;
    return [{ atNs: fault.atNs, kind: 'restartProxy', proxies, label }];
  }
  const servers = 'target' in fault ? serversOf(podsAimedAt(fault.target, state), members) : [];
  return actionsOnServers(fault, servers);
}

/** The part of a fault that servers and links suffer at once. */
export function actionsOnServers(fault: Fault, servers: number[]): ActionSpec[] {
  const { atNs } = fault;
  const endNs = fault.forNs === undefined ? null : atNs + fault.forNs;
  const lasting = (begin: ActionSpec, end: ActionSpec | null): ActionSpec[] =>
    endNs === null || end === null ? [begin] : [begin, { ...end, atNs: endNs }];
  switch (fault.kind) {
    case 'refuse':
    case 'reset':
    case 'hang':
    case 'blackhole': {
      const { percentage } = fault;
      const words = `${targetWords(fault.target)} ${MODE_WORDS[fault.kind]}${percentage < 100 ? ` (${percentage} % of requests)` : ''}`;
      return lasting(
        { atNs, kind: 'serverMode', servers, mode: fault.kind as ServerMode, percentage, label: words },
        {
          atNs,
          kind: 'serverMode',
          servers,
          mode: 'ok',
          label: `${targetWords(fault.target)} is well again`,
        },
      );
    }
    case 'respond': {
      const { percentage, status } = fault;
      const words = `${targetWords(fault.target)} answers ${status}${percentage < 100 ? ` to ${percentage} % of requests` : ''}`;
      return lasting(
        { atNs, kind: 'serverRespond', servers, status, percentage, label: words },
        {
          atNs,
          kind: 'serverRespond',
          servers,
          status: null,
          label: `${targetWords(fault.target)} answers as usual again`,
        },
      );
    }
    case 'slow': {
      const { percentage, byNs } = fault;
      const words = `${targetWords(fault.target)} is slower by ${Number((byNs / 1e6).toFixed(3))} ms`;
      return lasting(
        { atNs, kind: 'serverSlow', servers, byNs, percentage, label: words },
        {
          atNs,
          kind: 'serverSlow',
          servers,
          byNs: 0,
          label: `${targetWords(fault.target)} is as fast as usual again`,
        },
      );
    }
    case 'partition': {
      const between = `${fault.between[0]} and ${fault.between[1]}`;
      return lasting(
        {
          atNs,
          kind: 'partition',
          between: fault.between,
          isOn: true,
          label: `nothing passes between ${between}`,
        },
        {
          atNs,
          kind: 'partition',
          between: fault.between,
          isOn: false,
          label: `${between} are joined again`,
        },
      );
    }
    default:
      return [];
  }
}

const MODE_WORDS = {
  refuse: 'refuses connections',
  reset: 'resets requests',
  hang: 'accepts requests and never answers',
  blackhole: 'vanishes from the network',
} as const;

function serversOf(pods: readonly number[], members: readonly CastMember[]): number[] {
  return pods.map((pod) => members[pod]?.server ?? -1).filter((server) => server >= 0);
}
