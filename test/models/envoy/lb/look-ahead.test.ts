// Looking ahead at the next hosts, as predictive preconnecting does: later picks must be those that were seen.
import { describe, expect, it } from 'vitest';
import { NO_HOST } from '../../../../src/models/envoy/host-set.ts';
import { Schedule } from '../../../../src/models/envoy/lb/schedule.ts';
import { balancer, hostSet } from './hosts.ts';

describe.each(['ROUND_ROBIN', 'RANDOM'] as const)('%s', (lbPolicy) => {
  it.each([
    ['equal', 1],
    ['unequal', 3],
  ])('picks what it was seen to pick, with %s weights', (_, weight) => {
    const lb = balancer(hostSet([{ hosts: [{ weight }, {}, {}, {}] }]), { lbPolicy });
    for (let round = 0; round < 20; round++) {
      const seen = [lb.peekAnotherHost(), lb.peekAnotherHost(), lb.peekAnotherHost()];
      expect(seen.map(() => lb.chooseHost())).toEqual(seen);
    }
  });

  it('does not look further than there are healthy hosts', () => {
    const lb = balancer(hostSet([{ hosts: 2 }]), { lbPolicy });
    const seen = [lb.peekAnotherHost(), lb.peekAnotherHost(), lb.peekAnotherHost()];
    expect(seen[1]).not.toBe(NO_HOST);
    expect(seen[2]).toBe(NO_HOST);
  });
});

it('LEAST_REQUEST with equal weights cannot say, nor can policies that hash', () => {
  for (const lbPolicy of ['LEAST_REQUEST', 'RING_HASH'] as const)
    expect(balancer(hostSet([{ hosts: 3 }]), { lbPolicy }).peekAnotherHost()).toBe(NO_HOST);
});

describe('a schedule', () => {
  it('passes over what vanished, seen ahead or not', () => {
    const schedule = Schedule.createWithPicks([0, 1, 2], () => 1, 0);
    const weightOf = () => 1;
    expect([schedule.peekAgain(weightOf), schedule.peekAgain(weightOf)]).toEqual([0, 1]);
    schedule.expire(0);
    schedule.expire(2);
    expect([schedule.pick(weightOf), schedule.pick(weightOf), schedule.pick(weightOf)]).toEqual([1, 1, 1]);
    schedule.expire(1);
    expect(schedule.pick(weightOf)).toBe(-1);
  });
});
