import { describe, expect, it } from 'vitest';
import type { LocalityLbEndpoints } from '../../../src/models/envoy/config.ts';
import {
  FAILED_ACTIVE_HC,
  HostSet,
  type HostSetOptions,
  PENDING_ACTIVE_HC,
  PENDING_DYNAMIC_REMOVAL,
} from '../../../src/models/envoy/host-set.ts';

const group = (
  zone: string,
  ports: number[],
  over: Partial<LocalityLbEndpoints> = {},
): LocalityLbEndpoints => ({
  locality: { region: 'r', zone },
  lbEndpoints: ports.map((port) => ({ endpoint: { address: '10.0.0.1', port } })),
  ...over,
});

function set(options: HostSetOptions, endpoints: LocalityLbEndpoints[]): HostSet {
  const hosts = new HostSet(options);
  hosts.assign({ clusterName: 'c', endpoints });
  return hosts;
}

const localities = (hosts: HostSet) => hosts.priorities[0]!.localities.map((locality) => locality.name);
const ports = (hosts: HostSet, list: number[]) => list.map((host) => hosts.address[host]!.split(':')[1]);

describe('localities', () => {
  const endpoints = [group('c', [1]), group('a', [2]), group('b', []), group('d', [3])];

  it('stand in order of their names, and only those with hosts', () => {
    expect(localities(set({}, endpoints))).toEqual(['r/a', 'r/c', 'r/d']);
    expect(set({}, endpoints).priorities[0]!.hasLocalLocality).toBe(false);
  });

  it('stand behind the own one', () => {
    const hosts = set({ localLocality: 'r/d' }, endpoints);
    expect(localities(hosts)).toEqual(['r/d', 'r/a', 'r/c']);
    expect(hosts.priorities[0]!.hasLocalLocality).toBe(true);
  });

  it('do not change the order of all hosts, which is that of the assignment', () => {
    const hosts = set({}, endpoints);
    expect(ports(hosts, hosts.priorities[0]!.hosts)).toEqual(['1', '2', '3']);
  });
});

describe('an assignment', () => {
  it('says which priorities it changed, and in which the membership', () => {
    const hosts = set({}, [group('a', [1]), group('a', [2], { priority: 1 })]);
    const again = hosts.assign({
      clusterName: 'c',
      endpoints: [group('a', [1]), group('a', [2, 3], { priority: 1 })],
    });
    expect(again).toMatchObject({ changedPriorities: [1], membershipChanged: [1] });
    const weighted = hosts.assign({
      clusterName: 'c',
      endpoints: [group('a', [1], { loadBalancingWeight: 7 }), group('a', [2, 3], { priority: 1 })],
    });
    expect(weighted).toMatchObject({ changedPriorities: [0], membershipChanged: [] });
  });

  it('that only changes the order changes nothing', () => {
    const hosts = set({}, [group('a', [1, 2, 3])]);
    const change = hosts.assign({ clusterName: 'c', endpoints: [group('a', [3, 1, 2])] });
    expect(change.changedPriorities).toEqual([]);
    expect(ports(hosts, hosts.priorities[0]!.hosts)).toEqual(['1', '2', '3']);
  });

  it('can leave the lists of the workers as they are until a refresh', () => {
    const hosts = set({}, [group('a', [1])]);
    hosts.assign({ clusterName: 'c', endpoints: [group('a', [1, 2])] }, false);
    expect(hosts.priorities[0]!.hosts.length).toBe(1);
    hosts.refresh(0);
    expect(hosts.priorities[0]!.hosts.length).toBe(2);
  });

  it('makes a new host of an address that moved to another locality, not of one that changed its priority', () => {
    const hosts = set({}, [group('a', [1])]);
    expect(hosts.assign({ clusterName: 'c', endpoints: [group('a', [1], { priority: 1 })] }).added).toEqual(
      [],
    );
    expect(hosts.assign({ clusterName: 'c', endpoints: [group('b', [1])] })).toMatchObject({
      added: [1],
      removed: [0],
    });
  });
});

describe('with active health checks', () => {
  const checked = { isHealthChecked: true };

  it('a new host is ill until its first check passes, and may count nowhere', () => {
    const hosts = set(checked, [group('a', [1])]);
    expect(hosts.health[0]).toBe(FAILED_ACTIVE_HC);
    const waiting = set({ ...checked, ignoreNewHostsUntilFirstHc: true }, [group('a', [1])]);
    expect(waiting.health[0]).toBe(FAILED_ACTIVE_HC | PENDING_ACTIVE_HC);
    expect([hosts.priorities[0]!.excluded, waiting.priorities[0]!.excluded]).toEqual([0, 1]);
  });

  it('a removed host stays, last in order, while its check passes, and goes when it fails', () => {
    const hosts = set(checked, [group('a', [1, 2])]);
    hosts.health.fill(0);
    const change = hosts.assign({ clusterName: 'c', endpoints: [group('a', [2, 3])] });
    expect(change.removed).toEqual([]);
    expect(ports(hosts, hosts.priorities[0]!.hosts)).toEqual(['2', '3', '1']);
    expect(hosts.health[0]).toBe(PENDING_DYNAMIC_REMOVAL);
    expect([hosts.dropPendingRemoval(1), hosts.dropPendingRemoval(0)]).toEqual([false, true]);
    hosts.refresh();
    expect([hosts.memberCount, hosts.priorities[0]!.hosts.length]).toEqual([2, 2]);
  });

  it('a removed host that fails its check, or is not to be asked, leaves at once', () => {
    const failed = set(checked, [group('a', [1, 2])]);
    expect(failed.assign({ clusterName: 'c', endpoints: [group('a', [2])] }).removed).toEqual([0]);
    const ignoring = set({ ...checked, ignoreHealthOnHostRemoval: true }, [group('a', [1, 2])]);
    ignoring.health.fill(0);
    expect(ignoring.assign({ clusterName: 'c', endpoints: [group('a', [2])] }).removed).toEqual([0]);
  });

  it('a host that comes back before it left loses the mark', () => {
    const hosts = set(checked, [group('a', [1, 2])]);
    hosts.health.fill(0);
    hosts.assign({ clusterName: 'c', endpoints: [group('a', [2])] });
    expect(hosts.assign({ clusterName: 'c', endpoints: [group('a', [1, 2])] }).added).toEqual([]);
    expect(hosts.health).toEqual([0, 0]);
  });
});
