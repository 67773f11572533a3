// One piece of work that can be done anywhere: a scenario as texts, what is changed about it, and the numbers that come back. Plain data in
// both directions, so that this process, a thread or a queue between machines can carry it; the same unit gives the same bytes everywhere.
import type { Diagnostic } from '../diagnostics.ts';
import type { ScenarioResult } from '../result.ts';
import type { FileTexts } from './file-texts.ts';
import type { Overlay } from './overlay.ts';

export interface WorkUnit {
  files: FileTexts;
  /** The scenario file, one of `files`. */
  file: string;
  /** `path=value`, as --set. */
  set?: readonly string[];
  istioVersion?: string;
  /** A variant instead of the base. */
  variant?: string;
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
