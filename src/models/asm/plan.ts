// What an Alibaba Cloud Service Mesh adds to a topology: the instance's settings and the gateways that the console makes.
// Source: Alibaba Cloud Service Mesh, multi-cluster guide (2021-12-27).
import type { NetworkPlan } from '../network/plan.ts';

export interface MeshInstance {
  /** "asm" */
  provider?: string;
  /** "v1.24.6", "v1.7.5.41-ge61a01c3-aliyun" */
  version?: string;
  /** Has istiod ("Pilot") a public address? */
  exposePilot?: boolean;
  /** Is an EIP bound to the mesh's API server? */
  exposeApiServer?: boolean;
  meshConfig: Record<string, unknown>;
}

export interface AsmGateway {
  name: string;
  namespace: string;
  cluster: string;
  /** Clusters that it serves, as written; absent = nothing is said, and it serves all. */
  servedClusters?: string[];
  /** public | intranet | none */
  loadBalancer?: string;
  /** LoadBalancer | NodePort | ClusterIP */
  serviceType?: string;
}

export interface AsmPlan extends NetworkPlan {
  mesh: MeshInstance;
  gateways: readonly AsmGateway[];
}

/** Is version a at least b, number by number? null = the version is not known, or too short to tell. */
export function isAtLeast(version: string | undefined, wanted: string): boolean | null {
  const match = /^v?(\d+(?:\.\d+)*)/i.exec((version ?? '').trim());
  if (!match) return null;
  const [have, need] = [match[1]!, wanted].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (const [i, number] of need.entries()) {
    if (have[i] === undefined) return null;
    if (have[i] !== number) return have[i] > number;
  }
  return true;
}
