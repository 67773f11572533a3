// The scenario file, version 1, as one zod schema. Loading parses it section by section (so that one mistake hides no other);
// `foresail schema` prints the whole.
import * as z from 'zod';
import { patchSchema } from './patch.ts';
import { propertySchema } from './property/schema.ts';
import { behaviorSchema } from './schema-behavior.ts';
import { envoySchema } from './schema-envoy.ts';
import { expectationSchema } from './schema-expect.ts';
import { faultSchema } from './schema-faults.ts';
import { loadSchema } from './schema-load.ts';
import { topologySchema } from './schema-topology.ts';
import { name, once, positive } from './schema-values.ts';

export const manifestSetSchema = z.strictObject({
  cluster: name.optional(),
  mesh: z.literal(true).optional(),
  paths: z.union([name.transform((path) => [path]), z.array(name).min(1)]),
});

const faults = once(() => z.array(faultSchema()).optional());
const properties = once(() => z.array(propertySchema()).optional());

/** What stands at the top of the file, without `variants` and `extends`. */
export const SECTIONS = {
  version: z.literal(1).describe('version of this file format'),
  name: name.optional(),
  description: z.string().optional(),
  istioVersion: z.string().optional().describe('e.g. "1.24"; picks the rule set'),
  seed: z.union([z.int().min(0), z.string().min(1).max(200)]).optional(),
  runs: positive.max(100_000).optional().describe('replications'),
  manifests: z.array(manifestSetSchema).optional(),
  envoy: envoySchema.optional(),
  patch: patchSchema.optional(),
  topology: topologySchema.optional(),
  behavior: z.union([z.literal('bookinfo').transform((preset) => ({ preset })), behaviorSchema]).optional(),
  load: z.array(loadSchema).optional(),
  get faults() {
    return faults();
  },
  expect: z.array(expectationSchema).optional(),
  get properties() {
    return properties();
  },
  lint: z
    .record(
      z.string().regex(/^[A-Z]{2,4}\d{2,3}$/, { error: 'the id of a rule is needed, e.g. OD001' }),
      z.enum(['error', 'warning', 'info', 'off']),
    )
    .optional()
    .describe('severities of lint rules, by id'),
};

export const variantSchema = z.strictObject({
  name,
  description: z.string().optional(),
  set: z.looseObject({}).optional().describe('what differs from the file; `key+:` appends to lists'),
  expect: z.array(expectationSchema).optional(),
});

/** The whole file. Keys that end in + append to the list of the file that is extended. */
export const fileSchema = () =>
  z.strictObject({
    ...SECTIONS,
    extends: name.optional(),
    variants: z.array(variantSchema).optional(),
    'manifests+': SECTIONS.manifests,
    'load+': SECTIONS.load,
    'faults+': SECTIONS.faults,
    'expect+': SECTIONS.expect,
    'properties+': SECTIONS.properties,
    'variants+': z.array(variantSchema).optional(),
  });

export const TOP_KEYS = [...Object.keys(SECTIONS), 'extends', 'variants'];
