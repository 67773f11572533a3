import { describe, expect, it } from 'vitest';
import type { Place } from '../../src/models/world.ts';
import { delaysOf } from '../../src/scenarios/plan/places.ts';
import type { Topology } from '../../src/scenarios/scenario.ts';
import { twoRegions as plan } from '../models/network/plans.ts';

const place = (cluster: string, region: string, zone = `${region}-a`, node = zone): Place => ({
  cluster,
  region,
  zone,
  node,
});
const hangzhou = place('ack-hangzhou', 'cn-hangzhou');
const shanghai = place('ack-shanghai', 'cn-shanghai');
const topology = (rest: Partial<Topology>): Topology => ({
  mesh: { meshConfig: {} },
  clusters: [],
  gateways: [],
  links: [],
  proxies: {},
  ...rest,
});
const twoRegions = () => ({ ...plan(), clusters: [...plan().clusters] });
const link = (bandwidth?: number): Topology['links'][number] => ({
  between: ['cn-hangzhou', 'cn-shanghai'],
  rttNs: 28e6,
  jitterNs: 0,
  loss: 0,
  ...(bandwidth !== undefined && { bandwidth }),
});

describe('bandwidth between places', () => {
  it('is unlimited unless somebody limits it', () => {
    expect(delaysOf(topology({ links: [link()] }))(hangzhou, shanghai)).toEqual({ delayNs: 14e6 });
  });

  it('is a line per direction, for a link and for CEN', () => {
    const byLink = delaysOf(topology({ links: [link(1e6)] }));
    expect(byLink(hangzhou, shanghai).queue).toEqual({
      name: 'link cn-hangzhou cn-shanghai from cn-hangzhou',
      bitsPerSecond: 1e6,
    });
    expect(byLink(shanghai, hangzhou).queue!.name).toBe('link cn-hangzhou cn-shanghai from cn-shanghai');
    const byCen = delaysOf(topology(twoRegions()));
    expect(byCen(hangzhou, shanghai).queue).toEqual({
      name: 'CEN cn-hangzhou to cn-shanghai',
      bitsPerSecond: 5e6,
    });
    expect(byCen(shanghai, hangzhou).queue!.name).toBe('CEN cn-shanghai to cn-hangzhou');
  });

  it('is the narrower one where both are limited', () => {
    const both = (bits: number) =>
      delaysOf(topology({ ...twoRegions(), links: [link(bits)] }))(hangzhou, shanghai).queue!.bitsPerSecond;
    expect([both(1e6), both(9e6)]).toEqual([1e6, 5e6]);
  });

  it('of CEN does not matter within a cluster, nor within a region', () => {
    const plan = twoRegions();
    plan.vpcs['vpc-shanghai']!.region = 'cn-hangzhou';
    const delay = delaysOf(topology(plan));
    expect(delay(hangzhou, shanghai).queue).toBeUndefined();
    expect(
      delaysOf(topology(twoRegions()))(hangzhou, place('ack-hangzhou', 'cn-hangzhou', 'b')).queue,
    ).toBeUndefined();
  });
});
