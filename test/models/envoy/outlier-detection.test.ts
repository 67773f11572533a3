import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutlierDetection } from '../../../src/models/envoy/config.ts';
import { OutlierDetector } from '../../../src/models/envoy/outlier-detection.ts';

const S = 1e9;
const detector = (hosts: number, config: OutlierDetection) => {
  const events: [number, string][] = [];
  const out = new OutlierDetector(
    { enforcingSuccessRate: 0, ...config },
    {
      ejected: (host) => events.push([host, 'out']),
      unejected: (host) => events.push([host, 'in']),
      hostCount: () => hosts,
      random: { uint32: () => 0, unit: () => 0 },
    },
  );
  for (let host = 0; host < hosts; host++) out.addHost(host);
  return { out, events };
};

describe('outlier detection', () => {
  it('ejects after the fifth 5xx in a row, not the fourth', () => {
    const { out } = detector(1, { maxEjectionPercent: 100 });
    for (let i = 0; i < 4; i++) out.onHttpCode(0, 500, 0);
    out.onHttpCode(0, 200, 0);
    for (let i = 0; i < 4; i++) out.onHttpCode(0, 500, 0);
    expect(out.isEjected(0)).toBe(false);
    out.onHttpCode(0, 500, 0);
    expect(out.isEjected(0)).toBe(true);
  });

  it.each([false, true])('takes many good answers at once as one by one (split: %s)', (isSplit) => {
    const config = {
      splitExternalLocalOriginErrors: isSplit,
      enforcingSuccessRate: 100,
      successRateMinimumHosts: 3,
      successRateRequestVolume: 50,
      successRateStdevFactor: 1000,
      maxEjectionPercent: 50,
    };
    const [many, each] = [detector(4, config), detector(4, config)];
    for (const { out } of [many, each]) {
      for (let i = 0; i < 3; i++) out.onHttpCode(1, 503, 0);
      out.onHttpCode(3, 503, 0);
    }
    for (const [host, times] of [60, 1, 55, 49].entries()) {
      many.out.onGoodCodes(host, times, 0);
      for (let i = 0; i < times; i++) {
        each.out.onLocalOriginConnectSuccess(host);
        each.out.onHttpCode(host, 200, 0);
      }
    }
    many.out.onGoodCodes(2, 0, 0);
    // A host in four errors more is not out, because the good answers came between.
    for (const { out } of [many, each]) for (let i = 0; i < 4; i++) out.onHttpCode(1, 503, 0);
    for (const { out } of [many, each]) out.tick(10 * S);
    expect(many.events).toEqual(each.events);
    expect(many.out.external).toEqual(each.out.external);
    expect(many.out.localOrigin).toEqual(each.out.localOrigin);
  });

  it.each([
    [2, 0],
    [3, 0],
    [5, 0],
    [10, 1],
    [11, 1],
    [20, 2],
  ])('of %i bad hosts ejects %i with the default 10 %%', (hosts, ejected) => {
    const { out } = detector(hosts, { consecutive5xx: 1 });
    for (let host = 0; host < hosts; host++) out.onHttpCode(host, 503, 0);
    expect(out.ejectionsActive).toBe(ejected);
    expect(out.ejectionsOverflow).toBe(hosts - ejected);
  });

  it('always allowed the first ejection before Envoy 1.28', () => {
    const { out } = detector(2, { consecutive5xx: 1, checkMaxEjectionPercentOnFirstEject: false });
    out.onHttpCode(0, 503, 0);
    out.onHttpCode(1, 503, 0);
    expect(out.ejectionsActive).toBe(1);
  });

  it('counts a 500 as no gateway failure, and resets that counter by it', () => {
    const { out } = detector(1, {
      maxEjectionPercent: 100,
      consecutive5xx: 100,
      consecutiveGatewayFailure: 3,
      enforcingConsecutiveGatewayFailure: 100,
    });
    for (const code of [503, 503, 500, 503, 503, 500]) out.onHttpCode(0, code, 0);
    expect(out.isEjected(0)).toBe(false);
    for (const code of [502, 503, 504]) out.onHttpCode(0, code, 0);
    expect(out.isEjected(0)).toBe(true);
  });

  it('counts refused connections apart when local origin errors are split off', () => {
    const { out } = detector(1, {
      maxEjectionPercent: 100,
      consecutive5xx: 1,
      splitExternalLocalOriginErrors: true,
      consecutiveLocalOriginFailure: 2,
    });
    out.onLocalOriginFailure(0, 0);
    expect(out.isEjected(0)).toBe(false);
    out.onLocalOriginFailure(0, 0);
    expect(out.isEjected(0)).toBe(true);
  });

  it('returns a host on the first tick after n x base, n growing by one with each ejection', () => {
    const { out, events } = detector(1, {
      maxEjectionPercent: 100,
      consecutive5xx: 1,
      interval: '10s',
      baseEjectionTime: '10s',
    });
    const outFor: number[] = [];
    let now = 0;
    const tick = () => {
      now += 10 * S;
      out.tick(now);
    };
    for (let round = 0; round < 3; round++) {
      out.onHttpCode(0, 503, now);
      const since = now;
      while (out.isEjected(0)) tick();
      outFor.push((now - since) / S);
    }
    expect(outFor).toEqual([10, 20, 30]);
    expect(events.map((event) => event[1])).toEqual(['out', 'in', 'out', 'in', 'out', 'in']);
    for (let quiet = 0; quiet < 2; quiet++) tick();
    expect(out.multiplier(0)).toBe(1);
  });

  it('never has more hosts out than the percentage allows, whatever fails', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.tuple(fc.nat(39), fc.constantFrom(200, 503, 500))),
        (hosts, percent, answers) => {
          const { out } = detector(hosts, {
            consecutive5xx: 2,
            maxEjectionPercent: percent,
            interval: '1s',
            baseEjectionTime: '1s',
          });
          for (const [i, [host, code]] of answers.entries()) {
            out.onHttpCode(host % hosts, code, i * 1e8);
            if (i % 10 === 9) out.tick(i * 1e8);
            expect(out.ejectionsActive).toBeLessThanOrEqual(Math.floor((percent * hosts) / 100));
          }
        },
      ),
    );
  });
});
