// Faults of the file as the run takes them; the manifests of `apply` are read here.
import type { ManifestObject } from '../models/kube/model.ts';
import { originAt, type Placed } from './position.ts';
import type { Fault } from './scenario.ts';
import type { FaultFile } from './schema-faults.ts';
import { FAULT_KINDS } from './schema-faults.ts';

/** @param read objects of the i-th path of this fault's `apply` */
export function faultOf(
  file: FaultFile,
  index: number,
  tree: Placed,
  read: (paths: string[], fault: (string | number)[]) => ManifestObject[],
): Fault {
  const path = ['faults', index];
  const base = {
    atNs: file.at,
    ...(file.for !== undefined && { forNs: file.for }),
    origin: originAt(tree, path),
  };
  const kind = FAULT_KINDS.find((each) => file[each] !== undefined)!;
  const cluster = file.cluster ?? null;
  switch (kind) {
    case 'scale':
      return { ...base, kind, target: file.scale!.target, replicas: file.scale!.replicas };
    case 'respond': {
      const { target, status, percentage } = file.respond!;
      return { ...base, kind, target, status, percentage };
    }
    case 'slow': {
      const { target, by, percentage } = file.slow!;
      return { ...base, kind, target, byNs: by, percentage };
    }
    case 'partition':
      return { ...base, kind, between: file.partition!.between };
    case 'apply':
      return { ...base, kind, objects: read(file.apply!, path), cluster, text: file.apply!.join(', ') };
    case 'delete': {
      const { objectKind, name, namespace } = file.delete!;
      const within = namespace ?? file.namespace;
      return { ...base, kind, objectKind, name, ...(within !== undefined && { namespace: within }), cluster };
    }
    case 'istiodDown':
      return { ...base, kind };
    case 'zoneDown':
    case 'regionDown':
    case 'clusterDown':
    case 'rollout':
    case 'restartProxy':
      return { ...base, kind, target: file[kind]!.target };
    default: {
      const { target, percentage } = file[kind]!;
      return { ...base, kind, target, percentage };
    }
  }
}
