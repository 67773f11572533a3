import { describe, expect, it } from 'vitest';
import { networkProblems } from '../../../src/models/network/checks.ts';
import { oneVpc, twoRegions } from './plans.ts';

const told = (change: (plan: ReturnType<typeof twoRegions>) => void) => {
  const plan = twoRegions();
  change(plan);
  return networkProblems(plan);
};

describe('the checks of a network plan', () => {
  it('find nothing in the guide’s plans', () => {
    expect(networkProblems(twoRegions())).toEqual([]);
    expect(networkProblems(oneVpc())).toEqual([]);
  });

  it('tell a cause that stops both directions once, as an error', () => {
    const problems = told(({ cen }) => {
      cen.attach = ['vpc-hangzhou'];
    });
    expect(problems).toMatchObject([{ rule: 'NET003', severity: 'error', path: ['cen', 'attach'] }]);
    expect(problems[0]!.message).toMatch(/connections between ack-hangzhou and ack-shanghai time out$/);
  });

  it('tell which direction a missing security-group rule stops, as a warning', () => {
    const problems = told(({ securityGroups }) => {
      securityGroups['sg-hangzhou']!.ingress = [];
    });
    expect(problems).toMatchObject([
      { rule: 'NET007', severity: 'warning', path: ['securityGroups', 'sg-hangzhou', 'ingress'] },
    ]);
    expect(problems[0]!.message).toMatch(/connections from ack-shanghai to ack-hangzhou time out$/);
    expect(problems[0]!.hint).toContain('10.47.0.0/16');
  });

  it('leave clusters of different Istio networks to their gateways', () => {
    const problems = told(({ clusters, cen }) => {
      clusters[0]!.network = 'one';
      clusters[1]!.network = 'two';
      cen.attach = [];
    });
    expect(problems).toEqual([]);
  });

  it.each([
    ['NET001', 'warning', 'vSwitches that no cluster uses but that clash', 'vpcs'],
    ['NET008', 'warning', 'Service CIDRs that overlap', 'clusters'],
    ['NET009', 'warning', 'published routes of nobody', 'cen'],
    ['NET010', 'warning', 'more cross-region bandwidth than the package holds', 'cen'],
    ['NET011', 'warning', 'a security group outside every VPC', 'clusters'],
    ['NET012', 'warning', 'a cluster in another region than its VPC', 'clusters'],
  ] as const)('%s (%s): %s', (rule, severity, _, where) => {
    const problems = told((plan) => {
      if (rule === 'NET001')
        for (const vpc of Object.values(plan.vpcs)) vpc.vSwitches!['idle'] = { cidr: '192.168.9.0/24' };
      if (rule === 'NET008') plan.clusters[1]!.serviceCIDR = '172.16.128.0/17';
      if (rule === 'NET009') plan.cen.publish!['vpc-hangzhou']!.push('10.99.0.0/16');
      if (rule === 'NET010') plan.cen.bandwidth![0]!.limit = 20e6;
      if (rule === 'NET011') delete plan.clusters[1]!.vpc;
      if (rule === 'NET012') plan.clusters[1]!.region = 'cn-beijing';
    });
    const found = problems.filter((problem) => problem.rule === rule);
    expect(found).toMatchObject([{ severity }]);
    expect(found[0]!.path[0]).toBe(where);
  });

  it('say that a Pod CIDR is missing where routes depend on it', () => {
    const problems = told(({ clusters }) => {
      delete clusters[0]!.podCIDR;
    });
    expect(problems.filter(({ rule }) => rule === 'NET011')).toMatchObject([{ severity: 'info' }]);
  });
});
