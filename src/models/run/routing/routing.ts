// Routing alone: in a straight run, requests that can only be answered are decided without events, connections, digest and most of the
// counting. Once everything that a load can reach is in use (call-graph.ts), a stretch of its requests up to the next event is counted at
// once where that is exact (count.ts), else walked one by one (walk.ts), and added up (add-up.ts). The same draws, picks and times: all
// of the result is the same but for `events` and `digest`, which stand for the stretches' counts. Whatever is not foreseen is a Detour:
// the run is begun anew without counting, then without routing.
import type { LoadState } from '../load-state.ts';
import type { Counts } from '../recorder.ts';
import type { RunContext } from '../run-context.ts';
import type { Straight } from '../straight/straight.ts';
import { addUp } from './add-up.ts';
import { CallGraph } from './call-graph.ts';
import { Count, type Spread } from './count.ts';
import { latenciesIfCountable } from './countable.ts';
import { Detour, NOT_ROUTED } from './detour.ts';
import { entrancesOf } from './entrances.ts';
import { IdleTimers } from './idle-timers.ts';
import { longestGap } from './longest-gap.ts';
import { type Pacing, pacingOf } from './pacing.ts';
import { Walk } from './walk.ts';

export interface RoutingOptions {
  /** Count where that is exact; else every request is walked. */
  counts: boolean;
  /** Shorter stretches are not worth it [requests]. */
  least: number;
}

/** First look at a load, and longest pause between looks [requests]. */
const FIRST_LOOK = 16;
const LONGEST_PAUSE = 4096;
/** Where latencies have no limit, a request is expected to take at most so many times the longest one so far. */
const CAUTION = 16;
/** So many times as often as on average must a host be chosen in the walk behind the counting, or its last use would not be known. */
const CERTAINTY = 40;

/** A load's requests up to a time. */
interface Stretch {
  index: number;
  load: LoadState;
  graph: CallGraph;
  row: Counts;
  pacing: Pacing;
  /** All must be answered before [ns]. */
  horizonNs: number;
  /** Longest time to a request's answer, as far as it can be foreseen [ns]. */
  longestNs: number;
}

export class Routing {
  /** Requests routed, and those of them that were counted at once. */
  requests = 0;
  counted = 0;
  /** By load: number of requests before the next look, and how long the pause was. */
  readonly #lookAt: number[] = [];
  readonly #pause: number[] = [];
  readonly #clock: Float64Array;

  constructor(
    readonly run: RunContext,
    readonly straight: Straight,
    readonly options: RoutingOptions,
  ) {
    this.#clock = run.simulation.clock;
  }

  /** For `path`. */
  get told(): string {
    return `routing only for ${this.requests} requests (${this.counted} counted at once)`;
  }

  /**
   * The load's request that starts now, and as many more as go well; the clock then stands at the last one's answer.
   * @returns when the next request starts [ns], -1 = there is none, NOT_ROUTED  @throws Detour
   */
  stretch(index: number): number {
    const { run, options } = this;
    const load = run.loads.all[index]!;
    if (load.sent < (this.#lookAt[index] ?? Math.min(FIRST_LOOK, options.least))) return NOT_ROUTED;
    const stretch = this.#look(index, load);
    if (stretch === null) return this.#lookLater(index);
    const { graph, row } = stretch;
    const timers = new IdleTimers(run, graph);
    const { nextNs } = run.simulation;
    if (nextNs < stretch.horizonNs) stretch.horizonNs = nextNs;
    if (this.#requestsBefore(stretch, stretch.horizonNs) < options.least) {
      timers.putBack();
      return this.#lookLater(index);
    }
    const { sent } = load;
    if (options.counts) this.#count(stretch);
    this.counted += load.sent - sent;
    const walk = new Walk(run, graph, row);
    const answer = this.#walk(stretch, walk);
    walk.finish();
    run.simulation.nowNs = this.#clock[0]!;
    addUp(run, graph, row, index, walk.deepest);
    timers.setAgain(this.#isLast(stretch));
    this.requests += load.sent - sent + 1;
    this.#lookAt[index] = load.sent + 2;
    this.#pause[index] = 0;
    return answer;
  }

  /** @returns null when it is not yet, or not at all, time for routing alone */
  #look(index: number, load: LoadState): Stretch | null {
    const { run } = this;
    const { loads, recorder, spec } = run;
    if (loads.left(index) + 1 < this.options.least) return null;
    const segment = run.segmentNow();
    const entrances = entrancesOf(run, load);
    const graph =
      entrances && CallGraph.of(run, this.straight, segment * spec.loads.length + index, entrances);
    if (graph === null) return null;
    const row = recorder.loadRow(index, segment);
    const isKnown = graph.longestNs !== Number.POSITIVE_INFINITY;
    return {
      index,
      load,
      graph,
      row,
      pacing: pacingOf(load),
      horizonNs: spec.breakpointsNs[segment] ?? Number.POSITIVE_INFINITY,
      longestNs: isKnown ? graph.longestNs : CAUTION * Math.max(1e6, row.histogram.max),
    };
  }

  #lookLater(index: number): number {
    const pause = Math.min(LONGEST_PAUSE, 2 * (this.#pause[index] ?? 0) + 1);
    this.#pause[index] = pause;
    this.#lookAt[index] = this.run.loads.all[index]!.sent + pause;
    return NOT_ROUTED;
  }

  /** At least so many requests, the present one first, have their answer and a next one that starts before that time, or are the last. */
  #requestsBefore({ index, load, pacing, longestNs }: Stretch, timeNs: number): number {
    const nowNs = this.#clock[0]!;
    if (nowNs + longestNs >= timeNs) return 0;
    const left = this.run.loads.left(index) + 1;
    if (pacing.kind !== 'rhythm') {
      const stepNs = pacing.kind === 'steps' ? pacing.stepNs(longestNs) : longestNs;
      return Math.min(left, Math.ceil((timeNs - nowNs) / Math.max(1, stepNs)) - 1);
    }
    let [fit, toMany] = [0, left + 1];
    while (toMany - fit > 1) {
      const middle = Math.floor((fit + toMany) / 2);
      if (pacing.startNs(load.sent - 1 + middle) < timeNs) fit = middle;
      else toMany = middle;
    }
    return fit;
  }

  // ---------------------------------------------------------------------------------------------------------------- one by one
  /** Requests until the next event comes near, or the last one. @returns as stretch() */
  #walk({ index, load, pacing, horizonNs, longestNs }: Stretch, walk: Walk): number {
    const { loads } = this.run;
    const clock = this.#clock;
    const isOpen = load.spec.arrivals.kind === 'open';
    const stepNs = pacing.kind === 'steps' ? pacing.stepNs : null;
    const lastStartNs = Math.min(horizonNs - longestNs, loads.endOf(index));
    for (let left = loads.left(index); ; left--) {
      const startNs = clock[0]!;
      walk.request(load.sent - 1);
      if (stepNs !== null && left > 0) {
        const nextNs = startNs + stepNs(clock[0]! - startNs);
        if (nextNs < lastStartNs) {
          load.sent++;
          clock[0] = nextNs;
          continue;
        }
        load.lastStartNs = startNs;
      }
      if (clock[0]! >= horizonNs) throw new Detour('a request that goes on beyond the next event');
      const nextNs = loads.nextStart(index, startNs);
      if (isOpen && nextNs >= 0 && nextNs <= clock[0]!) throw new Detour('requests that meet');
      if (nextNs < 0 || nextNs >= lastStartNs || loads.isOver(index, nextNs)) return nextNs;
      load.sent++;
      clock[0] = nextNs;
    }
  }

  // ------------------------------------------------------------------------------------------------------------------- at once
  /**
   * Counts what can be counted, chunk by chunk; the clock then stands at the start of the request that is walked first. No connection
   * idles out: either hosts are chosen so often by the order of turns, or a chunk takes less than half that time, and every host is
   * chosen in it. The walk behind it is long enough to tell when each connection was used last.
   */
  #count(stretch: Stretch): void {
    const { graph, pacing, row, load, index, longestNs } = stretch;
    const clock = this.#clock;
    if (pacing.kind === 'drawn' || (pacing.kind === 'rhythm' && pacing.leastGapNs <= longestNs)) return;
    const latencies = latenciesIfCountable(this.run, graph);
    if (latencies === null) return;
    const endNs = Math.min(stretch.horizonNs, this.run.loads.endOf(index));
    const idleNs = Math.min(...graph.choices.map((choice) => choice.idleNs));
    const gap = longestGap(graph);
    const gapNs = pacing.kind === 'steps' ? (gap + 1) * pacing.stepNs(longestNs) : Number.POSITIVE_INFINITY;
    const isSafe = gapNs < 0.5 * idleNs;
    const count = new Count(this.run, graph, latencies, isSafe);
    let most = isSafe ? Number.POSITIVE_INFINITY : this.#requestsBefore(stretch, clock[0]! + 0.4 * idleNs);
    let behind = 0;
    for (;;) {
      const startNs = clock[0]!;
      const left = this.#requestsBefore(stretch, endNs) - 1;
      const chunk = Math.min(most, behind === 0 ? Math.floor(left / 4) : left - behind);
      if (chunk < Math.max(this.options.least / 4, behind / 4)) break;
      const spread = count.requests(load.sent - 1, chunk);
      load.sent += chunk;
      this.#move(stretch, spread);
      const tookNs = clock[0]! - startNs;
      if (!isSafe) {
        if (tookNs >= 0.5 * idleNs) throw new Detour('a chunk that took too long');
        most = Math.floor((0.4 * idleNs * chunk) / tookNs);
      }
      noteUses(graph, isSafe ? clock[0]! - gapNs : startNs);
      if (this.#isLast(stretch)) behind = 1;
      else behind = Math.max(behind, Math.min(gap, this.#needed(graph, chunk)));
      if (behind > most) throw new Detour('a host that is rarely chosen');
    }
    count.finish(row);
  }

  /** To the start of the next request. */
  #move({ pacing, load }: Stretch, spread: Spread): void {
    const clock = this.#clock;
    if (pacing.kind === 'rhythm') clock[0] = pacing.startNs(load.sent - 1);
    else if (pacing.kind === 'steps')
      for (const [latencyNs, times] of spread) clock[0]! += times * pacing.stepNs(latencyNs);
    load.lastStartNs = clock[0]!;
  }

  /** Nothing comes after it: when connections were last used does not matter. */
  #isLast({ index, horizonNs }: Stretch): boolean {
    return horizonNs === Number.POSITIVE_INFINITY && this.run.loads.isLast(index);
  }

  /** Requests in which every host is all but sure to be chosen. */
  #needed(graph: CallGraph, chunk: number): number {
    let rarest = chunk;
    for (const { hosts, shares } of graph.choices)
      for (const host of hosts) rarest = Math.min(rarest, shares[0]!.now[host]!);
    return Math.ceil((CERTAINTY * chunk) / rarest);
  }
}

/** Connections that were counted on were last used at that time, or later. */
function noteUses(graph: CallGraph, timeNs: number): void {
  for (const { hosts, usedNs, shares } of graph.choices)
    for (const host of hosts)
      if (shares[0]!.counted[host]! > 0) usedNs[host] = Math.max(usedNs[host]!, timeNs);
}
