// What a report tells, as it is embedded in the page: the results, and their recordings reduced to what the charts draw.
// Names are texts in lists, never keys; series have one number per bin.

import type { Diagnostic } from '../../scenarios/diagnostics.ts';
import type { RecordedCaller } from '../../scenarios/record/recording.ts';
import type { InputReport, ScenarioResult } from '../../scenarios/result.ts';

export interface ReportData {
  foresail: string;
  runs: ReportRun[];
  inputs: InputReport[];
  /** Scenarios that cannot run, and why. */
  refused: RefusedData[];
  /** The results as --json prints them, variants in their base, for whoever copies them; null = too large for a page. */
  results: ScenarioResult[] | null;
}

export interface RefusedData {
  file: string;
  diagnostics: Diagnostic[];
  /** Lines that the diagnostics point at. */
  lines: { file: string; line: number; text: string }[];
}

export type ReportRun = Omit<ScenarioResult, 'record' | 'variants' | 'inputs' | 'ejections' | 'timeline'> & {
  title: string;
  time: TimeData;
  /** What was left out to keep the page small, in words. */
  cut: string[];
};

export interface PodData {
  name: string;
  workload: string;
  version: string;
  cluster: string;
  region: string;
  zone: string;
  /** More than one: pods with little traffic that are told together. */
  pods: number;
}

export interface SeriesData {
  requests: number[];
  failed: number[];
  flags: { flag: string; counts: number[] }[];
}

export interface TrafficData extends SeriesData {
  caller: number;
  service: number;
  answers: { server: number; counts: number[] }[];
  tries: { server: number; counts: number[]; failed: number[] }[];
}

export interface ClusterData {
  caller: number;
  service: number;
  name: string;
  versions: { at: number; endpoints: [server: number, priority: number, locality: number][] }[];
  /** Sampled tries by server: they tell clusters that share a server apart. */
  sampled: [server: number, tries: number][];
}

export interface TimeData {
  end: number;
  bins: number;
  binSeconds: number;
  servers: PodData[];
  callers: Omit<RecordedCaller, 'pods'>[];
  services: string[];
  localities: string[];
  loads: (SeriesData & {
    name: string;
    from: number;
    to: number | null;
    p50: number[];
    p95: number[];
    p99: number[];
  })[];
  traffic: TrafficData[];
  clusters: ClusterData[];
  ejections: {
    at: number;
    until: number | null;
    server: number;
    endpoint: string;
    by: string;
    reason: string;
  }[];
  activeEjections: number[];
  /** Faults and what istiod told the proxies. */
  marks: { at: number; until: number | null; kind: 'fault' | 'push'; text: string }[];
}
