import fc from 'fast-check';
import { expect, it } from 'vitest';
import { choosePriority, priorityLoad } from '../../../src/models/envoy/priority-load.ts';

it.each([
  [0, 0],
  [69, 0],
  [70, 2],
  [99, 2],
  [170, 2],
])('draw %i with loads 70/30 gives %i (twice the priority)', (draw, chosen) => {
  expect(choosePriority(draw, [70, 30], [0, 0])).toBe(chosen);
});

it('loads sum to 100 whatever the health of any priorities', () => {
  const level = fc
    .tuple(fc.nat(20), fc.nat(20), fc.nat(20))
    .map(([healthy, degraded, bad]) => ({ hosts: healthy + degraded + bad, healthy, degraded, excluded: 0 }));
  fc.assert(
    fc.property(
      fc.array(level, { minLength: 1, maxLength: 5 }),
      fc.nat(100),
      (priorities, panicThreshold) => {
        const { healthyLoad, degradedLoad } = priorityLoad(priorities, {
          overprovisioningFactor: 140,
          panicThreshold,
        });
        expect([...healthyLoad, ...degradedLoad].reduce((a, b) => a + b, 0)).toBe(100);
      },
    ),
  );
});
