// When changes reach proxies, and what is sent: istiod waits for quiet, then pushes endpoints alone or the whole configuration.
// Source: istio/istio pilot/pkg/xds/discovery.go debounce, pilot/pkg/features/tuning.go (PILOT_DEBOUNCE_AFTER 100ms,
// PILOT_DEBOUNCE_MAX 10s) (1.31). Rules XP-1, XP-3.
import type { ClusterLoadAssignment, EnvoyConfig } from '../../models/envoy/config.ts';
import type { ActionSpec } from '../../models/world.ts';

export const DEBOUNCE_AFTER_NS = 100e6;
export const DEBOUNCE_MAX_NS = 10e9;
/** Generating, sending and applying a push [ns]: an assumption of foresail's; real ones take milliseconds to seconds (XP-2). */
export const PUSH_NS = 10e6;

/** Changes gathered into batches; a batch is pushed once nothing has come for a while, or it has waited too long. */
export class Debounce {
  #firstNs = -1;
  #lastNs = -1;

  /** When the waiting batch goes out; Infinity when none waits. */
  get dueNs(): number {
    return this.#firstNs < 0
      ? Number.POSITIVE_INFINITY
      : Math.min(this.#lastNs + DEBOUNCE_AFTER_NS, this.#firstNs + DEBOUNCE_MAX_NS);
  }

  add(atNs: number): void {
    if (this.#firstNs < 0) this.#firstNs = atNs;
    this.#lastNs = atNs;
  }

  clear(): void {
    this.#firstNs = -1;
  }
}

/** What of a configuration can change on its own, as texts that are compared. */
interface Parts {
  whole: string;
  assignments: Map<string, string>;
}

const PLACES = new Set(['origin', 'outlierOrigin', 'node']);
const withoutPlaces = (key: string, value: unknown) => (PLACES.has(key) ? undefined : value);

/** Remembers what each proxy holds and makes the actions that bring it up to date. */
export class Pushes {
  readonly #held: EnvoyConfig[] = [];
  readonly #parts = new WeakMap<object, Parts>();

  /** @param initial by proxy index */
  constructor(initial: readonly EnvoyConfig[]) {
    this.#held = [...initial];
  }

  /** A proxy that comes later; indexes go on. */
  enter(config: EnvoyConfig): void {
    this.#held.push(config);
  }

  /** Actions that take the proxies to their new configurations. @param wanted [proxy, configuration] */
  push(atNs: number, wanted: readonly (readonly [number, EnvoyConfig])[]): ActionSpec[] {
    const whole = new Map<EnvoyConfig, number[]>();
    const endpoints = new Map<string, { assignments: ClusterLoadAssignment[]; proxies: number[] }>();
    for (const [proxy, config] of wanted) {
      const before = this.#partsOf(this.#held[proxy]!);
      const now = this.#partsOf(config);
      if (before.whole !== now.whole) {
        const key = [...whole.keys()].find((known) => this.#partsOf(known) === now) ?? config;
        whole.set(key, [...(whole.get(key) ?? []), proxy]);
      } else {
        const changed = config.endpoints.filter(
          (entry) => before.assignments.get(entry.clusterName) !== now.assignments.get(entry.clusterName),
        );
        const key = changed.map((entry) => now.assignments.get(entry.clusterName)).join('\n');
        if (changed.length > 0) {
          const known = endpoints.get(key) ?? { assignments: changed, proxies: [] };
          known.proxies.push(proxy);
          endpoints.set(key, known);
        }
      }
      this.#held[proxy] = config;
    }
    const actions: ActionSpec[] = [];
    for (const [config, proxies] of whole) actions.push({ atNs, kind: 'config', proxies, config });
    for (const { assignments, proxies } of endpoints.values())
      actions.push({ atNs, kind: 'endpoints', proxies, assignments });
    return actions;
  }

  #partsOf(config: EnvoyConfig): Parts {
    // Proxies of one view share their lists; the lists are what is compared, once each.
    const key = config.clusters;
    const known = this.#parts.get(config.endpoints);
    if (known) return known;
    const parts: Parts = {
      whole: JSON.stringify([config.listeners, config.routeConfigurations, key], withoutPlaces),
      assignments: new Map(
        config.endpoints.map((entry) => [entry.clusterName, JSON.stringify(entry, withoutPlaces)]),
      ),
    };
    this.#parts.set(config.endpoints, parts);
    return parts;
  }
}
