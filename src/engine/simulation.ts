// The loop: take the earliest event, call its handler, repeat. Handlers are found by event kind; they schedule further events.
import { Digest } from './digest.ts';
import { EventQueue } from './event-queue.ts';
import { invariant } from './invariant.ts';

export type Handler = (arg: number) => void;
export type StopReason = 'empty' | 'time' | 'stopped';

/**
 * Kinds from this one on leave the digest to their handlers, who note() what happened: their arguments say where something is kept, and
 * that may differ between two ways to keep it.
 */
export const FIRST_UNNOTED_KIND = 32;

export class Simulation {
  readonly #queue = new EventQueue();
  readonly #handlers: Handler[] = [];
  readonly #digest: Digest | null;
  /** Now [ns] at 0, to be read only: cheaper than nowNs, whose number may have to be allocated. */
  readonly clock: Float64Array = this.#queue.clock;
  #isStopped = false;
  /** Events that went by without the queue. */
  #passed = 0;

  constructor(options: { digest?: boolean } = {}) {
    this.#digest = options.digest === false ? null : new Digest();
  }

  get nowNs(): number {
    return this.#queue.poppedTimeNs;
  }

  /** Moves the clock on by hand, past nothing that is due. Who wrote into `clock` comes back by this. */
  set nowNs(timeNs: number) {
    this.#queue.poppedTimeNs = timeNs;
  }

  /** When the earliest event is due [ns]; Infinity = there is none. */
  get nextNs(): number {
    return this.#queue.peekTimeNs();
  }

  /** Events handled so far. */
  get events(): number {
    return this.#queue.popped + this.#passed;
  }

  /** Names the handler of an event kind; once per kind. */
  on(kind: number, handler: Handler): void {
    invariant(this.#handlers[kind] === undefined, `event kind ${kind} has a handler already`);
    this.#handlers[kind] = handler;
  }

  schedule(delayNs: number, kind: number, arg: number): number {
    return this.#queue.scheduleIn(delayNs, kind, arg);
  }

  /** An event that nobody will cancel; cheaper than schedule(), whose handle may have to be allocated. */
  post(delayNs: number, kind: number, arg: number): void {
    this.#queue.postIn(delayNs, kind, arg);
  }

  /** @param timeNs absolute; not before now */
  scheduleAt(timeNs: number, kind: number, arg: number): number {
    if (timeNs < this.#queue.poppedTimeNs) invariant(false, `event kind ${kind} scheduled in the past`);
    return this.#queue.schedule(timeNs, kind, arg);
  }

  /** scheduleAt() for an event that nobody will cancel. */
  postAt(timeNs: number, kind: number, arg: number): void {
    if (timeNs < this.#queue.poppedTimeNs) invariant(false, `event kind ${kind} scheduled in the past`);
    this.#queue.post(timeNs, kind, arg);
  }

  /** A lane for timers of one delay and event kind, see arm(). The same one for the same two. */
  lane(delayNs: number, kind: number): number {
    return this.#queue.lane(delayNs, kind);
  }

  /**
   * An event that will nearly always be cancelled, after the delay of its lane: the same event at the same place in the order as by
   * schedule(), and much cheaper.
   * @returns a handle below 0, a small integer; void once the timer is up or disarmed, and not to be used any more then
   */
  arm(lane: number, arg: number): number {
    return this.#queue.arm(lane, arg);
  }

  /** arm() with two lanes at once, the first one first, cheaper. @returns the handle of the first; that of the other is second() of it */
  armTwo(first: number, second: number, arg: number): number {
    return this.#queue.armTwo(first, second, arg);
  }

  /** @returns the handle of the other one that armTwo() armed */
  second(handle: number): number {
    return this.#queue.second(handle);
  }

  /** disarm() of both that were armed at once, neither of them up or disarmed yet. */
  disarmTwo(handle: number): void {
    this.#queue.disarmTwo(handle);
  }

  /** @param handle of a timer that is neither up nor disarmed yet */
  disarm(handle: number): void {
    this.#queue.disarm(handle);
  }

  /** Gives a pending event or an armed timer another argument; its place in the order stays. */
  retarget(handle: number, arg: number): void {
    if (handle < 0) this.#queue.retargetTimer(handle, arg);
    else this.#queue.retarget(handle, arg);
  }

  /** @param handle of schedule(), or of a timer that is neither up nor disarmed yet */
  cancel(handle: number): boolean {
    if (handle >= 0) return this.#queue.cancel(handle);
    this.#queue.disarm(handle);
    return true;
  }

  /** Lets the handler that runs now be the last one. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Runs all events up to and including `untilNs`; the clock then stands at the last event, or at `untilNs`. */
  run(untilNs = Number.POSITIVE_INFINITY): StopReason {
    this.#isStopped = false;
    return untilNs === Number.POSITIVE_INFINITY ? this.#runAll() : this.#runUntil(untilNs);
  }

  #runUntil(untilNs: number): StopReason {
    const queue = this.#queue;
    while (queue.popUntil(untilNs)) {
      this.#handle(queue.poppedKind, queue.poppedArg);
      if (this.#isStopped) return 'stopped';
    }
    return 'time';
  }

  #runAll(): StopReason {
    const queue = this.#queue;
    const digest = this.#digest;
    const clock = this.clock;
    const handlers = this.#handlers;
    while (queue.pop()) {
      const kind = queue.poppedKind;
      const arg = queue.poppedArg;
      if (digest !== null && kind < FIRST_UNNOTED_KIND) digest.add(clock, kind, arg);
      handlers[kind]!(arg);
      if (this.#isStopped) return 'stopped';
    }
    return 'empty';
  }

  /** Handles the earliest event; false when there is none. For a handler that waits for what the event brings. */
  runOne(): boolean {
    const queue = this.#queue;
    if (!queue.pop()) return false;
    this.#handle(queue.poppedKind, queue.poppedArg);
    return true;
  }

  #handle(kind: number, arg: number): void {
    if (kind < FIRST_UNNOTED_KIND) this.note(kind, arg);
    this.#handlers[kind]!(arg);
  }

  /** Lets an event happen without the queue and its handler: its time is now, once all that is due before it has been handled. */
  pass(delayNs: number, kind: number, arg: number): void {
    const queue = this.#queue;
    const timeNs = queue.poppedTimeNs + delayNs;
    while (queue.peekTimeNs() <= timeNs) this.runOne();
    queue.poppedTimeNs = timeNs;
    this.#passed++;
    this.note(kind, arg);
  }

  /** The same, if nothing is due before it. @returns false when something is, and nothing has happened */
  passIfNext(delayNs: number, kind: number, arg: number): boolean {
    const queue = this.#queue;
    const timeNs = queue.poppedTimeNs + delayNs;
    if (this.#isStopped || queue.peekTimeNs() <= timeNs) return false;
    queue.poppedTimeNs = timeNs;
    this.#passed++;
    this.note(kind, arg);
    return true;
  }

  /** Puts what happens now into the digest. */
  note(kind: number, arg: number): void {
    if (this.#digest !== null) this.#digest.add(this.clock, kind, arg);
  }

  /** Hash of (time, kind, argument) of all that was noted, hex; empty when switched off. */
  digest(): string {
    return this.#digest?.toString() ?? '';
  }
}
