// What the single checks of references share: the scenario, its names, and ways to report.
import type { Origin } from '../models/envoy/config.ts';
import type { DiagnosticCode, Severity } from './diagnostics.ts';
import type { Names } from './references-names.ts';
import type { Scenario } from './scenario.ts';

type Steps = readonly (string | number)[];

export interface Check {
  scenario: Scenario;
  names: Names;
  originAt(path: Steps): Origin;
  keyOriginAt(path: Steps): Origin;
  isWritten(path: Steps): boolean;
  report(code: DiagnosticCode, origin: Origin, message: string, hint?: string, severity?: Severity): void;
  /** Reports at a path when a name is not among the known ones. */
  known(
    code: DiagnosticCode,
    what: string,
    name: string,
    known: Iterable<string>,
    path: Steps,
    isKey?: boolean,
  ): void;
  /** A cluster, region, zone, network or node. */
  place(name: string, path: Steps): void;
}
