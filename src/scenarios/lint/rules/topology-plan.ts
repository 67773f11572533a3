// NET… and ASM…: what the network plan and the mesh instance of a topology do not do. The checks are those of models/network and
// models/asm; here are the words around them.

import { asmProblems } from '../../../models/asm/checks.ts';
import type { AsmPlan } from '../../../models/asm/plan.ts';
import type { Origin } from '../../../models/envoy/config.ts';
import { networkProblems } from '../../../models/network/checks.ts';
import type { TopologyPath, TopologyProblem } from '../../../models/network/plan.ts';
import { defineRule, type LintRule } from '../rule.ts';
import type { LintSubject } from '../subject.ts';

type Words = [
  id: string,
  title: string,
  symptom: string,
  cause: string,
  fix: string,
  severity?: LintRule['severity'],
];

const known = new WeakMap<LintSubject, TopologyProblem[]>();

function problemsOf(subject: LintSubject): TopologyProblem[] {
  let found = known.get(subject);
  if (!found) {
    const { topology } = subject.scenario;
    const plan = {
      ...topology,
      gateways: topology.gateways.map(({ clusterIds, ...gateway }) => ({
        ...gateway,
        ...(clusterIds.length > 0 && { servedClusters: clusterIds }),
      })),
    } as AsmPlan;
    found = [...networkProblems(plan), ...asmProblems(plan, subject.state)];
    known.set(subject, found);
  }
  return found;
}

const topologyRule = ([id, title, symptom, cause, fix, severity = 'error']: Words): LintRule =>
  defineRule({
    id,
    title,
    severity,
    symptom,
    cause,
    fix,
    *check(subject) {
      for (const problem of problemsOf(subject))
        if (problem.rule === id)
          yield {
            at: placeOf(subject, problem.path),
            message: `${problem.message.replace(/\.$/, '')}.`,
            hint: problem.hint,
            severity: problem.severity,
          };
    },
  });

/** Clusters and gateways know their place; of other parts the line that names the last step. */
function placeOf(subject: LintSubject, path: TopologyPath): Origin | undefined {
  const { topology, sources, file } = subject.scenario;
  const [part, name] = path;
  if (part === 'clusters') return topology.clusters.find(({ id }) => id === name)?.origin;
  if (part === 'gateways') return topology.gateways.find((one) => one.name === name)?.origin;
  const words = path.filter((step): step is string => typeof step === 'string').reverse();
  for (const [source, text] of sources ?? []) {
    if (!/^topology:/m.test(text)) continue;
    const lines = text.split('\n');
    for (const word of words) {
      const at = lines.findIndex((line) => line.includes(`${word}:`));
      if (at >= 0) return { file: source, line: at + 1, col: lines[at]!.indexOf(`${word}:`) + 1 };
    }
  }
  return { file, line: 0, col: 0 };
}

export const TOPOLOGY_RULES: readonly LintRule[] = (
  [
    [
      'NET001',
      'vSwitch blocks overlap, or lie outside their VPC',
      'Packets to the other VPC never leave the own one.',
      'Joined VPCs need disjoint vSwitches: a route for two places leads to one of them.',
      'Choose disjoint blocks before the clusters are created.',
    ],
    [
      'NET002',
      'Pod CIDRs overlap',
      'Calls between the clusters time out, or reach the wrong pod.',
      'Pods of both clusters have the same addresses, or those of another vSwitch.',
      'Clusters of one flat network need disjoint Pod CIDRs.',
    ],
    [
      'NET003',
      'VPCs are not joined',
      'Calls between the clusters time out.',
      'Without CEN (or with a VPC that is not attached) there is no route between VPCs.',
      'Attach both VPCs to one CEN instance.',
    ],
    [
      'NET004',
      'CEN has no bandwidth package',
      'Calls between regions time out.',
      'Regions are joined only with a bandwidth package.',
      'Buy a bandwidth package and bind it.',
    ],
    [
      'NET005',
      'No bandwidth between two regions',
      'Calls between the two regions time out.',
      'A bandwidth package is divided among pairs of regions; this pair got nothing.',
      'Add the pair to cen.bandwidth.',
    ],
    [
      'NET006',
      'Pod routes are not published',
      'Packets for pods of the other region find no way, or their answers do not.',
      "CEN learns Pod routes only when the VPC's route table publishes them.",
      'Publish the Pod CIDR of each cluster to CEN.',
    ],
    [
      'NET007',
      'A security group drops the packets',
      'Calls from the other cluster time out.',
      "Nodes admit only what the group's rules name; the Pod CIDR of the other cluster is not among them.",
      'Add an ingress rule for the Pod CIDR of the other cluster.',
    ],
    [
      'NET008',
      'Service CIDRs overlap',
      'ASM refuses the second cluster, or names resolve to addresses of the wrong cluster.',
      'Service addresses of clusters in one mesh must be disjoint from each other and from Pod addresses.',
      'Choose disjoint Service CIDRs.',
      'warning',
    ],
    [
      'NET009',
      'A published route fits no cluster',
      'Nothing, and the routes that were meant are missing.',
      'The published block is no Pod CIDR of a cluster in that VPC.',
      'Correct cen.publish.',
      'warning',
    ],
    [
      'NET010',
      'More bandwidth is given than the package holds',
      'The settings are refused.',
      'The sum over pairs of regions may not exceed the package.',
      'Enlarge the package or lower the limits.',
      'warning',
    ],
    [
      'NET011',
      'A setting without effect in the network plan',
      'A security group seems to protect a cluster, and does not here.',
      'A cluster without VPC or Pod CIDR cannot be placed in the plan.',
      'Write vpc and podCIDR of the cluster.',
      'warning',
    ],
    [
      'NET012',
      'A cluster and its VPC are in different regions',
      'The plan cannot be built.',
      "A VPC belongs to one region, and clusters to their VPC's.",
      'Correct one of the two regions.',
      'warning',
    ],
    [
      'ASM001',
      'Sidecars cannot resolve istiod',
      'Pods stay at 1/2, gateways never listen.',
      'A serverless cluster without CoreDNS or PrivateZone has no names.',
      'Add the component coredns or privatezone.',
    ],
    [
      'ASM002',
      'The mesh version does not serve ECI pods on virtual nodes',
      'Pods on virtual nodes never become ready.',
      'Older instances know ECI on serverless clusters only.',
      'Upgrade the mesh instance.',
    ],
    [
      'ASM003',
      'ECI pods without virtual nodes',
      'Pods stay Pending.',
      'The label alibabacloud.com/eci needs the component ack-virtual-node.',
      'Install ack-virtual-node.',
    ],
    [
      'ASM004',
      'ECI pods outside the mesh',
      'Pods on virtual nodes obey no policy.',
      'Two labels are needed: one for ECI, one for the sidecar.',
      'Label the namespace istio-injection=enabled.',
      'warning',
    ],
    [
      'ASM005',
      'Pilot has no public address for a cluster outside',
      'Sidecars of the external cluster never get a configuration.',
      'A cluster outside the cloud reaches istiod only by its public address.',
      'topology.mesh.exposePilot: true.',
    ],
    [
      'ASM006',
      'The API server of the mesh has no public address',
      'kubectl from outside cannot apply Istio objects.',
      'An EIP must be bound to port 6443.',
      'topology.mesh.exposeApiServer: true.',
      'info',
    ],
    [
      'ASM007',
      'A gateway never gets an address',
      'No request from outside arrives.',
      'The gateway has no load balancer, or its cluster cannot give one.',
      'loadBalancer: public or intranet; clusters outside need a MetalLB or the like.',
    ],
    [
      'ASM008',
      'A gateway does not serve a cluster',
      'A region gets no requests through the gateway.',
      'clusterIds lists the clusters that a gateway serves.',
      'Add the cluster to clusterIds.',
      'warning',
    ],
    [
      'ASM009',
      'Distribution and failover are both enabled',
      'The console refuses the second.',
      'Cross-region distribution and failover exclude each other.',
      'Keep one of the two lists.',
    ],
    [
      'ASM010',
      "Traffic distribution is not offered by this version's console",
      'The setting cannot be found in the console.',
      'It came with a later ASM version.',
      'Write it into the mesh configuration or a DestinationRule.',
      'info',
    ],
    [
      'ASM011',
      'A Gateway server must name the container port',
      'Nothing listens on the port that the Gateway names.',
      "The gateway's Service leads its port to another container port.",
      'Name the container port in the Gateway server.',
      'info',
    ],
  ] as Words[]
).map(topologyRule);
