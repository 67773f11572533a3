// How findings say numbers and names.
import type { ClusterView, HostView } from './views.ts';

/** "33 %" */
export const percent = (share: number): string =>
  `${Number((share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0))} %`;

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

export const listed = (words: readonly string[], most = 5): string =>
  words.length > most
    ? `${words.slice(0, most).join(', ')} and ${words.length - most} more`
    : words.join(', ');

/** "reviews", "reviews/v1", "reviews.shop/v1" */
export const nameOfView = (view: ClusterView): string => {
  const { service, subset } = view;
  const name =
    service.registry === 'External' || service.namespace === 'default'
      ? service.registry === 'External'
        ? service.hostname
        : service.name
      : `${service.name}.${service.namespace}`;
  return subset === '' ? name : `${name}/${subset}`;
};

/** "callers in cn-hangzhou/cn-hangzhou-h" */
export const callersOf = (view: ClusterView): string =>
  view.node.locality === '' ? 'callers without locality' : `callers in ${view.node.locality}`;

export const placesOf = (hosts: readonly HostView[]): string[] => [
  ...new Set(hosts.map((host) => host.locality || '(no locality)')),
];

export const regionsOf = (hosts: readonly HostView[]): string[] => [
  ...new Set(hosts.map((host) => host.region || '(no region)')),
];

/** Nanoseconds as people write them. */
export function timeWords(ns: number): string {
  if (ns >= 60e9 && ns % 60e9 === 0) return `${ns / 60e9}m`;
  return ns >= 1e9 ? `${Number((ns / 1e9).toFixed(3))}s` : `${Number((ns / 1e6).toFixed(3))}ms`;
}
