// Admission of Istio's traffic objects: what the API server and istiod's webhook would say before anything is stored.
// Source: istio/istio pkg/config/validation/validation.go and virtualservice.go, the CRD schemas of istio/api (1.31).
import { blockOf, isRecord, type Spec, textOf } from './common.ts';
import { checkDestinationRule } from './destination-rule.ts';
import { withCanonicalNames } from './field-names.ts';
import { checkGateway } from './gateway.ts';
import { checkMeshConfig } from './mesh-config.ts';
import { Report } from './report.ts';
import { checkServiceEntry } from './service-entry.ts';
import { checkShape, type Shape } from './shape.ts';
import { SHAPES } from './shapes.ts';
import { checkSidecar } from './sidecar.ts';
import { meshConfigShape } from './traffic-policy-shape.ts';
import type { AdmittedObject, Verdict } from './verdict.ts';
import { checkVirtualService } from './virtual-service.ts';
import { checkWorkloadEntry, checkWorkloadGroup } from './workload.ts';

export type { AdmittedObject, Verdict } from './verdict.ts';

/** Kinds that are checked; objects of other kinds get no verdicts. For MeshConfig, `spec` is the whole of it. */
export const VALIDATED_KINDS: readonly string[] = [...Object.keys(SHAPES), 'MeshConfig'];

/** All mistakes at once; an object with an error is one that Istio would not have. */
export function validateIstioObject(object: AdmittedObject): Verdict[] {
  const report = new Report();
  if (object.kind === 'MeshConfig') {
    checkKnownFields(object.spec, report);
    checkMeshConfig(isRecord(object.spec) ? object.spec : {}, report);
    return report.verdicts;
  }
  const shape = Object.hasOwn(SHAPES, object.kind) ? SHAPES[object.kind] : undefined;
  if (!shape || isOtherApi(object)) return [];
  checkShape(object.spec, shape, ['spec'], report);
  const spec = canonicalSpec(object.spec, shape);
  if (spec) checkSpec(object, spec, report);
  return report.verdicts;
}

/** The spec with every field under the camelCase name that this product reads: proto JSON takes snake_case too. */
export function normaliseSpec(kind: string, spec: unknown): unknown {
  const shape = Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined;
  return shape ? withCanonicalNames(spec, shape) : spec;
}

/** An absent spec is an empty one; one that is no map was reported already. */
function canonicalSpec(spec: unknown, shape: Shape): Spec | undefined {
  if (spec === undefined || spec === null) return {};
  const canonical = withCanonicalNames(spec, shape);
  return isRecord(canonical) ? canonical : undefined;
}

function checkSpec(object: AdmittedObject, spec: Spec, report: Report): void {
  const namespace = textOf(object.metadata, 'namespace') || 'default';
  switch (object.kind) {
    case 'DestinationRule':
      return checkDestinationRule(spec, namespace, report);
    case 'VirtualService':
      return checkVirtualService(spec, namespace, report);
    case 'Gateway':
      return checkGateway(spec, textOf(object.metadata, 'name') || undefined, report);
    case 'ServiceEntry':
      return checkServiceEntry(
        spec,
        namespace,
        {
          ...blockOf(object.metadata, 'annotations'),
          ...blockOf(object.metadata, 'labels'),
        },
        report,
      );
    case 'Sidecar':
      return checkSidecar(spec, namespace, report);
    case 'WorkloadEntry':
      return checkWorkloadEntry(spec, undefined, true, ['spec'], report);
    case 'WorkloadGroup':
      return checkWorkloadGroup(spec, report);
    default:
  }
}

/** The Kubernetes Gateway API has a kind Gateway of its own. */
const isOtherApi = (object: AdmittedObject): boolean =>
  typeof object.apiVersion === 'string' && !object.apiVersion.startsWith('networking.istio.io/');

/** Of MeshConfig only the blocks that steer traffic are known here; the many others pass. */
function checkKnownFields(spec: unknown, report: Report): void {
  if (!isRecord(spec)) return;
  for (const [name, shape] of Object.entries(meshConfigShape.fields))
    if (Object.hasOwn(spec, name)) checkShape(spec[name], shape, ['spec', name], report);
}
