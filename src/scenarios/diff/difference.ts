// What `foresail diff` finds between two sides: in traffic, in verdicts and in Envoy's configuration. Plain data; shares 0..1, times in seconds.
import type { Finding } from '../result.ts';

export interface Side {
  label: string;
  name: string;
  file: string;
  variant: string | null;
  istioVersion: string;
  seed: string | number;
  runs: number;
}

/** A count's mean as a share, and the band in which 95 % of the runs lie. */
export interface Band {
  share: number;
  low: number;
  high: number;
  mean: number;
}

export interface MovedShare {
  name: string;
  old: Band;
  new: Band;
  /** More than the runs differ among themselves; with one run: any difference. */
  isMoved: boolean;
}

export interface ServiceChange {
  service: string;
  load: string;
  /** The label whose shares moved: workload, version, cluster, region, zone or pod. */
  by: string;
  requests: { old: number; new: number };
  shares: MovedShare[];
}

export interface Figure {
  old: number;
  new: number;
}

export interface LoadChange {
  load: string;
  /** Only those that changed. */
  errorRate?: Figure;
  attemptsPerRequest?: Figure;
  /** Tries in the mesh that one user request can cause if all goes wrong, by retry policies and call scripts alone. */
  worstCaseAttempts?: Figure;
  p50?: Figure;
  p95?: Figure;
  p99?: Figure;
  requests?: Figure;
  lines?: Figure;
  flags: { flag: string; old: number; new: number }[];
}

export interface ExpectationChange {
  name: string;
  change: 'broken' | 'fixed' | 'added' | 'removed' | 'other';
  old: { ok: boolean; got: string } | null;
  new: { ok: boolean; got: string } | null;
  file: string;
  line: number;
}

export interface FindingChange {
  change: 'added' | 'removed';
  finding: Finding;
}

export interface ConfigChange {
  change: 'added' | 'removed' | 'changed';
  kind: 'listener' | 'route' | 'cluster' | 'endpoints' | 'proxy';
  /** Those that changed in the same way. */
  names: string[];
  /** Field by field, shortened. */
  details: string[];
  /** Workloads and gateways whose proxies see it, and how many proxies. */
  callers: string[];
  proxies: number;
}

export interface Difference {
  foresail: string;
  old: Side;
  new: Side;
  isChanged: boolean;
  services: ServiceChange[];
  loads: LoadChange[];
  /** Ejections per run. */
  ejections: Figure | null;
  expectations: ExpectationChange[];
  findings: FindingChange[];
  config: ConfigChange[];
  /** Variants that both sides have and in which something changed. */
  variants: Difference[];
  notes: string[];
}
