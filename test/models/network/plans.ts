// Network plans for tests: the guide's two regions, or one VPC, with single things changed.
import type { NetworkPlan } from '../../../src/models/network/plan.ts';

export const twoRegions = (): Required<NetworkPlan> => ({
  clusters: [
    {
      id: 'ack-hangzhou',
      type: 'ack',
      region: 'cn-hangzhou',
      vpc: 'vpc-hangzhou',
      vSwitches: ['vpc-hangzhou-switch-1'],
      podCIDR: '10.45.0.0/16',
      serviceCIDR: '172.16.0.0/16',
      securityGroup: 'sg-hangzhou',
    },
    {
      id: 'ack-shanghai',
      type: 'ack',
      region: 'cn-shanghai',
      vpc: 'vpc-shanghai',
      vSwitches: ['vpc-shanghai-switch-1'],
      podCIDR: '10.47.0.0/16',
      serviceCIDR: '172.18.0.0/16',
      securityGroup: 'sg-shanghai',
    },
  ],
  vpcs: {
    'vpc-hangzhou': {
      region: 'cn-hangzhou',
      cidr: '192.168.0.0/16',
      vSwitches: { 'vpc-hangzhou-switch-1': { cidr: '192.168.0.0/24' } },
    },
    'vpc-shanghai': {
      region: 'cn-shanghai',
      cidr: '192.168.0.0/16',
      vSwitches: { 'vpc-shanghai-switch-1': { cidr: '192.168.2.0/24' } },
    },
  },
  securityGroups: {
    'sg-hangzhou': { ingress: [{ from: '10.47.0.0/16' }] },
    'sg-shanghai': { ingress: [{ from: '10.45.0.0/16' }] },
  },
  cen: {
    attach: ['vpc-hangzhou', 'vpc-shanghai'],
    bandwidthPackage: 10e6,
    bandwidth: [{ between: ['cn-hangzhou', 'cn-shanghai'], limit: 5e6 }],
    publish: { 'vpc-hangzhou': ['10.45.0.0/16'], 'vpc-shanghai': ['10.47.0.0/16'] },
  },
});

export const oneVpc = (): NetworkPlan => ({
  clusters: [
    { id: 'm1c1', vpc: 'meshvpc', vSwitches: ['one'], podCIDR: '10.10.0.0/16', securityGroup: 'm1c1-sg' },
    { id: 'm1c2', vpc: 'meshvpc', vSwitches: ['two'], podCIDR: '10.11.0.0/16', securityGroup: 'm1c2-sg' },
  ],
  vpcs: {
    meshvpc: {
      cidr: '192.168.0.0/16',
      vSwitches: { one: { cidr: '192.168.0.0/24' }, two: { cidr: '192.168.1.0/24' } },
    },
  },
  securityGroups: {
    'm1c1-sg': { ingress: [{ from: 'm1c2-sg' }] },
    'm1c2-sg': { ingress: [{ from: 'm1c1-sg' }] },
  },
});
