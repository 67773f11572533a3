// `behavior:` of the scenario file: what the applications do.
import * as z from 'zod';
import type { LatencySpec } from '../models/world.ts';
import {
  duration,
  exactlyOne,
  headers,
  name,
  positive,
  refuse,
  share,
  size,
  status,
  writtenOf,
} from './schema-values.ts';

type Distribution = LatencySpec['dist'];
const DISTRIBUTIONS: Record<Distribution, string[]> = {
  fixed: ['value'],
  exponential: ['mean'],
  normal: ['mean', 'sd'],
  uniform: ['min', 'max'],
  lognormal: ['p50', 'p99'],
};

const latencyObject = z
  .strictObject({
    dist: z.enum(['fixed', 'exponential', 'normal', 'uniform', 'lognormal']).optional(),
    value: duration.optional(),
    mean: duration.optional(),
    sd: duration.optional(),
    min: duration.optional(),
    max: duration.optional(),
    p50: duration.optional(),
    p99: duration.optional(),
  })
  .transform((form, context): LatencySpec => {
    const written = writtenOf(form, ['value', 'mean', 'sd', 'min', 'max', 'p50', 'p99']);
    const dist =
      form.dist ??
      (Object.keys(DISTRIBUTIONS) as Distribution[]).find((each) => same(DISTRIBUTIONS[each], written));
    const needed = dist && DISTRIBUTIONS[dist];
    if (dist === undefined || !needed || !same(needed, written)) {
      const forms = Object.entries(DISTRIBUTIONS).map(([each, keys]) => `{ ${keys.join(', ')} } (${each})`);
      refuse(
        context,
        'FS2007',
        dist === undefined ? 'these keys name no distribution' : `${dist} takes ${needed!.join(' and ')}`,
        `write a duration, or one of ${forms.join(', ')}`,
      );
      return z.NEVER;
    }
    const { value = 0, mean = 0, sd = 0, min = 0, max = 0, p50 = 0, p99 = 0 } = form;
    if (dist === 'uniform' && min > max) refuse(context, 'FS2003', 'min is more than max', 'swap them');
    if (dist === 'lognormal' && (p50 <= 0 || p50 > p99))
      refuse(context, 'FS2003', 'p50 must be more than 0 and at most p99', 'swap them');
    if (dist === 'fixed') return { dist, ns: value };
    if (dist === 'exponential') return { dist, meanNs: mean };
    if (dist === 'normal') return { dist, meanNs: mean, sdNs: sd };
    if (dist === 'uniform') return { dist, minNs: min, maxNs: max };
    return { dist, p50Ns: p50, p99Ns: p99 };
  });

const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((each) => b.includes(each));

export const latency = z
  .union([duration.transform((ns): LatencySpec => ({ dist: 'fixed', ns })), latencyObject])
  .describe('5ms, { p50: 4ms, p99: 40ms }, { mean: 5ms }, { min: 1ms, max: 3ms }, { mean, sd }');

const callText = name.transform((text, context) => {
  const match = /^(?:([A-Z]+)\s+)?(?:http:\/\/)?([^/\s]+)(\/\S*)?$/.exec(text.trim());
  if (match) return { call: match[2]!, method: match[1] ?? 'GET', path: match[3] ?? '/', headers: {} };
  refuse(
    context,
    'FS2003',
    `"${text}" is not a call`,
    'write a service, e.g. reviews or reviews:9080, or { call: reviews, path: /x }',
  );
  return z.NEVER;
});

const callObject = z.strictObject({
  call: name.describe('the service as the application writes it: reviews, reviews:9080, reviews.default'),
  method: name.optional(),
  path: z.string().startsWith('/', { error: 'a path starts with /' }).optional(),
  headers: headers.optional(),
  onCallFailure: z.enum(['fail', 'ignore']).optional(),
});

export interface CallForm {
  call: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  onFailure?: 'fail' | 'ignore';
}
export type StepForm = { sleepNs: number } | CallForm | { parallel: CallForm[] };

const stepObject = z
  .strictObject({
    sleep: duration.optional(),
    parallel: z.array(z.union([callText, callObject])).optional(),
    ...callObject.shape,
    call: callObject.shape.call.optional(),
  })
  .transform((step, context): StepForm => {
    const kind = exactlyOne(step, ['call', 'sleep', 'parallel'], 'a step', context);
    if (kind === undefined) return z.NEVER;
    const further = writtenOf(step, ['method', 'path', 'headers', 'onCallFailure']);
    if (kind !== 'call' && further.length > 0)
      refuse(context, 'FS2007', `${kind} takes no ${further[0]}`, undefined, [further[0]!]);
    if (kind === 'sleep') return { sleepNs: step.sleep! };
    if (kind === 'parallel') return { parallel: step.parallel!.map(callForm) };
    return callForm({ ...step, call: step.call! });
  });

function callForm(call: {
  call: string;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  onCallFailure?: 'fail' | 'ignore';
}): CallForm {
  const text = /^([^/\s]+)(\/\S*)?$/.exec(call.call);
  return {
    call: text?.[1] ?? call.call,
    method: call.method ?? 'GET',
    path: call.path ?? text?.[2] ?? '/',
    headers: call.headers ?? {},
    ...(call.onCallFailure && { onFailure: call.onCallFailure }),
  };
}

const step = z.union([
  callText.transform((call): StepForm => call),
  stepObject,
  z
    .array(z.union([callText, callObject]))
    .transform((calls): StepForm => ({ parallel: calls.map(callForm) })),
]);

export const workloadSchema = z.strictObject({
  latency: latency.optional(),
  concurrency: positive.optional().describe('requests served at once; default: unlimited'),
  errorRate: share.optional(),
  errorStatus: status.optional(),
  status: status.optional(),
  script: z.array(step).max(1000).optional().describe('calls in sequence; a list inside is done in parallel'),
  failStatus: status.optional(),
  onCallFailure: z.enum(['fail', 'ignore', 'propagate']).optional(),
  prints: z.array(z.string().max(10_000)).optional().describe('lines of its page'),
  responseHeaders: headers.optional(),
  responseSize: size
    .optional()
    .describe('of an answer on the wire; counts where bandwidth is limited; default 2KiB'),
  startup: duration.optional(),
  connections: z
    .union([positive, z.literal('new')], { error: '`new` or a number of kept connections is needed' })
    .optional()
    .describe('to its own sidecar; default 1'),
  http2: z.boolean().optional(),
});
export type WorkloadFile = z.output<typeof workloadSchema>;

/** The file's shape, for the JSON Schema: load-behavior.ts reads it workload by workload. */
export const behaviorSchema = z.object({ preset: z.enum(['bookinfo']).optional() }).catchall(workloadSchema);
export const presetSchema = behaviorSchema.shape.preset;
