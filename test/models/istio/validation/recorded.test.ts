// Verdicts recorded from Istio's own validation (master of 2026-08): refused, taken with a warning, or valid.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validateIstioObject } from '../../../../src/models/istio/validation/index.ts';
import { istioValidation } from '../../../conformance/cases/istio-validation.ts';
import type { Json } from '../../../conformance/cases/registry.ts';

const cases: [string, Json][] = JSON.parse(
  readFileSync(new URL('../../../recordings/istio-cases/12-validation.json', import.meta.url), 'utf8'),
).cases.map((entry: Json) => [entry.id, entry]);

describe('the verdict on one object', () => {
  it.each(cases)('%s', (_, entry) => expect(istioValidation['istio/validation']!(entry)).toBeNull());

  it.each(cases)('%s: every verdict points into the object', (_, entry) => {
    const isMesh = entry.kind === 'MeshConfig';
    const object = isMesh ? { kind: 'MeshConfig', spec: entry.object } : entry.object;
    for (const { path, message } of validateIstioObject(object)) {
      let value: Json = object;
      // The last step may name a field that is missing.
      for (const step of path.slice(0, -1)) {
        expect(value, `${message} at ${path.join('.')}`).toHaveProperty([step]);
        value = value[step];
      }
    }
  });
});
