// What calls leave behind beside their latencies, for all of a stretch at once: tallies, Envoy's counters, connections, the outlier
// detector's counts of good answers.
import { RQ_COMPLETED } from '../cluster-stats.ts';
import { RQ_TOTAL } from '../connection-pool.ts';
import * as c from '../connection-row.ts';
import { ROUTED } from '../events.ts';
import type { Counts } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';
import type { CallGraph, RoutedTarget, Share } from './call-graph.ts';

/** @param row of the load's requests @param load its index; its latencies, and those of calls but for leafNs, are in their histograms already */
export function addUp(run: RunContext, graph: CallGraph, row: Counts, load: number, deepest: number): void {
  let calls = 0;
  let lines = 0;
  for (const site of graph.sites.values())
    for (const to of site.targets)
      for (const share of to?.shares ?? []) {
        if (share === undefined) continue;
        for (const host of share.choice.hosts) {
          const times = share.walked[host]! + share.counted[host]!;
          if (times === 0) continue;
          addUpHost(run, to!, share, host, times);
          const { plan } = to!.servers[host]!;
          calls += times;
          lines += times * plan.server.lines[load]!;
          if (graph.entrySites.has(site)) row.finishMany(plan.status, times);
        }
      }
  row.attempts += calls;
  row.lines += lines;
  run.upstream.maxActive = Math.max(run.upstream.maxActive, deepest);
}

function addUpHost(run: RunContext, to: RoutedTarget, share: Share, host: number, times: number): void {
  const { simulation, pools } = run;
  const { cluster, connections } = share.choice;
  const { plan } = to.servers[host]!;
  const { server } = plan;
  to.row.answeredMany(plan.index, plan.status, times);
  if (to.leafNs[host]! >= 0) to.row.histogram.recordMany(to.leafNs[host]!, share.walked[host]!);
  cluster.poolSettings.counters[RQ_TOTAL]! += times;
  cluster.poolSettings.counters[RQ_COMPLETED]! += times;
  cluster.detector?.onGoodCodes(host, times, simulation.nowNs);
  pools.core.connections.cells[connections[host]! * c.ROW + c.LEFT]! -= times;
  server.served += times;
  if (server.maxActive === 0) server.maxActive = 1;
  simulation.note(ROUTED, plan.index);
  simulation.note(ROUTED, times);
}
