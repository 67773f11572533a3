// Requests one by one with nothing but what decides where they go and how long they take: the draws of proxies, balancers, servers and
// links in the order of straight running. What only counts is added up afterwards, see add-up.ts. The clock moves, events do not.
import type { Counts } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';
import { small } from '../small.ts';
import type { CallGraph, RoutedServer, RoutedSite, RoutedTarget } from './call-graph.ts';
import { Detour } from './detour.ts';

export class Walk {
  readonly #clock: Float64Array;
  /** Servers one inside the other, at most. */
  #deepest = 0;

  constructor(
    readonly run: RunContext,
    readonly graph: CallGraph,
    /** Of the load's requests. */
    readonly row: Counts,
  ) {
    this.#clock = run.simulation.clock;
  }

  get deepest(): number {
    return this.#deepest;
  }

  /** A user's request; the clock stands at its answer afterwards. @throws Detour */
  request(sequence: number): void {
    const { entrances, entries } = this.graph;
    const i = entrances.length === 1 ? 0 : sequence % entrances.length;
    const { proxy, worker, server } = entrances[i]!;
    const startNs = this.#clock[0]!;
    let taken = worker;
    if (server !== null) taken = this.run.upstream.workerOf(server, proxy);
    else if (worker < 0) taken = proxy.newConnection();
    this.#call(entries[i]!, taken, 1);
    this.row.histogram.record(small(this.#clock[0]! - startNs));
  }

  /** What is put off until nobody walks any more. */
  finish(): void {
    for (const { balancer } of this.graph.choices) balancer.drawOwed();
  }

  #call(site: RoutedSite, worker: number, depth: number): void {
    const clock = this.#clock;
    const startNs = clock[0]!;
    const to = site.targets.length === 1 ? site.targets[0]! : this.#draw(site);
    const share = to.shares[worker]!;
    const { choice } = share;
    const host = choice.balancer.chooseTimelessly();
    const server = to.servers[host];
    if (server === undefined) throw new Detour('a host out of reach');
    const { usedNs } = choice;
    if (startNs - usedNs[host]! >= choice.idleNs) throw new Detour('a connection that has idled');
    share.walked[host]!++;
    if (depth > this.#deepest) this.#deepest = depth;
    if (to.leafNs[host]! >= 0) {
      clock[0] = startNs + to.leafNs[host]!;
      usedNs[host] = clock[0]!;
      return;
    }
    this.#serve(site, to, server, host, depth);
    const latencyNs = clock[0]! - startNs;
    if (latencyNs >= site.site.timeoutNs || latencyNs >= site.site.tryTimeoutNs)
      throw new Detour('a timeout');
    usedNs[host] = clock[0]!;
    to.row.histogram.record(small(latencyNs));
  }

  /** The way there, the server's work and the calls of its script, the way back. */
  #serve(site: RoutedSite, to: RoutedTarget, routed: RoutedServer, host: number, depth: number): void {
    const { network, upstream } = this.run;
    const clock = this.#clock;
    const { server, steps, responseBytes } = routed.plan;
    const { proxy, bytes } = site.site;
    const outNs = to.outNs[host]!;
    clock[0]! += outNs >= 0 ? outNs : network.delay(proxy.place, server.place, bytes);
    const { fixedNs } = routed.plan;
    clock[0]! += fixedNs >= 0 ? fixedNs : server.latency(server.draw);
    for (let i = 0; i < steps.length; i++) {
      const next = routed.sites[i]!;
      if (next === null) clock[0]! += steps[i]!.sleepNs;
      else this.#call(next, upstream.workerOf(server, next.site.proxy), depth + 1);
    }
    const backNs = to.backNs[host]!;
    clock[0]! += backNs >= 0 ? backNs : network.delay(server.place, proxy.place, responseBytes);
  }

  #draw({ site, targets }: RoutedSite): RoutedTarget {
    const { cumulativeWeights } = site.route;
    const last = cumulativeWeights.length - 1;
    const value = site.proxy.draw.uint32() % Math.max(1, cumulativeWeights[last]!);
    let choice = 0;
    while (choice < last && value >= cumulativeWeights[choice]!) choice++;
    return targets[choice]!;
  }
}
