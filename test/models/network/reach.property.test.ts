import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asmProblems } from '../../../src/models/asm/checks.ts';
import { networkProblems } from '../../../src/models/network/checks.ts';
import type { NetworkPlan } from '../../../src/models/network/plan.ts';
import { obstacleBetween } from '../../../src/models/network/reach.ts';
import { Segments } from '../../../src/models/network/segments.ts';
import { twoRegions } from './plans.ts';

const flag = fc.boolean();

describe('whether two regions reach each other', () => {
  it('is what the plan says, in both directions', () => {
    const wishes = fc.record({
      isAttached: fc.tuple(flag, flag),
      hasPackage: flag,
      hasBandwidth: flag,
      isOneRegion: flag,
      isPublished: fc.tuple(flag, flag),
      areSwitchesApart: flag,
      arePodsApart: flag,
      isAdmitted: fc.tuple(flag, flag),
    });
    fc.assert(
      fc.property(wishes, (wish) => {
        const plan = twoRegions();
        const [a, b] = ['vpc-hangzhou', 'vpc-shanghai'] as const;
        plan.cen.attach = [a, b].filter((_, i) => wish.isAttached[i]);
        if (!wish.hasPackage) delete plan.cen.bandwidthPackage;
        if (!wish.hasBandwidth) plan.cen.bandwidth = [];
        if (wish.isOneRegion) plan.vpcs[b]!.region = 'cn-hangzhou';
        if (!wish.isPublished[0]) plan.cen.publish![a] = [];
        if (!wish.isPublished[1]) plan.cen.publish![b] = [];
        if (!wish.areSwitchesApart)
          plan.vpcs[b]!.vSwitches!['vpc-shanghai-switch-1']!.cidr = '192.168.0.0/24';
        if (!wish.arePodsApart) plan.clusters[1]!.podCIDR = plan.clusters[0]!.podCIDR!;
        if (!wish.isAdmitted[0]) plan.securityGroups['sg-hangzhou']!.ingress = [];
        if (!wish.isAdmitted[1]) plan.securityGroups['sg-shanghai']!.ingress = [];
        const isJoined =
          wish.isAttached.every(Boolean) &&
          wish.isPublished.every(Boolean) &&
          (wish.isOneRegion || (wish.hasPackage && wish.hasBandwidth)) &&
          wish.areSwitchesApart &&
          wish.arePodsApart;
        const there = obstacleBetween(plan, { cluster: 'ack-hangzhou' }, { cluster: 'ack-shanghai' });
        const back = obstacleBetween(plan, { cluster: 'ack-shanghai' }, { cluster: 'ack-hangzhou' });
        expect(there === null).toBe(isJoined && wish.isAdmitted[1]);
        expect(back === null).toBe(isJoined && wish.isAdmitted[0]);
        if (there?.isBothWays) expect(back?.rule).toBe(there.rule);
        const told = networkProblems(plan).map(({ rule }) => rule);
        for (const found of [there, back]) if (found) expect(told).toContain(found.rule);
      }),
      { numRuns: 300 },
    );
  });
});

const word = fc.constantFrom(
  'a',
  'b',
  'constructor',
  '__proto__',
  '',
  '10.0.0.0/8',
  '10.0.0.0',
  'x/y',
  '300.1.1.1/99',
);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });
const dictionary = <T>(of: fc.Arbitrary<T>) => maybe(fc.dictionary(word, of, { maxKeys: 3 }));

const strangePlan = fc.record({
  clusters: fc.array(
    fc.record({
      id: word,
      type: maybe(fc.constantFrom('ack', 'ask', 'external', 'any', 'odd')),
      region: maybe(word),
      network: maybe(word),
      vpc: maybe(word),
      vSwitches: maybe(fc.array(word, { maxLength: 2 })),
      podCIDR: maybe(word),
      serviceCIDR: maybe(word),
      securityGroup: maybe(word),
      components: maybe(fc.array(word, { maxLength: 2 })),
    }),
    { maxLength: 4 },
  ),
  vpcs: dictionary(
    fc.record({ region: maybe(word), cidr: word, vSwitches: dictionary(fc.record({ cidr: word })) }),
  ),
  securityGroups: dictionary(
    fc.record({
      ingress: maybe(
        fc.array(
          fc.record({
            from: word,
            ports: maybe(fc.oneof(fc.integer(), word, fc.array(fc.oneof(fc.integer(), word)))),
            protocol: maybe(word),
          }),
          { maxLength: 2 },
        ),
      ),
    }),
  ),
  cen: maybe(
    fc.record({
      attach: maybe(fc.array(word)),
      bandwidthPackage: maybe(fc.double()),
      bandwidth: maybe(fc.array(fc.record({ between: fc.tuple(word, word), limit: fc.double() }))),
      publish: dictionary(fc.array(word)),
    }),
  ),
}) as fc.Arbitrary<NetworkPlan>;

describe('strange plans', () => {
  it('are read without failing, and every problem has words and a place', () => {
    fc.assert(
      fc.property(strangePlan, word, word, fc.integer({ min: 0, max: 70_000 }), (plan, ip, ip2, port) => {
        const segments = new Segments(plan);
        for (const { id: from } of plan.clusters)
          for (const { id: to } of plan.clusters) {
            obstacleBetween(plan, { cluster: from, ip }, { cluster: to, ip: ip2, port });
            const [a, b] = [from, to].map((cluster) => ({
              cluster,
              segment: segments.of({ cluster, ip, ports: [port], isGateway: port % 2 === 0 }),
            }));
            segments.obstacle(a!, b!);
            expect(segments.obstacle({ cluster: from }, { cluster: from })).toBeNull();
          }
        const problems = [
          ...networkProblems(plan),
          ...asmProblems({ ...plan, mesh: { provider: 'asm', meshConfig: {} }, gateways: [] }),
        ];
        for (const { rule, message, hint, path } of problems) {
          expect(rule).toMatch(/^(NET|ASM)\d{3}$/);
          expect(message.length * hint.length).toBeGreaterThan(0);
          expect(path[0]).toMatch(/^(clusters|vpcs|securityGroups|cen|mesh)$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
