// `load:` of the scenario file: who asks for what, how often. Executors are k6's, with the keys that each needs and takes.
import * as z from 'zod';
import { latency } from './schema-behavior.ts';
import {
  duration,
  exactlyOne,
  headers,
  listed,
  name,
  port,
  positive,
  rate,
  refuse,
  size,
  writtenOf,
} from './schema-values.ts';

export const EXECUTORS = ['iterations', 'constant-rate', 'ramping-rate', 'poisson', 'closed-loop'] as const;
type Executor = (typeof EXECUTORS)[number];

/** Keys that steer an executor: first those it needs, then those it takes as well. */
const STEERING: Record<Executor, { needs: string[]; takes: string[] }> = {
  iterations: { needs: ['iterations'], takes: ['pace', 'duration'] },
  'constant-rate': { needs: ['rate', 'duration'], takes: [] },
  'ramping-rate': { needs: ['stages'], takes: ['rate'] },
  poisson: { needs: ['rate', 'duration'], takes: [] },
  'closed-loop': { needs: ['users'], takes: ['duration', 'iterations', 'thinkTime'] },
};
const STEERED = ['iterations', 'pace', 'duration', 'rate', 'stages', 'users', 'thinkTime'];

const requestText = z.string().transform((text, context) => {
  const match = /^(?:([A-Za-z]+)\s+)?(?:(https?):\/\/)?(\[[^\]]+\]|[^/:\s]+)(?::(\d+))?(\/\S*)?$/.exec(
    text.trim(),
  );
  const portNumber = match?.[4] ? Number(match[4]) : undefined;
  if (!match || (portNumber !== undefined && (portNumber < 1 || portNumber > 65535))) {
    refuse(
      context,
      'FS2003',
      `"${text}" is not a request`,
      'write e.g. GET http://bookinfo.local/productpage',
    );
    return z.NEVER;
  }
  return {
    method: (match[1] ?? 'GET').toUpperCase(),
    host: match[3]!,
    path: match[5] ?? '/',
    headers: {} as Record<string, string>,
    port: portNumber ?? (match[2] === 'https' ? 443 : undefined),
    body: undefined as number | undefined,
  };
});

const requestObject = z
  .strictObject({
    method: name.default('GET'),
    host: name,
    path: z.string().startsWith('/', { error: 'a path starts with /' }).default('/'),
    headers: headers.default({}),
    port: port.optional(),
    body: size.optional().describe('size of the body'),
  })
  .transform((request) => ({ ...request, port: request.port, body: request.body }));

const from = z
  .strictObject({
    gateway: name.optional(),
    proxy: name
      .optional()
      .describe('the proxy of a config dump (envoy, or run --envoy): its pod or workload'),
    port: port.optional().describe('of the listener of `proxy`, where it is not the port of the request'),
    pod: name.optional(),
    workload: name.optional(),
    cluster: name.optional(),
    namespace: name.optional(),
  })
  .superRefine((value, context) => {
    exactlyOne(value, ['gateway', 'proxy', 'pod', 'workload'], 'from', context);
  });

const stage = z.strictObject({ duration, target: rate.describe('the rate at its end') });

export const loadSchema = z
  .strictObject({
    name: name.optional(),
    from,
    request: z.union([requestText, requestObject]),
    executor: z.enum(EXECUTORS).optional(),
    iterations: z.int().min(1).max(100_000_000).optional(),
    pace: duration.optional().describe('from start to start'),
    start: duration.optional(),
    duration: duration.optional(),
    rate: rate.optional(),
    stages: z.array(stage).min(1).optional(),
    users: positive.optional(),
    thinkTime: latency.optional(),
    connections: z
      .union([positive, z.literal('new')], { error: '`new` or a number of kept connections is needed' })
      .optional()
      .describe('new per request, or a number of kept ones'),
    cookies: z.boolean().optional(),
    grep: z.string().max(200).optional().describe('regular expression: counts matching lines of answers'),
  })
  .superRefine((load, context) => {
    const executor =
      load.executor ?? (load.iterations !== undefined && load.users === undefined ? 'iterations' : undefined);
    if (executor === undefined)
      return refuse(context, 'FS2002', 'executor is missing', `write one of ${listed(EXECUTORS)}`);
    const { needs, takes } = STEERING[executor];
    for (const key of needs.filter((key) => writtenOf(load, [key]).length === 0))
      refuse(context, 'FS2002', `executor ${executor} needs ${key}`, `add ${key}: ${EXAMPLE[key]}`);
    for (const key of writtenOf(load, STEERED).filter((key) => ![...needs, ...takes].includes(key)))
      refuse(
        context,
        'FS2007',
        `executor ${executor} takes no ${key}`,
        `it takes ${listed([...needs, ...takes], 'and')}`,
        [key],
      );
    if (executor === 'closed-loop' && load.duration === undefined && load.iterations === undefined)
      refuse(context, 'FS2002', 'executor closed-loop needs duration or iterations', 'add duration: 1m');
    for (const key of ['duration', 'rate'] as const)
      if (load[key] === 0 && !(key === 'rate' && executor === 'ramping-rate'))
        refuse(context, 'FS2003', `${key} must be more than 0`, undefined, [key]);
    const late = lastStartOf(executor, load);
    if (late.ns > LATEST_START_NS)
      refuse(
        context,
        'FS2003',
        'the last request would start after more than 104 days',
        'longer runs are not simulated',
        [late.key],
      );
    if (load.grep !== undefined && !isRegExp(load.grep))
      refuse(context, 'FS2003', `"${load.grep}" is not a regular expression`, undefined, ['grep']);
  });

const EXAMPLE: Record<string, string> = {
  iterations: '100',
  rate: '100/s',
  duration: '1m',
  stages: '[{ duration: 30s, target: 100/s }]',
  users: '50',
};

/** 104 days: nanoseconds stay exact up to 2^53, six hours later, which leaves time for the answers. */
const LATEST_START_NS = 104 * 24 * 3600e9;

/** When the last request starts at the latest, and the key that says so; where answers decide, when the load starts. */
function lastStartOf(
  executor: Executor,
  load: {
    start?: number | undefined;
    iterations?: number | undefined;
    pace?: number | undefined;
    duration?: number | undefined;
    stages?: readonly { duration: number }[] | undefined;
  },
): { ns: number; key: 'start' | 'pace' | 'duration' | 'stages' } {
  const start = load.start ?? 0;
  const { pace = 0, iterations = 1, duration = Number.POSITIVE_INFINITY } = load;
  const paced = (iterations - 1) * pace;
  if (executor === 'iterations' && pace > 0 && paced <= duration) return { ns: start + paced, key: 'pace' };
  if (executor === 'ramping-rate' && load.stages)
    return { ns: load.stages.reduce((sum, stage) => sum + stage.duration, start), key: 'stages' };
  if (load.duration !== undefined && executor !== 'ramping-rate')
    return { ns: start + load.duration, key: 'duration' };
  return { ns: start, key: 'start' };
}

function isRegExp(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}

export type LoadFile = z.output<typeof loadSchema>;
