import { describe, expect, it } from 'vitest';
import type { NetworkPlan } from '../../../src/models/network/plan.ts';
import { Segments } from '../../../src/models/network/segments.ts';
import { twoRegions } from './plans.ts';

const pod = (cluster: string, ip: string, ports: number[] = [9080], isGateway = false) => ({
  cluster,
  ip,
  ports,
  isGateway,
});
const placed = (segments: Segments, of: ReturnType<typeof pod>, network?: string) => {
  const segment = segments.of(of);
  return { cluster: of.cluster, ...(network && { network }), ...(segment && { segment }) };
};

describe('parts of a cluster', () => {
  it('are none where the plan treats all pods alike', () => {
    const segments = new Segments(twoRegions());
    expect(segments.of(pod('ack-hangzhou', '10.45.0.2'))).toBe('');
    expect(segments.of(pod('ack-shanghai', '10.47.255.2'))).toBe('');
    expect(segments.of(pod('elsewhere', '10.47.255.2'))).toBe('');
  });

  it('follow the addresses that a rule admits', () => {
    const plan = twoRegions();
    plan.securityGroups['sg-shanghai']!.ingress = [{ from: '10.45.0.0/24' }];
    const segments = new Segments(plan);
    const shanghai = placed(segments, pod('ack-shanghai', '10.47.0.2'));
    const [near, far] = ['10.45.0.2', '10.45.1.2'].map((ip) => placed(segments, pod('ack-hangzhou', ip)));
    expect(segments.obstacle(near!, shanghai)).toBeNull();
    expect(segments.obstacle(far!, shanghai)?.rule).toBe('NET007');
    expect(segments.obstacle(shanghai, far!)).toBeNull();
  });

  it('follow the routes that are published', () => {
    const plan = twoRegions();
    plan.cen.publish!['vpc-shanghai'] = ['10.47.0.0/24'];
    const segments = new Segments(plan);
    const hangzhou = placed(segments, pod('ack-hangzhou', '10.45.0.2'));
    const [near, far] = ['10.47.0.2', '10.47.1.2'].map((ip) => placed(segments, pod('ack-shanghai', ip)));
    expect([segments.obstacle(hangzhou, near!), segments.obstacle(near!, hangzhou)]).toEqual([null, null]);
    expect([segments.obstacle(hangzhou, far!)?.rule, segments.obstacle(far!, hangzhou)?.rule]).toEqual([
      'NET006',
      'NET006',
    ]);
  });

  it('follow the ports where rules name ports', () => {
    const plan = twoRegions();
    plan.securityGroups['sg-shanghai']!.ingress = [{ from: '10.45.0.0/16', ports: 9080 }];
    const segments = new Segments(plan);
    const hangzhou = placed(segments, pod('ack-hangzhou', '10.45.0.2'));
    const way = (ports: number[]) => {
      const to = placed(segments, pod('ack-shanghai', '10.47.0.2', ports));
      return [segments.obstacle(hangzhou, to)?.rule ?? null, segments.closedPorts(hangzhou, to)];
    };
    expect(way([9080])).toEqual([null, []]);
    expect(way([8080])).toEqual(['NET007', []]);
    expect(way([8080, 9080, 9090])).toEqual([null, [8080, 9090]]);
  });

  it('let gateways of another Istio network be reached by their load balancer', () => {
    const plan: NetworkPlan = twoRegions();
    plan.cen!.attach = [];
    plan.clusters[0]!.network = 'one';
    plan.clusters[1]!.network = 'two';
    const segments = new Segments(plan);
    const hangzhou = placed(segments, pod('ack-hangzhou', '10.45.0.2'), 'one');
    const gateway = placed(segments, pod('ack-shanghai', '10.47.0.9', [15443], true), 'two');
    const app = placed(segments, pod('ack-shanghai', '10.47.0.2'), 'two');
    expect(segments.obstacle(hangzhou, gateway)).toBeNull();
    expect(segments.obstacle(hangzhou, app)?.rule).toBe('NET003');
  });
});
