// What the shell learns. Stable: scripts and CI depend on these numbers; docs and --help print this table.
export const EXIT = {
  ok: 0,
  cannotRun: 1,
  diffFound: 2,
  lintErrors: 3,
  bug: 70,
  falsified: 98,
  expectationFailed: 99,
  interrupted: 130,
} as const;

export const EXIT_CODE_TEXT: readonly [number, string][] = [
  [EXIT.ok, 'all expectations met'],
  [EXIT.cannotRun, 'cannot run: bad input or usage'],
  [EXIT.diffFound, 'diff --detailed-exitcode found changes'],
  [EXIT.lintErrors, 'lint errors (lint, or run --strict)'],
  [EXIT.bug, 'a bug in foresail'],
  [EXIT.falsified, 'a property is falsified'],
  [EXIT.expectationFailed, 'an expectation failed'],
  [EXIT.interrupted, 'interrupted'],
];
