// Balancers that choose from lists by turn, schedule or draw: a priority first, then panic, locality weights or zones decide the list,
// then the policy chooses. One draw decides the priority; what else is drawn is part of each step's behaviour.
// Source: Envoy load_balancer_impl.cc ZoneAwareLoadBalancerBase::hostSourceToUse, EdfLoadBalancerBase (1.40).
import type { IntegerStream } from '../../../engine/random.ts';
import type { Cluster } from '../config.ts';
import { skipDraws, withIntegers } from '../draw.ts';
import { NO_HOST, type PriorityMembers } from '../host-set.ts';
import { choosePriority, onlyChoice, type PriorityLoad } from '../priority-load.ts';
import { countDrawn } from './drawn-picks.ts';
import { LocalitySchedule } from './locality-schedule.ts';
import type { Picker, PickerParts } from './picker.ts';
import type {
  HostSource,
  LbStats,
  PickContext,
  Reselection,
  ScheduledPolicy,
  ScheduledPolicyDefinition,
} from './policy.ts';
import { PriorityState } from './priority-state.ts';
import { Schedule } from './schedule.ts';
import { SlowStart } from './slow-start.ts';
import { ALL_LOCALITIES, FAIL_PICK, ZoneRouting } from './zone-routing.ts';

/** Kinds of sources of one priority; locality i adds 2i. */
const ALL = 0;
const HEALTHY = 1;
const DEGRADED = 2;
const FIRST_LOCALITY = 3;

interface Level {
  /** By kind. */
  sources: HostSource[];
  healthyLocalities: LocalitySchedule | null;
  degradedLocalities: LocalitySchedule | null;
}

/** Where every pick goes: one priority, and one kind of its hosts. */
interface Plain {
  priority: number;
  /** 1 = degraded hosts. */
  offset: number;
  localities: LocalitySchedule | null;
  /** Without localities. */
  all: HostSource;
  sources: HostSource[];
}

export class ScheduledPicker implements Picker {
  lastPriority = 0;
  readonly #seed: number;
  readonly #policy: ScheduledPolicy;
  readonly #draw: IntegerStream;
  readonly #stats: LbStats;
  readonly #state: PriorityState;
  readonly #slowStart: SlowStart | null;
  readonly #zones: ZoneRouting | null;
  readonly #levels: Level[] = [];
  readonly #weightOf: (host: number) => number;
  readonly #isLocalityWeighted: boolean;
  readonly #failsOnPanic: boolean;
  /** Set when every priority draw chooses alike and neither panic nor zones have a say. */
  #plain: Plain | null = null;
  /** Do draws have no say in plain choices? null = nobody has looked since the last update. */
  #isInTurn: boolean | null = null;
  /** Draws that have no say and are not made yet. */
  #owedDraws = 0;
  /** Priority draws that were looked at ahead. */
  #aheadDraws: number[] = [];

  constructor(
    readonly definition: ScheduledPolicyDefinition,
    readonly parts: PickerParts,
  ) {
    const { cluster, hosts, lists, options, stats } = parts;
    const draw = withIntegers(parts.draw);
    this.#draw = draw;
    this.#stats = stats;
    const common = cluster.commonLbConfig;
    this.#isLocalityWeighted = common?.localityWeightedLbConfig !== undefined;
    this.#failsOnPanic = common?.zoneAwareLbConfig?.failTrafficOnPanic ?? false;
    this.#state = new PriorityState(cluster, hosts, lists);
    this.#zones =
      options.localHosts && !this.#isLocalityWeighted
        ? new ZoneRouting(cluster, hosts, lists, options.localHosts, draw, stats)
        : null;
    this.#seed = definition.usesWeights ? draw.uint32() : 0;
    this.#policy = definition.create(cluster, hosts, draw, options);
    const slowStart = slowStartOf(cluster);
    const started =
      definition.usesWeights && slowStart ? new SlowStart(slowStart, hosts, options.nowNs ?? 0) : null;
    this.#slowStart = started?.isEnabled ? started : null;
    const policy = this.#policy;
    const ramp = this.#slowStart;
    this.#weightOf = ramp
      ? (host) => policy.scheduledWeight(host) * ramp.factor(host)
      : (host) => policy.scheduledWeight(host);
    this.update(options.nowNs ?? 0);
  }

  get load(): PriorityLoad {
    return this.#state.load;
  }

  get hasSlowStart(): boolean {
    return this.#slowStart !== null;
  }

  update(nowNs: number, priority?: number): void {
    if (this.#slowStart) this.#slowStart.nowNs = nowNs;
    this.#aheadDraws = [];
    this.#state.update();
    this.#policy.refresh();
    if (this.#zones && (priority === undefined || priority === 0)) this.#zones.regenerate();
    const { priorities } = this.parts.lists;
    while (this.#levels.length < priorities.length)
      this.#levels.push({ sources: [], healthyLocalities: null, degradedLocalities: null });
    for (const [i, members] of priorities.entries()) {
      if (priority !== undefined && priority !== i) continue;
      this.#scheduleLocalities(this.#levels[i]!, members);
      this.#refreshLevel(this.#levels[i]!, members);
    }
    this.#plain = this.#plainChoice();
    this.#isInTurn = null;
  }

  #plainChoice(): Plain | null {
    const { load } = this.#state;
    const choice = onlyChoice(load);
    const priority = choice >> 1;
    const level = this.#levels[priority];
    if (choice < 0 || level === undefined || load.panic[priority]) return null;
    if (this.#zones && priority === 0) return null;
    const isDegraded = (choice & 1) === 1;
    return {
      priority,
      offset: isDegraded ? 1 : 0,
      localities: isDegraded ? level.degradedLocalities : level.healthyLocalities,
      all: level.sources[isDegraded ? DEGRADED : HEALTHY]!,
      sources: level.sources,
    };
  }

  localClusterChanged(_nowNs: number): void {
    this.#zones?.regenerate();
  }

  choose(reselection: Reselection | null, context: PickContext | null): number {
    if (this.#slowStart && context) this.#slowStart.nowNs = context.nowNs;
    let host = this.#chooseOnce(context);
    if (reselection === null) return host;
    for (
      let left = reselection.maxAttempts;
      left > 0 && host !== NO_HOST && reselection.isRejected(host);
      left--
    )
      host = this.#chooseOnce(context);
    return host;
  }

  #chooseOnce(context: PickContext | null): number {
    const ahead = this.#aheadDraws;
    const draw = ahead.length > 0 ? ahead.shift()! : this.#draw.int32();
    const plain = this.#plain;
    let source: HostSource | null;
    if (plain !== null && (context === null || !context.retryLoads)) {
      this.lastPriority = plain.priority;
      source =
        plain.localities === null
          ? plain.all
          : (plain.sources[FIRST_LOCALITY + 2 * plain.localities.pick() + plain.offset] ?? null);
    } else source = this.#sourceFor(draw, context);
    if (source === null) return NO_HOST;
    if (source.schedule) return source.schedule.pick(this.#weightOf);
    return source.hosts.length === 0 ? NO_HOST : this.#policy.pick(source, draw);
  }

  /** Hosts that may be chosen as long as nothing changes. */
  reach(): number[] {
    const plain = this.#plain;
    if (plain !== null) return [...new Set(this.#plainSources(plain).flatMap((source) => source.hosts))];
    const hosts = new Set<number>();
    const { healthyLoad, degradedLoad, panic } = this.#state.load;
    for (const [i, level] of this.#levels.entries()) {
      const reaches = (load: number | undefined, offset: number, localities: LocalitySchedule | null) => {
        if (!load) return;
        const schedule = panic[i] ? null : localities;
        for (const source of this.#sourcesOf(level, offset, schedule, panic[i] ? ALL : HEALTHY + offset))
          for (const host of source.hosts) hosts.add(host);
      };
      reaches(healthyLoad[i], 0, level.healthyLocalities);
      reaches(degradedLoad[i], 1, level.degradedLocalities);
    }
    return [...hosts];
  }

  /** Does the time of a pick not matter? */
  isTimeless(nowNs: number): boolean {
    if (this.#slowStart === null) return true;
    this.#slowStart.nowNs = nowNs;
    return !this.#slowStart.isActive;
  }

  /** Every host in reach is among so many picks in a row, whatever is drawn; Infinity = draws have a say. */
  longestGap(): number {
    const plain = this.#plain;
    if (plain === null || this.#aheadDraws.length > 0) return Number.POSITIVE_INFINITY;
    let longest = 0;
    for (const source of this.#plainSources(plain)) longest = Math.max(longest, this.#gapOf(source));
    return longest * (plain.localities === null ? 1 : plain.localities.longestGap);
  }

  #gapOf(source: HostSource): number {
    if (source.schedule !== null) return source.schedule.longestGap(this.#weightOf);
    const isBlind = source.hosts.length > 0 && this.#policy.blindDraws(source) >= 0;
    return isBlind ? source.hosts.length : Number.POSITIVE_INFINITY;
  }

  #arePlainInTurn(plain: Plain): boolean {
    return (
      this.#aheadDraws.length === 0 &&
      this.#plainSources(plain).every(
        (source) =>
          source.schedule !== null || (source.hosts.length > 0 && this.#policy.blindDraws(source) >= 0),
      )
    );
  }

  chooseTimelessly(): number {
    const plain = this.#plain;
    if (plain === null) return this.#chooseOnce(null);
    this.#isInTurn ??= this.#arePlainInTurn(plain);
    if (!this.#isInTurn) return this.#chooseOnce(null);
    this.lastPriority = plain.priority;
    const source =
      plain.localities === null
        ? plain.all
        : plain.sources[FIRST_LOCALITY + 2 * plain.localities.pick() + plain.offset]!;
    if (source.schedule !== null) {
      this.#owedDraws++;
      return source.schedule.pick(this.#weightOf);
    }
    this.#owedDraws += 1 + this.#policy.blindDraws(source);
    return source.hosts.length === 1 ? source.hosts[0]! : this.#policy.pick(source, 0);
  }

  /** So many picks at once. @param counts by host, added to: less than `picks` in all where nobody could be chosen */
  chooseMany(picks: number, counts: Float64Array): void {
    const plain = this.#plain;
    if (plain === null || this.#aheadDraws.length > 0) return this.#chooseOneByOne(picks, counts);
    if (!this.#arePlainInTurn(plain)) {
      const deciding = this.#decidingDraw(plain);
      if (deciding < 0) return this.#chooseOneByOne(picks, counts);
      const lists =
        plain.localities === null
          ? [plain.all]
          : Array.from(
              { length: 1 + Math.max(...plain.localities.chosen) },
              (_, i) => plain.sources[FIRST_LOCALITY + 2 * i + plain.offset],
            );
      const draws = { period: this.#policy.drawsOfPick, deciding };
      return countDrawn(this.#draw, picks, draws, lists, plain.localities, counts);
    }
    this.lastPriority = plain.priority;
    let draws = picks;
    const shares = this.#sharesOf(plain, picks);
    for (const [i, source] of this.#plainSources(plain).entries()) {
      const share = shares[i]!;
      if (source.schedule !== null) source.schedule.pickMany(share, counts, this.#weightOf);
      else {
        this.#policy.pickBlindly(source, share, counts);
        draws += share * this.#policy.blindDraws(source);
      }
    }
    this.#owedDraws += draws;
  }

  #chooseOneByOne(picks: number, counts: Float64Array): void {
    for (let i = 0; i < picks; i++) counts[this.#chooseOnce(null)]!++;
  }

  /** The draw that chooses the host in all lists; -1 = it is not as simple as that. */
  #decidingDraw(plain: Plain): number {
    let deciding = -1;
    for (const source of this.#plainSources(plain)) {
      if (source.schedule !== null || source.hosts.length === 0) return -1;
      deciding = this.#policy.decidingDraw(source);
      if (deciding < 0) return -1;
    }
    return deciding;
  }

  drawOwed(): void {
    skipDraws(this.#draw, this.#owedDraws);
    this.#owedDraws = 0;
  }

  /** Lists that a plain pick chooses from; where localities are weighed, in the order of the schedule's. */
  #plainSources(plain: Plain): HostSource[] {
    return this.#sourcesOf(
      this.#levels[plain.priority]!,
      plain.offset,
      plain.localities,
      HEALTHY + plain.offset,
    );
  }

  #sourcesOf(level: Level, offset: number, localities: LocalitySchedule | null, all: number): HostSource[] {
    if (localities === null) return [level.sources[all]!];
    return localities.chosen.map((i) => level.sources[FIRST_LOCALITY + 2 * i + offset]!);
  }

  /** How many of the picks each of these lists gets. */
  #sharesOf({ localities }: Plain, picks: number): number[] {
    if (localities === null) return [picks];
    const counts = new Float64Array(1 + Math.max(...localities.chosen));
    localities.pickMany(picks, counts);
    return localities.chosen.map((i) => counts[i]!);
  }

  /** Only schedules and RANDOM can be looked at ahead; LEAST_REQUEST with equal weights never, ROUND_ROBIN by its place. */
  peekAnother(context: PickContext | null): number {
    const healthy = this.parts.lists.priorities.reduce((sum, level) => sum + level.healthy.length, 0);
    if (this.#aheadDraws.length >= healthy) return NO_HOST;
    if (this.#slowStart && context) this.#slowStart.nowNs = context.nowNs;
    const draw = this.#draw.int32();
    this.#aheadDraws.push(draw);
    const source = this.#sourceFor(draw, context);
    if (source === null) return NO_HOST;
    if (source.schedule) return source.schedule.peekAgain(this.#weightOf);
    if (source.hosts.length === 0) return NO_HOST;
    return this.#policy.peek(source, draw, this.#aheadDraws.length - 1);
  }

  /** Which list this pick chooses from; null = nobody may be chosen. */
  #sourceFor(draw: number, context: PickContext | null): HostSource | null {
    const loads = context?.retryLoads ?? this.#state.load;
    const chosen = choosePriority(draw, loads.healthyLoad, loads.degradedLoad);
    const priority = chosen >> 1;
    const isDegraded = (chosen & 1) === 1;
    this.lastPriority = priority;
    const level = this.#levels[priority];
    if (level === undefined) return null;
    if (this.#state.load.panic[priority]) {
      this.#stats.lb_healthy_panic++;
      return this.#failsOnPanic ? null : level.sources[ALL]!;
    }
    const schedule = isDegraded ? level.degradedLocalities : level.healthyLocalities;
    let locality = ALL_LOCALITIES;
    if (schedule) locality = schedule.pick();
    else if (this.#zones && priority === 0) locality = this.#zones.choose();
    if (locality === FAIL_PICK) return null;
    if (locality === ALL_LOCALITIES) return level.sources[isDegraded ? DEGRADED : HEALTHY]!;
    return level.sources[FIRST_LOCALITY + 2 * locality + (isDegraded ? 1 : 0)] ?? null;
  }

  #scheduleLocalities(level: Level, members: PriorityMembers): void {
    level.healthyLocalities = null;
    level.degradedLocalities = null;
    if (!this.#isLocalityWeighted || members.localities.length === 0) return;
    const seed = this.#draw.uint32();
    const factor = this.parts.lists.overprovisioningFactor;
    const schedule = (isDegraded: boolean) =>
      LocalitySchedule.create(
        members.localities.map((locality) => ({
          weight: locality.weight,
          hosts: locality.hosts.length,
          eligible: (isDegraded ? locality.degraded : locality.healthy).length,
          excluded: locality.excluded,
        })),
        factor,
        seed,
      );
    level.healthyLocalities = schedule(false);
    level.degradedLocalities = schedule(true);
  }

  #refreshLevel(level: Level, members: PriorityMembers): void {
    this.#refreshSource(level, ALL, members.hosts);
    this.#refreshSource(level, HEALTHY, members.healthy);
    this.#refreshSource(level, DEGRADED, members.degraded);
    for (const [i, locality] of members.localities.entries()) {
      this.#refreshSource(level, FIRST_LOCALITY + 2 * i, locality.healthy);
      this.#refreshSource(level, FIRST_LOCALITY + 2 * i + 1, locality.degraded);
    }
  }

  /** The place in the turn survives; the schedule is made anew, at the same position for the same hosts. */
  #refreshSource(level: Level, kind: number, hosts: readonly number[]): void {
    let source = level.sources[kind];
    if (source === undefined) {
      source = { hosts, index: this.#seed, schedule: null };
      level.sources[kind] = source;
    }
    source.hosts = hosts;
    this.#slowStart?.note(hosts);
    source.schedule = this.#needsSchedule(hosts)
      ? Schedule.createWithPicks(hosts, this.#weightOf, this.#seed)
      : null;
  }

  #needsSchedule(hosts: readonly number[]): boolean {
    if (!this.definition.usesWeights || hosts.length < 2) return false;
    if (this.#slowStart?.isActive || this.#policy.forcesSchedule()) return true;
    const { weight } = this.parts.hosts;
    const first = weight[hosts[0]!];
    for (const host of hosts) if (weight[host] !== first) return true;
    return false;
  }
}

function slowStartOf(cluster: Cluster) {
  return cluster.lbPolicy === 'LEAST_REQUEST'
    ? cluster.leastRequestLbConfig?.slowStartConfig
    : cluster.roundRobinLbConfig?.slowStartConfig;
}
