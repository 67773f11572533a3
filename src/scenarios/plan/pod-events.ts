// What a pod's life does to its server: it listens, refuses, vanishes; and a line of the timeline for each.
import type { KubeEvent } from '../../models/kube/change.ts';
import type { ActionSpec } from '../../models/world.ts';
import type { CastMember } from './cast.ts';

/** Events after which istiod or kube-proxy see other endpoints, services or nodes. */
const SEEN_BY_ISTIOD: readonly KubeEvent['kind'][] = [
  'podCreated',
  'podReady',
  'podUnready',
  'podTerminating',
  'podStopped',
  'podChanged',
  'nodesChanged',
  'namespacesChanged',
  'servicesChanged',
];

export const isSeenByIstiod = (event: KubeEvent): boolean => SEEN_BY_ISTIOD.includes(event.kind);

export function actionsOfPodEvent(
  atNs: number,
  event: KubeEvent,
  members: readonly CastMember[],
  isShut = false,
): ActionSpec[] {
  const server = members[event.pod]?.server ?? -1;
  const mark: ActionSpec = { atNs, kind: 'mark', name: event.kind, label: event.text };
  if (server < 0 || isShut) return [mark];
  const servers = [server];
  switch (event.kind) {
    case 'podStarted':
      return [{ atNs, kind: 'serverMode', servers, mode: 'ok', label: event.text }];
    case 'podCrashed':
    case 'podStopped':
      return [
        { atNs, kind: 'serverMode', servers, mode: 'refuse', label: event.text },
        { atNs, kind: 'serverLost', servers },
      ];
    case 'podLost':
      return [
        { atNs, kind: 'serverMode', servers, mode: 'blackhole', label: event.text },
        { atNs, kind: 'serverLost', servers },
      ];
    default:
      return [mark];
  }
}
