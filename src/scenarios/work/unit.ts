// One piece of work that can be done anywhere: a scenario as texts, what is changed about it, and the numbers that come back. Plain data in
// both directions, so that this process, a thread or a queue between machines can carry it; the same unit gives the same bytes everywhere.
import type { Diagnostic } from '../diagnostics.ts';
import type { Recording } from '../record/recording.ts';
import type { ScenarioResult } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import type { Amount } from './amount.ts';
import type { FileTexts } from './file-texts.ts';
import type { Overlay } from './overlay.ts';

/** Where a scenario comes from, as data. */
export interface ScenarioSource {
  files: FileTexts;
  /** The scenario file, one of `files`. */
  file: string;
  /** `path=value`, as --set. */
  set?: readonly string[];
  istioVersion?: string;
  /** A variant instead of the base. */
  variant?: string;
}

export interface WorkUnit extends ScenarioSource {
  overlay?: Overlay;
  seed?: string | number;
  runs?: number;
}

export interface WorkSummary {
  /** null = it cannot run; the diagnostics say why. */
  result: ResultSummary | null;
  diagnostics: Diagnostic[];
}

/** The result without what tells single moments. */
export type ResultSummary = Pick<
  ScenarioResult,
  'ok' | 'scenario' | 'loads' | 'services' | 'expectations' | 'rerun' | 'run'
> & { ejections: number };

/** Does units, in any order and anywhere; results come back to their callers. */
export interface WorkRunner {
  run(unit: WorkUnit): Promise<WorkSummary>;
  /** How many units are worth having under way. */
  jobs: number;
  end(): Promise<void>;
}

/** Some replications of one scenario. */
export interface ReplicationUnit extends ScenarioSource {
  /** The scenario's place among base and variants. */
  index: number;
  seed: string | number;
  from: number;
  /** The first one that is not asked for. */
  to: number;
  /** Record the first one; at most so many bytes of JSON, true = the usual limit. */
  record?: boolean | number;
}

export interface Replications {
  /** As replication.ts packs them; fewer than asked for when the run was stopped. */
  runs: string;
  record?: Recording;
}

/** Does replications, in any order and anywhere. */
export interface ReplicationRunner {
  /** @param scenario what the unit's source gives, for those who have it at hand */
  replicate(
    unit: ReplicationUnit,
    scenario: Scenario,
    options?: { evenIfStopped?: boolean },
  ): Promise<Replications>;
  /** How many replications the next unit should have. */
  sizeOf(amount: Amount, left: number): number;
  /** How many units are worth having under way. */
  jobs: number;
}
