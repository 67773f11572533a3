// The list of reporters. Adding one = one file and one line here. Loaded only when asked for.
import type { ReporterDefinition } from './reporter.ts';

export const REPORTERS: Record<string, () => Promise<ReporterDefinition>> = {
  pretty: async () => (await import('./pretty.ts')).pretty,
  lines: async () => (await import('./lines.ts')).lines,
  json: async () => (await import('./json.ts')).json,
  record: async () => (await import('./record.ts')).record,
  junit: async () => (await import('./junit.ts')).junit,
  tap: async () => (await import('./tap.ts')).tap,
  github: async () => (await import('./github.ts')).github,
  sarif: async () => (await import('./sarif.ts')).sarif,
  html: async () => await (await import('../report/reporters.ts')).html(),
  markdown: async () => (await import('../report/reporters.ts')).markdown,
  csv: async () => (await import('../report/reporters.ts')).csv,
};

/** Those that tell more than the result: the run has to be recorded. */
export const RECORDED: readonly string[] = ['record', 'html', 'csv', 'markdown'];

/** What `--out FILE` writes, by extension. */
export const OUT_FORMATS: Record<string, string> = {
  '.json': 'record',
  '.xml': 'junit',
  '.tap': 'tap',
  '.sarif': 'sarif',
  '.html': 'html',
  '.htm': 'html',
  '.md': 'markdown',
  '.csv': 'csv',
};
