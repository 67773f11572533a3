// What the reader has chosen, and who has to draw again when it changes.
import type { ReportData, ReportRun, TimeData } from '../data.ts';
import { type Label, sum, type Window } from '../views.ts';

export class State {
  run = 0;
  service = 0;
  load = 0;
  label: Label = 'workload';
  window: Window = { from: 0, to: 1 };
  readonly #listeners: ((what: 'all' | 'window') => void)[] = [];
  #isAsked = false;
  #what: 'all' | 'window' = 'window';

  constructor(readonly data: ReportData) {
    this.#reset();
  }

  get current(): ReportRun {
    return this.data.runs[this.run]!;
  }

  get time(): TimeData {
    return this.current.time;
  }

  chooseRun(run: number): void {
    const service = this.time.services[this.service];
    this.run = run;
    this.#reset();
    const same = this.time.services.indexOf(service ?? '');
    if (same >= 0) this.service = same;
    this.changed('all');
  }

  chooseWindow(from: number, to: number): void {
    const { end, binSeconds } = this.time;
    const least = Math.min(binSeconds, end);
    const start = Math.max(0, Math.min(from, end - least));
    this.window = { from: start, to: Math.min(end, Math.max(to, start + least)) };
    this.changed('window');
  }

  onChange(listener: (what: 'all' | 'window') => void): void {
    this.#listeners.push(listener);
  }

  changed(what: 'all' | 'window'): void {
    if (what === 'all') this.#what = 'all';
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => {
      const asked = this.#what;
      this.#isAsked = false;
      this.#what = 'window';
      for (const listener of this.#listeners) listener(asked);
    });
  }

  /** All of the time, and the service among whose pods the traffic is split most. */
  #reset(): void {
    this.window = { from: 0, to: this.time.end };
    this.load = 0;
    const interest = this.time.services.map((_, service) => {
      const entries = this.time.traffic.filter((entry) => entry.service === service);
      const pods = new Set(entries.flatMap(({ answers }) => answers.map(({ server }) => server)));
      const workloads = new Set([...pods].map((pod) => this.time.servers[pod]?.workload ?? ''));
      const requests = sum(entries.map((entry) => sum(entry.requests)));
      return requests === 0 ? -1 : workloads.size * 100 + Math.min(pods.size, 99);
    });
    this.service = Math.max(0, interest.indexOf(Math.max(...interest)));
  }
}
