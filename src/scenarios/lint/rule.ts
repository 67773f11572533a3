// The contract of a lint rule: one file with its words and its check, and one line in registry.ts. docs/rules/ID.md is made from the words.
import type { Origin } from '../../models/envoy/config.ts';
import type { Finding } from '../result.ts';
import type { LintSubject } from './subject.ts';

export interface LintRule {
  /** Never reused. */
  id: string;
  title: string;
  severity: Finding['severity'];
  /** istioctl's (IST…) and Kiali's (KIA…) codes for the same. */
  sameAs?: readonly string[];
  /** What people see. */
  symptom: string;
  cause: string;
  fix: string;
  /** Folder of examples/library where it can be watched. */
  example?: string;
  /** Everything it finds, in any order; lint.ts sorts and drops repetitions. Shapes of strangers' objects are never trusted. */
  check(subject: LintSubject): Iterable<Hit>;
}

export interface Hit {
  /** Absent = the scenario file as a whole. */
  at?: Origin | undefined;
  message: string;
  /** What it is about: of several hits with one key the worst is told. Absent = the message. */
  key?: string;
  hint?: string;
  /** Where this case is milder or worse than the rule. */
  severity?: Finding['severity'];
  /** What `lint --fix` writes: a value at a path of the object at `at`. */
  fix?: Fix;
}

export interface Fix {
  /** The object, e.g. "DestinationRule default/reviews". */
  object: string;
  file: string;
  path: (string | number)[];
  value: unknown;
}

export const defineRule = (rule: LintRule): LintRule => rule;
