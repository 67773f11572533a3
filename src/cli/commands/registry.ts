// All commands. Adding one = one file and one line here; its module is loaded when the command is called.
import type { CommandEntry } from './command.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'run',
    arguments: '[files...]',
    summary: 'simulate and check expectations (default)',
    load: async () => (await import('./run.ts')).run,
  },
  {
    name: 'test',
    arguments: '[globs...]',
    summary: 'many scenarios, one line each, for CI',
    load: async () => (await import('./test.ts')).test,
  },
  {
    name: 'lint',
    arguments: '[paths...]',
    summary: 'static findings only, for scenarios and for folders of manifests',
    load: async () => (await import('./lint.ts')).lint,
  },
  {
    name: 'rules',
    arguments: '[id]',
    summary: 'list the lint rules, or explain one',
    load: async () => (await import('./rules.ts')).rules,
  },
  {
    name: 'examples',
    arguments: '[id]',
    summary: 'a library of surprises, each a scenario that runs',
    load: async () => (await import('./examples.ts')).examples,
  },
  {
    name: 'export',
    arguments: '<file>',
    summary: "any proxy's configuration, for a real Envoy",
    load: async () => (await import('./export.ts')).exportCommand,
  },
  {
    name: 'explain',
    arguments: '<file>',
    summary: 'why request N went where it went, or somebody got nothing',
    load: async () => (await import('./explain.ts')).explain,
  },
  {
    name: 'check',
    arguments: '[files...]',
    summary: 'search for a counterexample to what must always hold',
    load: async () => (await import('./check.ts')).check,
  },
  {
    name: 'sweep',
    arguments: '<file>',
    summary: 'one knob over values and seeds, or the value at which a promise breaks',
    load: async () => (await import('./sweep.ts')).sweep,
  },
  {
    name: 'verify',
    arguments: '<file>',
    summary: 'the same requests through real Envoys, side by side',
    load: async () => (await import('./verify.ts')).verify,
  },
  {
    name: 'dash',
    arguments: '<file>',
    summary: 'watch a run in simulated time, from a scenario or a saved run.json',
    load: async () => (await import('./dash.ts')).dash,
  },
  {
    name: 'report',
    arguments: '<run.json>',
    summary: 'a saved run as one HTML page, as Markdown or as CSV',
    load: async () => (await import('./report.ts')).report,
  },
  {
    name: 'diff',
    arguments: '[old] [new]',
    summary: 'what a change moves, in traffic terms',
    load: async () => (await import('./diff.ts')).diff,
  },
  {
    name: 'init',
    arguments: '[dir]',
    summary: 'write a first scenario for a folder of manifests',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'import',
    arguments: '[files...]',
    summary: 'files and a scenario from what kubectl or Envoys say',
    load: async () => (await import('./import.ts')).importCommand,
  },
  {
    name: 'watch',
    arguments: '<file>',
    summary: 'run again whenever a file of the scenario is saved',
    load: async () => (await import('./watch.ts')).watch,
  },
  {
    name: 'worker',
    arguments: '',
    summary: 'do the work of runs and searches elsewhere that say --queue',
    load: async () => (await import('./worker.ts')).worker,
  },
  {
    name: 'schema',
    arguments: '[name]',
    summary: 'JSON Schemas of the scenario file and of the result',
    load: async () => (await import('./schema.ts')).schema,
  },
  {
    name: 'completion',
    arguments: '<shell>',
    summary: 'completion script for bash, zsh or fish',
    load: async () => (await import('./completion.ts')).completion,
  },
];

export const DEFAULT_COMMAND = 'run';
