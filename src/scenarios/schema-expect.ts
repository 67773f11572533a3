// `expect:` of the scenario file. Values are data, not expressions: 9 exact, 8..10, ..1% at most, 99%.. at least.
import * as z from 'zod';
import { DIAGNOSTIC_CODES, hintFor } from './diagnostics.ts';
import { isMistake, parseRange } from './durations.ts';
import type { Range } from './scenario.ts';
import { duration, name, range, refuse, runsBand, writtenOf } from './schema-values.ts';

const counts = z.record(name, range('count'));
const shares = z.record(name, range('share'));

/** Codes of mistakes, one or several. */
const codes = z.union([name.transform((one) => [one]), z.array(name).min(1)]).superRefine((list, context) => {
  for (const [i, one] of list.entries())
    if (!Object.hasOwn(DIAGNOSTIC_CODES, one))
      refuse(
        context,
        'FS2003',
        `"${one}" is no code`,
        hintFor(one, Object.keys(DIAGNOSTIC_CODES)),
        list.length > 1 ? [i] : [],
      );
});

/** A count, or a share when it ends in %. */
const flag = z.union([z.string(), z.number()]).transform((value, context): Range & { isShare: boolean } => {
  const isShare = String(value).includes('%');
  const parsed = parseRange(value, isShare ? 'share' : 'count');
  if (!isMistake(parsed)) return { ...parsed, isShare };
  refuse(context, 'FS5001', parsed.message, parsed.hint);
  return z.NEVER;
});

export const LATENCIES = ['p50', 'p90', 'p95', 'p99', 'mean', 'max'] as const;
const latencyShape = Object.fromEntries(LATENCIES.map((each) => [each, range('seconds').optional()]));
const dottedShape = Object.fromEntries(
  LATENCIES.map((each) => [`latency.${each}`, range('seconds').optional()]),
);
export const DOTTED = Object.keys(dottedShape);

/** What an expectation can check; the other keys say where, when and how often. */
export const CHECKS = [
  'requests',
  'attempts',
  'share',
  'maxShare',
  'codes',
  'flags',
  'errorRate',
  'attemptsPerRequest',
  'ejections',
  'activeEjections',
  'ejectionDurations',
  'pods',
  'connections',
  'findings',
  'refused',
  'lines',
  'stats',
  'latency',
  ...DOTTED,
];
const OF_A_SERVICE = ['requests', 'attempts', 'share', 'maxShare', 'pods'];

export const expectationSchema = z
  .strictObject({
    name: name.optional(),
    of: name.optional().describe('a service'),
    during: name.optional().describe('a load'),
    from: duration.optional(),
    to: duration.optional(),
    caller: name.optional(),
    requests: counts.optional(),
    attempts: counts.optional(),
    share: shares.optional(),
    maxShare: shares.optional(),
    codes: z
      .record(
        z.string().regex(/^[1-5]\d\d$/, { error: 'a status code is needed as key, e.g. 503' }),
        range('count'),
      )
      .optional(),
    flags: z.record(name, flag).optional(),
    errorRate: range('share').optional(),
    attemptsPerRequest: range('number').optional(),
    ejections: range('count').optional(),
    activeEjections: range('count').optional(),
    ejectionDurations: z.array(duration).optional(),
    pods: range('count').optional(),
    connections: range('count').optional(),
    findings: z.array(name).optional(),
    refused: codes
      .optional()
      .describe('errors with which these files must be refused, such as FS2020 (Istio refuses the object)'),
    lines: range('count').optional(),
    stats: counts
      .optional()
      .describe(
        'Envoy counters of the clusters of `of` (or of all), over the whole run: { lb_healthy_panic: 0 }',
      ),
    latency: z.strictObject(latencyShape).optional(),
    ...dottedShape,
    in: runsBand.optional(),
  })
  .superRefine((expectation, context) => {
    const written = writtenOf(expectation, CHECKS);
    if (written.length === 0)
      refuse(
        context,
        'FS5002',
        'this expectation checks nothing',
        'add e.g. errorRate: 0 or share: { version=v1: 90% }',
      );
    if (expectation.refused !== undefined)
      for (const key of written.filter((one) => one !== 'refused' && one !== 'findings'))
        refuse(context, 'FS2007', `what is refused does not run: ${key} does not go with it`, undefined, [
          key,
        ]);
    const lonely = written.find((key) => OF_A_SERVICE.includes(key));
    if (expectation.of === undefined && lonely !== undefined)
      refuse(context, 'FS2002', `${lonely} needs \`of\``, 'name the service: of: reviews', [lonely]);
    if (expectation.stats !== undefined)
      for (const key of ['from', 'to', 'during'] as const)
        if (expectation[key] !== undefined)
          refuse(context, 'FS2007', `stats count the whole run: ${key} does not go with them`, undefined, [
            key,
          ]);
    if (expectation.from !== undefined && expectation.to !== undefined && expectation.from >= expectation.to)
      refuse(context, 'FS2003', '`to` must be later than `from`', undefined, ['to']);
    tooMuch(expectation.share as Record<string, Range> | undefined, context);
  });

/** Shares of one label are parts of one whole. */
function tooMuch(share: Record<string, Range> | undefined, context: Parameters<typeof refuse>[0]): void {
  const sums = new Map<string, number>();
  for (const [key, { least }] of Object.entries(share ?? {})) {
    const label = key.includes('=') ? key.slice(0, key.indexOf('=')) : 'workload';
    const sum = (sums.get(label) ?? 0) + least;
    sums.set(label, sum);
    if (sum <= 1 + 1e-9) continue;
    refuse(context, 'FS5003', `the shares by ${label} are more than 100% together`, undefined, [
      'share',
      key,
    ]);
    return;
  }
}

export type ExpectationFile = z.output<typeof expectationSchema>;
