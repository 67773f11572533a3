// The result of a scenario as JSON: stable, additions only. Latencies and times are seconds.
import type { Severity } from './diagnostics.ts';
import type { Recording } from './record/recording.ts';

/** Over the runs; with one run `mean` is the count. */
export interface Count {
  mean: number;
  sd: number;
  p2_5: number;
  p97_5: number;
  min: number;
  max: number;
  /** Of the service's (load's) requests, 0..1. */
  share: number;
  /** Only with --per-run. */
  perRun?: number[];
}

export interface LoadReport {
  name: string;
  requests: number;
  ok: number;
  failed: number;
  errorRate: number;
  codes: Record<string, number>;
  flags: Record<string, number>;
  latency: { p50: number; p90: number; p95: number; p99: number; mean: number; max: number };
  attemptsPerRequest: number;
  /** With grep. */
  lines?: number;
  perRun?: { requests: number[]; ok: number[]; lines?: number[] };
}

export const BY_LABELS = ['workload', 'version', 'cluster', 'region', 'zone', 'pod'] as const;
export type ByLabel = (typeof BY_LABELS)[number];

export interface ServiceReport {
  /** "reviews.default" */
  service: string;
  load: string;
  requests: number;
  attempts: number;
  /** Answers by nobody are counted as "none". */
  by: Record<ByLabel, Record<string, Count>>;
  attemptsBy: Record<ByLabel, Record<string, number>>;
  /** Who called it, mean counts. */
  callers: Record<string, number>;
  errorRate: number;
  codes: Record<string, number>;
  flags: Record<string, number>;
  /** The closed-form share by workload, where one exists, and how it came about. */
  closedForm?: { by: Record<string, number>; basis: string };
  /** Sentences for people: why the requests went where they went, most important first. */
  reasons?: string[];
}

export interface EjectionReport {
  run: number;
  at: number;
  until: number | null;
  caller: string;
  cluster: string;
  endpoint: string;
  /** Pod name of the endpoint when known. */
  pod: string | null;
  reason: string;
  count: number;
}

export interface ExpectationReport {
  name: string;
  ok: boolean;
  expected: string;
  got: string;
  file: string;
  line: number;
}

export interface Finding {
  rule: string;
  severity: Severity | 'info';
  message: string;
  hint?: string;
  file: string;
  line: number;
  col: number;
}

export interface NotSimulated {
  what: string;
  why: string;
  file: string;
  line: number;
}

/** A file that was read; `lines` are those that findings and expectations point at, with their neighbours. */
export interface InputReport {
  file: string;
  bytes: number;
  sha256: string;
  lines: { line: number; text: string }[];
}

export interface ScenarioResult {
  foresail: string;
  ok: boolean;
  exitCode: number;
  scenario: {
    name: string;
    file: string;
    seed: string | number;
    runs: number;
    istioVersion: string;
    variant: string | null;
  };
  loads: LoadReport[];
  services: ServiceReport[];
  ejections: EjectionReport[];
  timeline: { at: number; kind: string; text: string }[];
  expectations: ExpectationReport[];
  findings: Finding[];
  notSimulated: NotSimulated[];
  /** What the files leave open and the run took for granted, in words. */
  assumptions?: string[];
  /** With what the files were refused, as the scenario expects: nothing ran. */
  refused?: { code: string; message: string; file: string; line: number }[];
  rerun: string;
  /** Simulated end [s], events, and which path the run took; of the first run. */
  run: { end: number; events: number; path: string; digest: string };
  variants: ScenarioResult[];
  /** What report, dash and explain replay; only in files written by --out. */
  record?: Recording;
  /** Only in files written by --out; variants share their base's. */
  inputs?: InputReport[];
}
