import { describe, expect, it } from 'vitest';
import type { NetworkPlan } from '../../../src/models/network/plan.ts';
import { obstacleBetween, type Peer } from '../../../src/models/network/reach.ts';
import { oneVpc, twoRegions } from './plans.ts';

const between = (plan: NetworkPlan, from: string, to: string, rest: Partial<Peer> & { port?: number } = {}) =>
  obstacleBetween(
    plan,
    { cluster: from, ...(rest.ip && { ip: rest.ip }) },
    { cluster: to, ...(rest.port && { port: rest.port }) },
  );
/** Rules that stop Hangzhou -> Shanghai and Shanghai -> Hangzhou. */
const bothWays = (plan: NetworkPlan) => [
  between(plan, 'ack-hangzhou', 'ack-shanghai')?.rule ?? null,
  between(plan, 'ack-shanghai', 'ack-hangzhou')?.rule ?? null,
];
const changed = (change: (plan: ReturnType<typeof twoRegions>) => void) => {
  const plan = twoRegions();
  change(plan);
  return plan;
};

describe('two regions joined by CEN', () => {
  it('reach each other as the guide sets them up, with equal VPC blocks', () => {
    expect(bothWays(twoRegions())).toEqual([null, null]);
  });

  it('do not when the vSwitches share a block: their routes conflict', () => {
    const plan = changed(({ vpcs }) => {
      vpcs['vpc-shanghai']!.vSwitches!['vpc-shanghai-switch-1']!.cidr = '192.168.0.128/25';
    });
    expect(bothWays(plan)).toEqual(['NET001', 'NET001']);
    expect(between(plan, 'ack-hangzhou', 'ack-shanghai')).toMatchObject({
      how: 'timeout',
      path: ['vpcs', 'vpc-shanghai', 'vSwitches', 'vpc-shanghai-switch-1', 'cidr'],
      isBothWays: true,
    });
  });

  it('do not mind vSwitches that no cluster of theirs lives on', () => {
    const plan = changed(({ vpcs }) => {
      vpcs['vpc-shanghai']!.vSwitches!['unused'] = { cidr: '192.168.9.0/24' };
      vpcs['vpc-hangzhou']!.vSwitches!['unused'] = { cidr: '192.168.9.0/24' };
    });
    expect(bothWays(plan)).toEqual([null, null]);
  });

  it('do not with overlapping Pod CIDRs', () => {
    const plan = changed(({ clusters, cen }) => {
      clusters[1]!.podCIDR = '10.45.128.0/17';
      cen.publish = { 'vpc-hangzhou': ['10.45.0.0/16'], 'vpc-shanghai': ['10.45.128.0/17'] };
    });
    expect(bothWays(plan)).toEqual(['NET002', 'NET002']);
  });

  it('do not when the pods of one have addresses of a vSwitch of the other', () => {
    const plan = changed(({ clusters }) => {
      clusters[0]!.podCIDR = '192.168.2.0/23';
    });
    expect(bothWays(plan)).toEqual(['NET002', 'NET002']);
  });

  it.each(['vpc-hangzhou', 'vpc-shanghai'])('do not while %s is not attached', (vpc) => {
    const plan = changed(({ cen }) => {
      cen.attach = cen.attach!.filter((name) => name !== vpc);
    });
    expect(bothWays(plan)).toEqual(['NET003', 'NET003']);
    expect(between(plan, 'ack-hangzhou', 'ack-shanghai')!.message).toContain(`${vpc} is not attached`);
  });

  it('do not without CEN', () => {
    const { cen: _, ...plan } = twoRegions();
    expect(bothWays(plan)).toEqual(['NET003', 'NET003']);
  });

  it('do not without a bandwidth package, nor without cross-region bandwidth', () => {
    expect(bothWays(changed(({ cen }) => void delete cen.bandwidthPackage))).toEqual(['NET004', 'NET004']);
    expect(
      bothWays(
        changed(({ cen }) => {
          cen.bandwidth = [];
        }),
      ),
    ).toEqual(['NET005', 'NET005']);
    expect(bothWays(changed(({ cen }) => void delete cen.bandwidth))).toEqual(['NET005', 'NET005']);
  });

  it('need neither within one region', () => {
    const plan = changed(({ vpcs, cen }) => {
      vpcs['vpc-shanghai']!.region = 'cn-hangzhou';
      delete cen.bandwidthPackage;
      delete cen.bandwidth;
    });
    expect(bothWays(plan)).toEqual([null, null]);
  });

  it('take the bandwidth whichever region is named first', () => {
    const plan = changed(({ cen }) => {
      cen.bandwidth = [{ between: ['cn-shanghai', 'cn-hangzhou'], limit: 1 }];
    });
    expect(bothWays(plan)).toEqual([null, null]);
  });

  it.each(['vpc-hangzhou', 'vpc-shanghai'])(
    'do not while %s publishes no Pod routes: answers must return as well',
    (vpc) => {
      const plan = changed(({ cen }) => {
        cen.publish![vpc] = [];
      });
      expect(bothWays(plan)).toEqual(['NET006', 'NET006']);
      const words = between(plan, 'ack-hangzhou', 'ack-shanghai')!.message;
      expect(words).toContain(
        vpc === 'vpc-hangzhou' ? 'answers do not find' : 'packets from ack-hangzhou do not',
      );
    },
  );

  it('reach each other by Pod routes that are published subnet by subnet', () => {
    const plan = changed(({ cen }) => {
      cen.publish!['vpc-shanghai'] = ['10.47.128.0/17', '10.47.0.0/18', '10.47.64.0/18'];
    });
    expect(bothWays(plan)).toEqual([null, null]);
    plan.cen.publish!['vpc-shanghai'] = ['10.47.128.0/17', '10.47.64.0/18'];
    expect(bothWays(plan)).toEqual(['NET006', 'NET006']);
  });

  it('need not publish routes of pods that have addresses of a vSwitch', () => {
    const plan = changed(({ clusters, cen, securityGroups }) => {
      clusters[0]!.podCIDR = '192.168.0.0/25';
      cen.publish!['vpc-hangzhou'] = [];
      securityGroups['sg-shanghai']!.ingress![0]!.from = '192.168.0.0/24';
    });
    expect(bothWays(plan)).toEqual([null, null]);
  });
});

describe('security groups', () => {
  it('stop connections of one direction only: answers pass', () => {
    expect(
      bothWays(
        changed(({ securityGroups }) => {
          securityGroups['sg-shanghai']!.ingress = [];
        }),
      ),
    ).toEqual(['NET007', null]);
    expect(
      bothWays(
        changed(({ securityGroups }) => {
          securityGroups['sg-hangzhou'] = {};
        }),
      ),
    ).toEqual([null, 'NET007']);
  });

  it('count the caller’s address, not its node’s', () => {
    const plan = changed(({ securityGroups }) => {
      securityGroups['sg-shanghai']!.ingress![0]!.from = '192.168.0.0/24';
    });
    expect(bothWays(plan)).toEqual(['NET007', null]);
  });

  it('may admit a part of the pods', () => {
    const plan = changed(({ securityGroups }) => {
      securityGroups['sg-shanghai']!.ingress![0]!.from = '10.45.0.0/24';
    });
    expect(between(plan, 'ack-hangzhou', 'ack-shanghai', { ip: '10.45.0.7' })).toBeNull();
    expect(between(plan, 'ack-hangzhou', 'ack-shanghai', { ip: '10.45.1.7' })?.rule).toBe('NET007');
  });

  it('may admit single ports, ranges and protocols', () => {
    const admits = (ports: number | string | (number | string)[], protocol = 'tcp') =>
      between(
        changed(({ securityGroups }) => {
          securityGroups['sg-shanghai']!.ingress = [{ from: '10.45.0.0/16', ports, protocol }];
        }),
        'ack-hangzhou',
        'ack-shanghai',
        { port: 9080 },
      ) === null;
    expect(
      [9080, '9080', '9000/9100', '9000-9100', '-1/-1', 'all', [80, '9080/9080']].map((ports) =>
        admits(ports),
      ),
    ).toEqual(Array(7).fill(true));
    expect([80, '9081/9090', [80, 443], 'http'].map((ports) => admits(ports))).toEqual(Array(4).fill(false));
    expect([admits(9080, 'all'), admits(9080, 'ALL'), admits(9080, 'udp'), admits(9080, 'icmp')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('name each other within one VPC, both ways', () => {
    expect([between(oneVpc(), 'm1c1', 'm1c2'), between(oneVpc(), 'm1c2', 'm1c1')]).toEqual([null, null]);
    const plan = oneVpc();
    plan.securityGroups!['m1c1-sg']!.ingress = [];
    expect(between(plan, 'm1c2', 'm1c1')).toMatchObject({
      rule: 'NET007',
      path: ['securityGroups', 'm1c1-sg', 'ingress'],
      isBothWays: false,
    });
    expect(between(plan, 'm1c1', 'm1c2')).toBeNull();
  });

  it('do not count by name in another VPC', () => {
    const plan = changed(({ securityGroups }) => {
      securityGroups['sg-shanghai']!.ingress = [{ from: 'sg-hangzhou' }];
    });
    expect(between(plan, 'ack-hangzhou', 'ack-shanghai')!.message).toContain('counts within one VPC only');
  });

  it('let in the members of the same group, and whoever there is where there is none', () => {
    const shared = oneVpc();
    for (const cluster of shared.clusters) cluster.securityGroup = 'one';
    expect(between(shared, 'm1c1', 'm1c2')).toBeNull();
    const open = oneVpc();
    delete open.clusters[1]!.securityGroup;
    expect(between(open, 'm1c1', 'm1c2')).toBeNull();
  });

  it('do not look at the own cluster’s connections', () => {
    const plan = oneVpc();
    plan.securityGroups = {};
    expect(between(plan, 'm1c1', 'm1c1')).toBeNull();
    expect(between(plan, 'm1c1', 'm1c2')?.rule).toBe('NET007');
  });
});

describe('clusters without a VPC', () => {
  it('lie on one flat network with everybody', () => {
    const plan = changed(({ clusters }) => {
      delete clusters[1]!.vpc;
    });
    expect(bothWays(plan)).toEqual([null, null]);
    expect(between({ clusters: [{ id: 'a' }, { id: 'b' }] }, 'a', 'b')).toBeNull();
  });

  it('are those outside the cloud, whatever they name', () => {
    const plan = changed(({ clusters, cen }) => {
      clusters[1]!.type = 'external';
      cen.attach = [];
    });
    expect(bothWays(plan)).toEqual([null, null]);
  });
});

describe('pods of two clusters on the same vSwitches', () => {
  it('reach each other: the VPC gives each address once', () => {
    const plan = oneVpc();
    for (const cluster of plan.clusters)
      Object.assign(cluster, { podCIDR: '192.168.0.0/24', vSwitches: ['one'] });
    expect(between(plan, 'm1c1', 'm1c2')).toBeNull();
  });
});
