// `envoy:` of the scenario file: what running Envoys say of themselves, in place of manifests.
import * as z from 'zod';
import { name } from './schema-values.ts';

export const envoyDumpSchema = z.strictObject({
  configDump: name.describe('JSON of /config_dump?include_eds, or of istioctl proxy-config all POD -o json'),
  clusters: name
    .nullish()
    .describe('JSON of /clusters?format=json: the health and weights that its hosts have'),
});

export const envoySchema = z
  .union([envoyDumpSchema.transform((dump) => [dump]), z.array(envoyDumpSchema).min(1)])
  .describe('config dumps in place of manifests; loads are from: { proxy: NAME }');
