// Values recorded from istiod's own code (master of 2026-08, rules of 1.31 and later), replayed on our functions.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { effectiveLbSetting } from '../../../src/models/istio/effective-setting.ts';
import { applyLocalityLb, applyZoneAware, localityMatches } from '../../../src/models/istio/locality-lb.ts';
import { translateOutlierDetection } from '../../../src/models/istio/outlier-policy.ts';
import { istioProfile } from '../../../src/models/istio/profile.ts';

// biome-ignore lint/suspicious/noExplicitAny: recorded JSON of many shapes
type Recorded = any;

const profile = istioProfile('1.32');
const recorded = (name: string): [string, Recorded][] =>
  JSON.parse(
    readFileSync(new URL(`../../recordings/istio-cases/${name}.json`, import.meta.url), 'utf8'),
  ).cases.map((entry: Recorded) => [entry.id, entry]);

describe('priorities and weights of locality groups', () => {
  it.each(recorded('01-locality-unit'))('%s', (_, { input, expect: expected }) => {
    type Group = {
      locality: string;
      endpoints: { address?: string; addresses?: string[]; labels: Record<string, string>; weight: number }[];
      weight?: number;
    };
    const groups = input.groups.map((group: Group) => ({
      ...group,
      priority: 0,
    }));
    const got =
      input.mode === 'zoneAware'
        ? applyZoneAware(groups, input.client, input.setting, profile)
        : applyLocalityLb(groups, input.client, input.setting, input.failoverEnabled, profile);
    const plain = (list: { locality: string; priority: number; addresses: string[] }[]) =>
      list
        .map(({ locality, priority, addresses }) => `${locality} p${priority} ${[...addresses].sort()}`)
        .sort();
    // Unset weights are null in the recordings.
    const weights = (list: { locality: string; priority: number; weight?: number | null }[]) =>
      list.map((group) => `${group.locality} p${group.priority} ${group.weight}`).sort();
    if (expected.groups.some((group: Recorded) => group.weight !== null)) {
      expect(weights(got.map((group) => ({ ...group, weight: group.weight ?? null })) as Recorded)).toEqual(
        weights(expected.groups),
      );
    }
    const gotPlain = plain(
      got.map((group: Recorded) => ({
        ...group,
        addresses: group.endpoints.map((endpoint: Recorded) => endpoint.address),
      })),
    );
    expect(gotPlain).toEqual(plain(expected.groups));
  });
});

describe('the setting in force', () => {
  it.each(recorded('02-effective-setting'))('%s', (_, { input, expect: expected }) => {
    const got = effectiveLbSetting(input, profile);
    if (expected === null) expect(got).toBeNull();
    else
      expect(got).toEqual({
        kind: expected.kind,
        setting: expected.setting,
        forcesFailover: expected.forcesFailover,
      });
  });
});

it('reads trafficDistribution only in releases that know it', () => {
  const labels = (version: string, trafficDistribution: string) =>
    effectiveLbSetting({ trafficDistribution }, istioProfile(version))?.setting.failoverPriority?.length ?? 0;
  expect(['1.24', '1.25', '1.26', '1.27'].map((version) => labels(version, 'PreferClose'))).toEqual([
    0, 4, 4, 3,
  ]);
  expect(['1.26', '1.27'].map((version) => labels(version, 'PreferSameNode'))).toEqual([0, 5]);
});

describe('locality rules', () => {
  it.each(recorded('10-locality-match'))('%s', (_, { input, expect: expected }) => {
    expect(localityMatches(input.locality, input.rule)).toBe(expected);
  });
});

describe('outlierDetection', () => {
  it.each(recorded('11-outlier-unit'))('%s', (_, { input, expect: expected }) => {
    const got = translateOutlierDetection(input.outlierDetection, profile, (text) => text);
    expect(got).toEqual({ outlierDetection: expected.set, healthyPanicThreshold: expected.panicThreshold });
  });

  it('bound the first ejection by the percentage only since 1.20', () => {
    const of = (version: string) =>
      translateOutlierDetection({}, istioProfile(version), (text) => text).outlierDetection;
    expect(of('1.19').checkMaxEjectionPercentOnFirstEject).toBe(false);
    expect(of('1.20').checkMaxEjectionPercentOnFirstEject).toBeUndefined();
  });
});

describe('distribute', () => {
  const group = (locality: string, hosts: number) => ({
    locality,
    priority: 0,
    weight: hosts,
    endpoints: Array.from({ length: hosts }, () => ({ labels: {}, weight: 1 })),
  });
  const client = { locality: 'cn-hangzhou/h', labels: {} };

  it('gives 90/10 whatever the number of endpoints', () => {
    const setting = {
      distribute: [{ from: 'cn-hangzhou/*', to: { 'cn-hangzhou/*': 90, 'cn-shanghai/*': 10 } }],
    };
    const got = applyLocalityLb(
      [group('cn-hangzhou/h', 7), group('cn-shanghai/b', 1)],
      client,
      setting,
      true,
      profile,
    );
    expect(got.map((entry) => [entry.weight, entry.priority])).toEqual([
      [90, 0],
      [10, 0],
    ]);
  });

  it('rounds each share up: 90/10 with the 10 over three zones is 90:12 (DI-6)', () => {
    const setting = { distribute: [{ from: 'cn-hangzhou', to: { 'cn-hangzhou': 90, 'cn-shanghai': 10 } }] };
    const got = applyLocalityLb(
      ['a', 'b', 'c'].map((zone) => group(`cn-shanghai/${zone}`, 1)).concat(group('cn-hangzhou/h', 1)),
      client,
      setting,
      false,
      profile,
    );
    expect(got.map((entry) => entry.weight)).toEqual([4, 4, 4, 90]);
  });

  it('takes all endpoints from a locality that no target names (DI-4)', () => {
    const setting = { distribute: [{ from: '*', to: { 'cn-shanghai/*': 100 } }] };
    const got = applyLocalityLb(
      [group('cn-hangzhou/h', 2), group('cn-shanghai/b', 1)],
      client,
      setting,
      false,
      profile,
    );
    expect(got.map((entry) => entry.endpoints.length)).toEqual([0, 1]);
  });
});
