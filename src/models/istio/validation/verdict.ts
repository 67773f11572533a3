// What admission says about one object: Istio's webhook and the API server's schema, in our words.

/** `path` leads from the object to the offending field, e.g. ['spec', 'http', 0, 'route']. */
export interface Verdict {
  /** error = the API server refuses the object; warning = it is taken, and kubectl prints a line. */
  severity: 'error' | 'warning';
  message: string;
  path: (string | number)[];
  hint?: string;
}

/** The parts of an object that admission reads; every part may be of any kind. */
export interface AdmittedObject {
  kind: string;
  apiVersion?: string;
  metadata?: unknown;
  spec?: unknown;
}
