// The way of the tries to a service in a span of time: caller -> cluster -> priority -> locality -> pod. How many tries reached a pod is counted;
// which cluster they took follows from the endpoints of that time, and where two clusters share a pod, from the sampled requests.
import type { ClusterData, TimeData, TrafficData } from './data.ts';
import { binsIn, sum, type Window } from './views.ts';

export interface FlowPath {
  caller: string;
  cluster: string;
  /** Empty where no proxy chose. */
  priority: string;
  locality: string;
  /** The pod, or why nobody was tried. */
  end: string;
  tries: number;
  failed: number;
}

/** Envoy gave the answer itself and no endpoint was tried. */
const NOT_TRIED: readonly [flag: string, text: string][] = [
  ['UH', 'UH: no healthy endpoint'],
  ['NR', 'NR: no route'],
  ['NC', 'NC: no such cluster'],
  ['UO', 'UO: circuit breaker full'],
];

export function flowPaths(time: TimeData, service: number, window: Window): FlowPath[] {
  const [first, last] = binsIn(time, window);
  const paths = new Map<string, FlowPath>();
  const add = (path: FlowPath) => {
    if (path.tries <= 0) return;
    const { caller, cluster, priority, locality, end } = path;
    const key = JSON.stringify([caller, cluster, priority, locality, end]);
    const known = paths.get(key);
    if (!known) paths.set(key, path);
    else {
      known.tries += path.tries;
      known.failed += path.failed;
    }
  };
  for (const entry of time.traffic) {
    if (entry.service !== service) continue;
    const caller = callerText(time, entry);
    const clusters = time.clusters.filter((one) => one.caller === entry.caller && one.service === service);
    for (const { server, counts, failed } of entry.tries)
      for (let bin = first; bin <= last; bin++) {
        const tries = counts[bin]!;
        if (tries === 0) continue;
        const middle = (bin + 0.5) * time.binSeconds;
        for (const { share, ...way } of waysTo(time, clusters, server, middle))
          add({ caller, ...way, tries: tries * share, failed: failed[bin]! * share });
      }
    for (const { flag, counts } of entry.flags) {
      const text = NOT_TRIED.find(([name]) => name === flag)?.[1];
      const tries = sum(counts.slice(first, last + 1));
      if (text)
        add({ caller, cluster: '', priority: 'no proxy', locality: '', end: text, tries, failed: tries });
    }
  }
  return [...paths.values()].sort((a, b) => b.tries - a.tries || (a.end < b.end ? -1 : 1));
}

export function callerText(time: TimeData, { caller }: Pick<TrafficData, 'caller'>): string {
  const { name, region, zone } = time.callers[caller]!;
  return `${name} (${[region, zone].filter(Boolean).join('/') || 'no locality'})`;
}

type Way = Pick<FlowPath, 'cluster' | 'priority' | 'locality' | 'end'> & { share: number };

function waysTo(time: TimeData, clusters: readonly ClusterData[], server: number, at: number): Way[] {
  const pod = time.servers[server];
  const end = pod?.name ?? 'unknown address';
  const found = clusters.flatMap((cluster) => {
    const endpoints = endpointsAt(cluster, at, server);
    const sampled = cluster.sampled.find(([one]) => one === server)?.[1] ?? 0;
    return endpoints.map(([, priority, locality]) => ({
      cluster: cluster.name,
      priority: `P${priority}`,
      locality: time.localities[locality] || 'no locality',
      end,
      weight: sampled / endpoints.length,
    }));
  });
  if (found.length === 0) {
    const locality = [pod?.region, pod?.zone].filter(Boolean).join('/') || 'no locality';
    return [{ cluster: 'no cluster is known', priority: 'no proxy', locality, end, share: 1 }];
  }
  const all = sum(found.map(({ weight }) => weight));
  return found.map(({ weight, ...way }) => ({ ...way, share: all > 0 ? weight / all : 1 / found.length }));
}

/** As pushed at that time; a try that was under way when its pod was removed is told by the endpoints before. */
function endpointsAt(cluster: ClusterData, at: number, server: number) {
  const known = cluster.versions.filter((version) => version.at <= at);
  for (const { endpoints } of known.length > 0 ? known.reverse() : cluster.versions.slice(0, 1)) {
    const found = endpoints.filter(([one]) => one === server);
    if (found.length > 0) return found;
  }
  return [];
}

export interface FlowNode {
  id: string;
  column: number;
  name: string;
}

export interface FlowLink {
  source: string;
  target: string;
  value: number;
  isFailed: boolean;
}

/** Nodes and links for a Sankey diagram; failed tries are links of their own. */
export function flowGraph(paths: readonly FlowPath[]): { nodes: FlowNode[]; links: FlowLink[] } {
  const nodes = new Map<string, FlowNode>();
  const links = new Map<string, FlowLink>();
  for (const { caller, cluster, priority, locality, end, tries, failed } of paths) {
    const isTried = cluster !== '';
    const steps: [column: number, name: string, id: string][] = [
      [0, caller, caller],
      ...(isTried
        ? ([
            [1, cluster, cluster],
            ...(priority ? [[2, priority, `${cluster} ${priority}`]] : []),
            [3, locality, locality],
          ] as [number, string, string][])
        : []),
      [4, end, end],
    ];
    const ids = steps.map(([column, name, id]) => {
      const key = `${column} ${id}`;
      nodes.set(key, { id: key, column, name });
      return key;
    });
    for (let i = 1; i < ids.length; i++)
      for (const [value, isFailed] of [
        [tries - failed, false],
        [failed, true],
      ] as const) {
        if (value <= 0) continue;
        const key = JSON.stringify([ids[i - 1], ids[i], isFailed]);
        const link = links.get(key) ?? { source: ids[i - 1]!, target: ids[i]!, value: 0, isFailed };
        link.value += value;
        links.set(key, link);
      }
  }
  return { nodes: [...nodes.values()], links: [...links.values()] };
}
