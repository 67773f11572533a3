// `topology:` of the scenario file: clusters, networks, gateways, links and proxies: what manifests cannot say.
import * as z from 'zod';
import { bandwidth, cidr, count, duration, headers, name, port, positive, share } from './schema-values.ts';

/** Any further key is a MeshConfig field; load-mesh.ts knows their names. */
const mesh = z.looseObject({
  provider: z.enum(['asm', 'istio']).optional(),
  version: z.string().optional().describe('version of the mesh, e.g. v1.24.6'),
  exposePilot: z.boolean().optional().describe('istiod has a public address; external clusters need it'),
  exposeApiServer: z.boolean().optional().describe('an EIP is bound to the API server of the mesh'),
  localityLoadBalancing: z.looseObject({}).optional().describe('meshConfig.localityLbSetting'),
});

const nodes = z.strictObject({
  zone: name,
  count: count.default(1),
  region: name.optional(),
  labels: headers.optional(),
});

const cluster = z.strictObject({
  type: z.enum(['ack', 'ask', 'external', 'any']).optional(),
  region: name.optional(),
  network: name.optional().describe('Istio network; default: one flat network'),
  vpc: name.optional(),
  vSwitches: z.array(name).optional(),
  securityGroup: name.optional(),
  podCIDR: cidr.optional(),
  serviceCIDR: cidr.optional(),
  components: z.array(name).optional().describe('coredns, privatezone, ack-virtual-node'),
  nodes: z.array(nodes).optional(),
  loadBalancer: z
    .union([z.boolean(), name])
    .optional()
    .describe('false: the cluster cannot give a load balancer; public or intranet: only one of that type'),
});

const vpc = z.strictObject({
  region: name.optional(),
  cidr,
  vSwitches: z.record(name, z.strictObject({ cidr, zone: name.optional() })).optional(),
});

const rule = z.strictObject({
  from: name.describe('a CIDR block or a security group'),
  ports: z.union([port, name, z.array(z.union([port, name]))]).optional(),
  protocol: name.optional(),
});

const cen = z.strictObject({
  attach: z.array(name).optional(),
  bandwidthPackage: z
    .union([bandwidth, z.literal('none'), z.null()])
    .transform((value) => (typeof value === 'number' ? value : undefined))
    .optional()
    .describe('none (or null): no package is bought'),
  bandwidth: z.array(z.strictObject({ between: z.tuple([name, name]), limit: bandwidth })).optional(),
  publish: z.record(name, z.array(cidr)).optional(),
});

const gateway = z.strictObject({
  cluster: name,
  clusterIds: z.array(name).optional().describe('clusters whose pods it sends to; default: all'),
  loadBalancer: z.enum(['public', 'intranet', 'none']).optional(),
  serviceType: z.enum(['LoadBalancer', 'NodePort', 'ClusterIP']).optional(),
  replicas: count.default(1),
  labels: headers.optional(),
  namespace: name.default('istio-system'),
  zone: name.optional(),
});

const link = z.strictObject({
  between: z.tuple([name, name]).describe('two zones, regions or clusters'),
  rtt: duration.optional(),
  jitter: duration.optional(),
  loss: share.optional(),
  bandwidth: bandwidth.optional().describe('per direction'),
});

export const topologySchema = z.strictObject({
  mesh: mesh.optional(),
  clusters: z.record(name, cluster).optional(),
  vpcs: z.record(name, vpc).optional(),
  securityGroups: z.record(name, z.strictObject({ ingress: z.array(rule).optional() })).optional(),
  cen: cen.optional(),
  gateways: z.record(name, gateway).optional(),
  links: z.array(link).optional(),
  proxies: z
    .record(name, z.strictObject({ concurrency: positive.optional() }))
    .optional()
    .describe('worker threads per proxy: by workload, gateway, or `default`'),
});

export type TopologyFile = z.output<typeof topologySchema>;
