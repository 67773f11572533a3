import { describe, expect, it } from 'vitest';
import { Streams } from '../../../../src/engine/random.ts';
import { HostSet } from '../../../../src/models/envoy/host-set.ts';
import { LoadBalancer } from '../../../../src/models/envoy/lb/balancer.ts';
import { endpointsOf } from './hosts.ts';

const SECOND = 1e9;

/** Two hosts for long, and a third that comes at second 100; 100 picks a second from then on, by seconds. */
function sharesOfNewHost(lbPolicy: 'ROUND_ROBIN' | 'LEAST_REQUEST', updatesAt: number[] = []): number[] {
  const slowStartConfig = { slowStartWindow: '10s' };
  const hosts = new HostSet();
  hosts.assign({ clusterName: 'c', endpoints: endpointsOf([{ hosts: 2 }]) });
  const lb = new LoadBalancer(
    {
      name: 'c',
      lbPolicy,
      roundRobinLbConfig: { slowStartConfig },
      leastRequestLbConfig: { slowStartConfig },
    },
    hosts,
    new Streams(3).stream('lb'),
  );
  const context = { hasHash: false, hashHi: 0, hashLo: 0, nowNs: 0 };
  hosts.assign({ clusterName: 'c', endpoints: endpointsOf([{ hosts: 3 }]) });
  lb.update(100 * SECOND);
  return Array.from({ length: 12 }, (_, second) => {
    if (updatesAt.includes(second)) lb.update((100 + second) * SECOND);
    let count = 0;
    for (let i = 0; i < 200; i++) {
      context.nowNs = (100 + second + i / 200) * SECOND;
      if (lb.chooseHost(null, context) === 2) count++;
    }
    return count / 200;
  });
}

describe.each(['ROUND_ROBIN', 'LEAST_REQUEST'] as const)('%s with a window of 10 s', (lbPolicy) => {
  it('lets a new host take part with a growing weight, second by second (measured on Envoy 1.40)', () => {
    const measured = [0.048, 0.068, 0.109, 0.148, 0.183, 0.214, 0.245, 0.271, 0.298, 0.32, 1 / 3];
    for (const [second, share] of sharesOfNewHost(lbPolicy).slice(0, 11).entries())
      expect(Math.abs(share - measured[second]!)).toBeLessThan(0.012);
  });

  it('goes on with the ramp through updates', () => {
    const shares = sharesOfNewHost(lbPolicy, [2, 4, 6]);
    expect(Math.abs(shares[8]! - 0.298)).toBeLessThan(0.02);
  });
});

it('an ejected host that returns does not start slowly again', () => {
  const hosts = new HostSet();
  hosts.assign({ clusterName: 'c', endpoints: endpointsOf([{ hosts: 2 }]) });
  const slowStartConfig = { slowStartWindow: '10s' };
  const lb = new LoadBalancer(
    { name: 'c', roundRobinLbConfig: { slowStartConfig } },
    hosts,
    new Streams(3).stream('lb'),
  );
  hosts.health[1] = 1;
  hosts.refresh();
  lb.update(100 * SECOND);
  hosts.health[1] = 0;
  hosts.refresh();
  lb.update(130 * SECOND);
  const context = { hasHash: false, hashHi: 0, hashLo: 0, nowNs: 130 * SECOND };
  const picks = Array.from({ length: 20 }, () => lb.chooseHost(null, context));
  expect(picks.filter((host) => host === 1).length).toBe(10);
});
