import { describe, expect, it } from 'vitest';
import { Streams } from '../../../src/engine/random.ts';
import { Network } from '../../../src/models/run/network.ts';
import type { LinkSpec, Place } from '../../../src/models/world.ts';

const place = (cluster: string, segment?: string): Place => ({
  cluster,
  region: cluster,
  zone: '',
  node: '',
  ...(segment && { segment }),
});

function joined(linkOf: (from: Place, to: Place) => LinkSpec, places = [place('a'), place('b')]) {
  const clock = { nowNs: 0 };
  const network = new Network(linkOf, new Streams(1, 0).stream('network'), clock);
  const indexes = places.map((each) => network.indexOf(each));
  network.seal();
  return { network, clock, indexes };
}

describe('the way of a message while it is alone', () => {
  it('is what every message takes, on a narrow line too', () => {
    const queue = { name: 'line', bitsPerSecond: 3e6 };
    const { network, clock } = joined((from, to) => ({ delayNs: 7000, ...(from !== to && { queue }) }));
    const alone = network.steadyDelay(0, 1, 1001);
    expect(alone).toBe(7000 + Math.round((1001 * 8e9) / 3e6));
    for (let i = 0; i < 5; i++) {
      expect(network.delay(0, 1, 1001)).toBe(alone);
      clock.nowNs += alone;
    }
    expect(network.steadyDelay(0, 0, 1001)).toBe(7000);
  });

  it('is unknown while the line is busy, and where it is drawn', () => {
    const queue = { name: 'line', bitsPerSecond: 3e6 };
    const { network } = joined(() => ({ delayNs: 7000, queue }));
    network.delay(0, 1, 1001);
    expect(network.steadyDelay(0, 1, 1)).toBe(-1);
    expect(joined(() => ({ delayNs: 5, jitterNs: 3 })).network.steadyDelay(0, 1, 1)).toBe(-1);
    expect(joined(() => ({ delayNs: 5, loss: 0.1 })).network.steadyDelay(0, 1, 1)).toBe(-1);
  });
});

describe('a blocked direction', () => {
  const { network } = joined((from) => ({ delayNs: 5, isBlocked: from.cluster === 'a' }));

  it('stops connections of that direction alone, and no message of others', () => {
    expect([network.isBlocked(0, 1), network.isBlocked(1, 0)]).toEqual([true, false]);
    expect([network.isCut(0, 1), network.isCut(1, 0)]).toEqual([false, false]);
    expect(network.delay(0, 1, 1000)).toBe(5);
  });

  it('is blocked as well while a partition lasts, and after it', () => {
    network.setPartition(['a', 'b'], true);
    expect([network.isBlocked(0, 1), network.isBlocked(1, 0)]).toEqual([true, true]);
    network.setPartition(['a', 'b'], false);
    expect([network.isBlocked(0, 1), network.isBlocked(1, 0)]).toEqual([true, false]);
  });

  it('may be blocked for single ports', () => {
    const { network: ports } = joined((from) => ({
      delayNs: 5,
      ...(from.cluster === 'a' && { closedPorts: [9090] }),
    }));
    expect(ports.isBlocked(0, 1, '10.0.0.1:9090')).toBe(true);
    expect(ports.isBlocked(0, 1, '10.0.0.1:9080')).toBe(false);
    expect(ports.isBlocked(0, 1)).toBe(false);
    expect(ports.isBlocked(1, 0, '10.0.0.1:9090')).toBe(false);
  });
});

describe('parts of a cluster', () => {
  it('are places of their own', () => {
    const { network, indexes } = joined(
      (from, to) => ({ delayNs: 0, isBlocked: from.segment === 'x' && to.cluster === 'b' }),
      [place('a'), place('a', 'x'), place('b'), place('a')],
    );
    expect(indexes).toEqual([0, 1, 2, 0]);
    expect([network.isBlocked(0, 2), network.isBlocked(1, 2)]).toEqual([false, true]);
  });
});

describe('a line of limited width', () => {
  // 8 Mbit/s = 1 byte per microsecond.
  const narrow = () =>
    joined((from) => ({ delayNs: 1000, queue: { name: `from ${from.cluster}`, bitsPerSecond: 8e6 } }));

  it('takes size over width for a message, and the delay on top', () => {
    const { network } = narrow();
    expect(network.delay(0, 1, 500)).toBe(501_000);
  });

  it('lets messages pass one after the other, each direction for itself', () => {
    const { network, clock } = narrow();
    expect(network.delay(0, 1, 500)).toBe(501_000);
    expect(network.delay(0, 1, 500)).toBe(1_001_000);
    expect(network.delay(1, 0, 500)).toBe(501_000);
    clock.nowNs = 900_000;
    expect(network.delay(0, 1, 500)).toBe(601_000);
    clock.nowNs = 5_000_000;
    expect(network.delay(0, 1, 500)).toBe(501_000);
  });

  it('makes packets without size wait, and no others for them', () => {
    const { network } = narrow();
    network.delay(0, 1, 500);
    expect(network.delay(0, 1)).toBe(501_000);
    expect(network.delay(0, 1)).toBe(501_000);
  });

  it('is shared by all places that name it', () => {
    const { network } = joined(
      () => ({ delayNs: 0, queue: { name: 'one', bitsPerSecond: 8e6 } }),
      [place('a'), place('b'), place('c')],
    );
    expect(network.delay(0, 1, 100)).toBe(100_000);
    expect(network.delay(2, 1, 100)).toBe(200_000);
    expect(network.delay(1, 0, 100)).toBe(300_000);
  });

  it('is no line at all without a width', () => {
    const { network } = joined(() => ({ delayNs: 7 }));
    expect(network.delay(0, 1, 1e9)).toBe(7);
  });
});
