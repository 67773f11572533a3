// The result's JSON Schema, from a zod description that TypeScript holds to the contract in scenarios/result.ts.
import * as z from 'zod';
import { recordingSchema } from '../../scenarios/record/recording.ts';
import type { ScenarioResult } from '../../scenarios/result.ts';

const numbers = z.record(z.string(), z.number());
const count = z.strictObject({
  mean: z.number(),
  sd: z.number(),
  p2_5: z.number(),
  p97_5: z.number(),
  min: z.number(),
  max: z.number(),
  share: z.number().describe("of the service's requests, 0..1"),
  perRun: z.array(z.number()).optional().describe('only with --per-run'),
});
const byLabel = <T extends z.ZodType>(value: T) =>
  z.strictObject({
    workload: z.record(z.string(), value),
    version: z.record(z.string(), value),
    cluster: z.record(z.string(), value),
    region: z.record(z.string(), value),
    zone: z.record(z.string(), value),
    pod: z.record(z.string(), value),
  });
const latency = z.strictObject({
  p50: z.number(),
  p90: z.number(),
  p95: z.number(),
  p99: z.number(),
  mean: z.number(),
  max: z.number(),
});
const load = z.strictObject({
  name: z.string(),
  requests: z.number(),
  ok: z.number(),
  failed: z.number(),
  errorRate: z.number(),
  codes: numbers,
  flags: numbers,
  latency: latency.describe('seconds'),
  attemptsPerRequest: z.number(),
  lines: z.number().optional().describe('with grep'),
  perRun: z
    .strictObject({
      requests: z.array(z.number()),
      ok: z.array(z.number()),
      lines: z.array(z.number()).optional(),
    })
    .optional(),
});
const service = z.strictObject({
  service: z.string(),
  load: z.string(),
  requests: z.number(),
  attempts: z.number(),
  by: byLabel(count),
  attemptsBy: byLabel(z.number()),
  callers: numbers,
  errorRate: z.number(),
  codes: numbers,
  flags: numbers,
  closedForm: z.strictObject({ by: numbers, basis: z.string() }).optional(),
  reasons: z.array(z.string()).optional(),
});
const place = { file: z.string(), line: z.number() };

export const scenarioResultSchema: z.ZodType<ScenarioResult> = z.object({
  foresail: z.string(),
  ok: z.boolean(),
  exitCode: z.number(),
  scenario: z.object({
    name: z.string(),
    file: z.string(),
    seed: z.union([z.string(), z.number()]),
    runs: z.number(),
    istioVersion: z.string(),
    variant: z.string().nullable(),
  }),
  loads: z.array(load),
  services: z.array(service),
  ejections: z.array(
    z.object({
      run: z.number(),
      at: z.number(),
      until: z.number().nullable(),
      caller: z.string(),
      cluster: z.string(),
      endpoint: z.string(),
      pod: z.string().nullable(),
      reason: z.string(),
      count: z.number(),
    }),
  ),
  timeline: z.array(z.object({ at: z.number(), kind: z.string(), text: z.string() })),
  expectations: z.array(
    z.object({ name: z.string(), ok: z.boolean(), expected: z.string(), got: z.string(), ...place }),
  ),
  findings: z.array(
    z.object({
      rule: z.string(),
      severity: z.enum(['error', 'warning', 'info']),
      message: z.string(),
      hint: z.string().optional(),
      ...place,
      col: z.number(),
    }),
  ),
  notSimulated: z.array(z.object({ what: z.string(), why: z.string(), ...place })),
  assumptions: z.array(z.string()).optional(),
  refused: z
    .array(z.object({ code: z.string(), message: z.string(), file: z.string(), line: z.number() }))
    .optional(),
  rerun: z.string(),
  run: z.object({ end: z.number(), events: z.number(), path: z.string(), digest: z.string() }),
  get variants() {
    return z.array(scenarioResultSchema);
  },
  record: recordingSchema.optional().describe('what report, dash and explain replay; in files of --out'),
  inputs: z
    .array(
      z.object({
        file: z.string(),
        bytes: z.number(),
        sha256: z.string(),
        lines: z.array(z.object({ line: z.number(), text: z.string() })),
      }),
    )
    .optional()
    .describe('the files that were read; in files of --out'),
});

export function resultJsonSchema(): unknown {
  return z.toJSONSchema(scenarioResultSchema);
}
