import { describe, expect, it } from 'vitest';
import type { Cluster, LbSubsetConfig } from '../../../../src/models/envoy/config.ts';
import { FAILED_OUTLIER, HostSet, NO_HOST } from '../../../../src/models/envoy/host-set.ts';
import { balancer } from './hosts.ts';

/** Hosts 0 to 5: versions v1 v1 v2 v2 v3 -, stages prod dev prod dev prod prod. */
function versions(): HostSet {
  const hosts = new HostSet();
  hosts.assign(assignment(['v1', 'v1', 'v2', 'v2', 'v3', '']));
  return hosts;
}

function assignment(list: string[], stages = ['prod', 'dev', 'prod', 'dev', 'prod', 'prod']) {
  return {
    clusterName: 'c',
    endpoints: [
      {
        lbEndpoints: list.map((version, i) => ({
          endpoint: { address: '10.0.0.1', port: 80 + i },
          metadata: { stage: stages[i]!, ...(version === '' ? {} : { version }) },
        })),
      },
    ],
  };
}

const context = (metadataMatch?: Record<string, string>) => ({
  hasHash: false,
  hashHi: 0,
  hashLo: 0,
  metadataMatch,
  nowNs: 0,
});

function chosen(
  lbSubsetConfig: LbSubsetConfig,
  metadataMatch?: Record<string, string>,
  hosts = versions(),
  cluster: Partial<Cluster> = {},
): Set<number> {
  const lb = balancer(hosts, { ...cluster, lbSubsetConfig });
  const one = context(metadataMatch);
  return new Set(Array.from({ length: 60 }, () => lb.chooseHost(null, one)));
}

const byVersion: LbSubsetConfig = { subsetSelectors: [{ keys: ['version'] }] };

describe('a subset', () => {
  it('takes the hosts whose metadata equals the match of the route', () => {
    expect(chosen(byVersion, { version: 'v1' })).toEqual(new Set([0, 1]));
    expect(chosen(byVersion, { version: 'v3' })).toEqual(new Set([4]));
  });

  it('is found by all keys of a selector, not by some', () => {
    const both: LbSubsetConfig = { subsetSelectors: [{ keys: ['version', 'stage'] }] };
    expect(chosen(both, { stage: 'dev', version: 'v2' })).toEqual(new Set([3]));
    expect(chosen(both, { version: 'v2' })).toEqual(new Set([NO_HOST]));
  });

  it('is used as it is when its hosts are ill: it panics by itself, or has nobody', () => {
    const hosts = versions();
    hosts.health[0] = FAILED_OUTLIER;
    hosts.health[1] = FAILED_OUTLIER;
    hosts.refresh();
    const fallback: LbSubsetConfig = { ...byVersion, fallbackPolicy: 'ANY_ENDPOINT' };
    expect(chosen(fallback, { version: 'v1' }, hosts)).toEqual(new Set([0, 1]));
    const never = { commonLbConfig: { healthyPanicThreshold: 0 } };
    expect(chosen(fallback, { version: 'v1' }, hosts, never)).toEqual(new Set([NO_HOST]));
  });

  it('comes and goes with its hosts', () => {
    const hosts = versions();
    const lb = balancer(hosts, { lbSubsetConfig: byVersion });
    const v9 = context({ version: 'v9' });
    expect(lb.chooseHost(null, v9)).toBe(NO_HOST);
    hosts.assign(assignment(['v9', 'v1', 'v2', 'v2', 'v3', '']));
    lb.update();
    expect(lb.chooseHost(null, v9)).toBe(0);
    hosts.assign(assignment(['v1', 'v1', 'v2', 'v2', 'v3', '']));
    lb.update();
    expect(lb.chooseHost(null, v9)).toBe(NO_HOST);
    expect([lb.stats.lb_subsets_created, lb.stats.lb_subsets_removed]).toEqual([4, 1]);
  });

  it('turns round by itself, undisturbed by its neighbours', () => {
    const lb = balancer(versions(), { lbSubsetConfig: byVersion });
    const [v1, v2] = [context({ version: 'v1' }), context({ version: 'v2' })];
    const picks = Array.from({ length: 20 }, (_, i) => lb.chooseHost(null, i % 2 ? v2 : v1));
    expect(picks.filter((host) => host === 0).length).toBe(5);
    expect(picks.filter((host) => host === 3).length).toBe(5);
  });

  it('of a single host is that host, ill or not', () => {
    const hosts = versions();
    hosts.health[4] = FAILED_OUTLIER;
    hosts.refresh();
    const single: LbSubsetConfig = { subsetSelectors: [{ keys: ['version'], singleHostPerSubset: true }] };
    expect(chosen(single, { version: 'v3' }, hosts)).toEqual(new Set([4]));
  });

  it('has a ring of its own where the policy hashes', () => {
    expect(chosen(byVersion, { version: 'v2' }, versions(), { lbPolicy: 'RING_HASH' })).toEqual(
      new Set([2, 3]),
    );
  });
});

describe('without a matching subset', () => {
  const unknown = { version: 'v9' };
  const everybody = new Set([0, 1, 2, 3, 4, 5]);

  it('nobody is chosen by default', () => {
    expect(chosen(byVersion, unknown)).toEqual(new Set([NO_HOST]));
    expect(chosen(byVersion)).toEqual(new Set([NO_HOST]));
  });

  it('any endpoint, or the default subset, when told so', () => {
    expect(chosen({ ...byVersion, fallbackPolicy: 'ANY_ENDPOINT' }, unknown)).toEqual(everybody);
    const defaultSubset = { stage: 'dev' };
    expect(chosen({ ...byVersion, fallbackPolicy: 'DEFAULT_SUBSET', defaultSubset })).toEqual(
      new Set([1, 3]),
    );
  });

  it('the fallback of the selector goes before the general one', () => {
    const config: LbSubsetConfig = {
      fallbackPolicy: 'ANY_ENDPOINT',
      subsetSelectors: [{ keys: ['version'], fallbackPolicy: 'NO_FALLBACK' }],
    };
    expect(chosen(config, unknown)).toEqual(new Set([NO_HOST]));
    expect(chosen(config, { stage: 'dev' })).toEqual(everybody);
  });

  it('fewer keys are tried when the selector says so', () => {
    const config: LbSubsetConfig = {
      subsetSelectors: [
        { keys: ['stage'] },
        { keys: ['stage', 'version'], fallbackPolicy: 'KEYS_SUBSET', fallbackKeysSubset: ['stage'] },
      ],
    };
    expect(chosen(config, { stage: 'dev', version: 'v9' })).toEqual(new Set([1, 3]));
  });

  it('panic_mode_any takes anybody when the fallback has nobody', () => {
    const config: LbSubsetConfig = {
      ...byVersion,
      fallbackPolicy: 'DEFAULT_SUBSET',
      defaultSubset: { stage: 'none' },
      panicModeAny: true,
    };
    expect(chosen(config, unknown)).toEqual(everybody);
  });
});

describe('locality weights in subsets', () => {
  const groups = (weightA: number, weightB: number) => {
    const hosts = new HostSet();
    const group = (zone: string, weight: number, list: string[]) => ({
      locality: { region: 'r', zone },
      loadBalancingWeight: weight,
      lbEndpoints: list.map((version, i) => ({
        endpoint: { address: `10.0.0.${zone === 'A' ? 1 : 2}`, port: 80 + i },
        metadata: { version },
      })),
    });
    hosts.assign({
      clusterName: 'c',
      endpoints: [group('A', weightA, ['v1', 'v2', 'v2', 'v2']), group('B', weightB, ['v1', 'v1'])],
    });
    return hosts;
  };
  const counts = (config: Partial<LbSubsetConfig>) => {
    const lb = balancer(groups(80, 20), {
      commonLbConfig: { localityWeightedLbConfig: {} },
      lbSubsetConfig: { ...byVersion, ...config },
    });
    const v1 = context({ version: 'v1' });
    let home = 0;
    for (let i = 0; i < 200; i++) if (lb.chooseHost(null, v1) === 0) home++;
    return home;
  };

  it('count only when the subsets are told of them', () => {
    expect(Math.abs(counts({}) - 200 / 3)).toBeLessThanOrEqual(1);
    expect(counts({ localityWeightAware: true })).toBe(160);
  });

  it('shrink with the part of the locality that is in the subset: 80 x 1/4 against 20 x 2/2', () => {
    expect(counts({ localityWeightAware: true, scaleLocalityWeight: true })).toBe(100);
  });
});
