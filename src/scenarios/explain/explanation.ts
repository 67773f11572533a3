// What `foresail explain` answers, as plain data: stable, additions only. Times are seconds of the simulation.

export interface Place {
  /** What stands there: "DestinationRule default/reviews". */
  what: string;
  file: string;
  line: number;
}

/** The rule that was followed: foresail's id for Istio's rules, the part of Envoy else; and the source file that it was read from. */
export interface Rule {
  id: string;
  source: string;
}

export const STEPS = [
  'caller',
  'listener',
  'virtual host',
  'route',
  'cluster',
  'endpoints',
  'priorities',
  'health',
  'pick',
  'attempts',
  'response',
] as const;
export type StepName = (typeof STEPS)[number];

export interface Step {
  step: StepName;
  /** One line. */
  says: string;
  /** Further lines. */
  details: string[];
  places: Place[];
  rules: Rule[];
}

export interface HopSummary {
  depth: number;
  caller: string;
  /** "reviews.default", or the host that was asked for. */
  to: string;
  path: string;
  status: number | null;
  flags: string[];
  /** Pods that were tried, in order. */
  tried: string[];
  at: number;
  end: number | null;
}

export interface HopExplanation extends HopSummary {
  steps: Step[];
}

/** Why one pod got nothing, or what it got. */
export interface PodVerdict {
  pod: string;
  cluster: string;
  caller: string;
  /** Short and stable: notSelected, notReady, blocked, noPort, noService, notVisible, otherSubset, weight0, filtered, behindGateway, lowerPriority, ejected,
   * unhealthy, notPushed, otherRoute, noRoute, notCalled, noPods, chance, served. */
  reason: string;
  says: string;
  places: Place[];
  rules: Rule[];
}

export interface WhyNot {
  target: string;
  /** Logical calls that it answered in the whole run, and tries that reached it. */
  requests: number;
  attempts: number;
  verdicts: PodVerdict[];
}

export interface Explanation {
  foresail: string;
  scenario: {
    name: string;
    file: string;
    seed: string | number;
    istioVersion: string;
    variant: string | null;
  };
  question: string;
  request: {
    load: string;
    /** From 1. */
    number: number;
    at: number;
    end: number;
    status: number;
    flags: string[];
  } | null;
  /** All hops of the request, callers before those they called. */
  hops: HopSummary[];
  explained: HopExplanation[];
  whyNot: WhyNot | null;
  notes: string[];
}
