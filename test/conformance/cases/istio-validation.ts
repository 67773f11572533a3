// Validation cases (12): the verdict on one object.
import { validateIstioObject } from '../../../src/models/istio/validation/index.ts';
import type { Family } from './registry.ts';

export const istioValidation: Family = {
  'istio/validation'({ kind, object, expect }) {
    const verdicts = validateIstioObject(
      kind === 'MeshConfig' ? { kind, spec: object } : { ...object, kind: kind ?? object.kind },
    );
    const result = verdicts.some((verdict) => verdict.severity === 'error')
      ? 'error'
      : verdicts.length > 0
        ? 'warning'
        : 'valid';
    return result === expect.result ? null : { got: { result, verdicts }, expected: expect };
  },
};
