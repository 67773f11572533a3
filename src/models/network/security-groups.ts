// Does a cluster's security group let a connection in? Groups look at the first packet only: answers pass. Members of one group reach
// each other; a rule that names a group counts within one VPC, elsewhere only address blocks do.
// Source: Alibaba Cloud ECS documentation, "Security group rules"; multi-cluster guide (2021-12-27).
import { covers, holds, isBlock } from './cidr.ts';
import { type IngressRule, type NetworkCluster, type NetworkPlan, named } from './plan.ts';

export interface Knock {
  /** Address of the caller; absent = any of its cluster's pods. */
  ip?: string;
  /** Port on the called pod; absent = any. */
  port?: number;
}

export function isAdmitted(
  plan: NetworkPlan,
  from: NetworkCluster,
  to: NetworkCluster,
  knock: Knock,
): boolean {
  if (to.securityGroup === undefined) return true;
  const isOneVpc = from.vpc === to.vpc;
  if (isOneVpc && from.securityGroup === to.securityGroup) return true;
  return rulesOf(plan, to).some(
    (rule) =>
      isForTcp(rule) && admitsPort(rule.ports, knock.port) && admitsSource(rule, from, isOneVpc, knock.ip),
  );
}

export function rulesOf(plan: NetworkPlan, cluster: NetworkCluster): readonly IngressRule[] {
  const rules = named(plan.securityGroups, cluster.securityGroup)?.ingress;
  return Array.isArray(rules) ? rules : [];
}

function admitsSource(
  rule: IngressRule,
  from: NetworkCluster,
  isOneVpc: boolean,
  ip: string | undefined,
): boolean {
  if (!isBlock(rule.from)) return isOneVpc && rule.from === from.securityGroup;
  if (ip !== undefined) return holds([rule.from], ip);
  // Nobody said where the pods are: a rule by address is taken to mean them.
  return from.podCIDR === undefined || covers([rule.from], from.podCIDR);
}

const isForTcp = (rule: IngressRule): boolean =>
  rule.protocol === undefined || /^(tcp|all|any|-1)$/i.test(String(rule.protocol));

/** "8000/9000" is the console's way to write a range, "-1/-1" stands for all. */
export function admitsPort(ports: IngressRule['ports'], port: number | undefined): boolean {
  if (ports === undefined || port === undefined) return true;
  return [ports].flat().some((entry) => {
    const match = /^(-?\d+)(?:\s*[-/]\s*(-?\d+))?$/.exec(String(entry).trim());
    if (!match) return /^(all|any|\*)$/i.test(String(entry));
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    return first === -1 || (port >= first && port <= last);
  });
}
