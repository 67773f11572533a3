// What a TypeScript file of properties imports: `import { property } from 'foresail'`. Plain data with at most one function: nothing here
// depends on which copy of foresail the file sees.
import type { EjectionReport, ExpectationReport, LoadReport, ServiceReport } from '../result.ts';

/** Values to vary, as the scenario file writes them: "1..3", "5s..30s", "50%..200%", one value, or a list. */
export type Values = string | number | readonly (string | number)[];
export type Targets = 'any' | string | readonly string[];

export interface Forall {
  at?: Values;
  for?: Values;
  faults?: Values;
  refuse?: Targets | { of?: Targets; percentage?: Values };
  crash?: Targets;
  reset?: Targets | { of?: Targets; percentage?: Values };
  hang?: Targets | { of?: Targets; percentage?: Values };
  blackhole?: Targets;
  respond?: Targets | { of?: Targets; status?: Values; percentage?: Values };
  slow?: Targets | { of?: Targets; by?: Values; percentage?: Values };
  restartProxy?: Targets;
  rollout?: Targets;
  scale?: Targets | { of?: Targets; replicas?: Values };
  istiodDown?: 'any' | true;
  partition?: 'any' | readonly [string, string][];
  zoneDown?: Targets;
  regionDown?: Targets;
  clusterDown?: Targets;
  apply?: string | readonly string[];
  replicas?: Record<string, Values>;
  weights?: Targets;
  distribute?: 'any';
  patch?: Record<string, Record<string, unknown>>;
  load?: Record<string, Values>;
  securityRule?: 'any';
  seed?: Values;
}

/** What a run of one candidate says; times and latencies in seconds. */
export interface Observed {
  loads: readonly LoadReport[];
  services: readonly ServiceReport[];
  expectations: readonly ExpectationReport[];
  /** How many. */
  ejections: number;
}
export type { EjectionReport, ExpectationReport, LoadReport, ServiceReport };

export interface PropertySpec {
  name: string;
  /** The scenario file, from where this file lies. */
  scenario: string;
  /** A policy of the library and its parameters, or `forall`. */
  use?: string;
  with?: Record<string, unknown>;
  forall?: Forall;
  /** Expectations as in the scenario file; times may be "at + 10s". */
  then?: object | readonly object[];
  /** In place of, or beside, `then`: true or nothing = it holds; false or a text = it does not; throwing means the same. */
  holds?: (observed: Observed) => boolean | string | undefined;
  runs?: number;
}

export interface DefinedProperty extends PropertySpec {
  kind: 'foresail/property';
}

export function property(spec: PropertySpec): DefinedProperty {
  return { ...spec, kind: 'foresail/property' };
}
