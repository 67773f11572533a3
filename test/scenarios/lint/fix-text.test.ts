import { describe, expect, it } from 'vitest';
import { fixedText } from '../../../src/scenarios/lint/fix-text.ts';

const BLOCK = `# ours
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: reviews   # the one
spec:
  host: reviews
  trafficPolicy:
    outlierDetection:
      consecutive5xxErrors: 1   # at once
      interval: 1s
    # below
    connectionPool: {}
---
kind: DestinationRule
metadata: { name: other, namespace: shop }
spec: { host: other, trafficPolicy: { outlierDetection: {} } }
`;
const at = ['spec', 'trafficPolicy', 'outlierDetection', 'maxEjectionPercent'];
const fix = (object: string, path: (string | number)[], value: unknown) => ({
  object,
  file: 'f',
  path,
  value,
});
const changed = (text: string | undefined) =>
  (text ?? '').split('\n').filter((line) => !BLOCK.split('\n').includes(line));

describe('a fix', () => {
  it('adds a line to a block and leaves all others as they are', () => {
    const text = fixedText(BLOCK, fix('DestinationRule default/reviews', at, 100));
    expect(changed(text)).toEqual(['      maxEjectionPercent: 100']);
    expect(text?.split('\n')).toHaveLength(BLOCK.split('\n').length + 1);
  });

  it('adds to a mapping in one line', () => {
    const text = fixedText(BLOCK, fix('DestinationRule shop/other', at, 100));
    expect(changed(text)).toEqual([
      'spec: { host: other, trafficPolicy: { outlierDetection: { maxEjectionPercent: 100 } } }',
    ]);
  });

  it('replaces a value and keeps the comment behind it', () => {
    const text = fixedText(
      BLOCK,
      fix(
        'DestinationRule default/reviews',
        ['spec', 'trafficPolicy', 'outlierDetection', 'consecutive5xxErrors'],
        0,
      ),
    );
    expect(changed(text)).toEqual(['      consecutive5xxErrors: 0   # at once']);
  });

  it('makes what is missing on the way', () => {
    const path = ['spec', 'trafficPolicy', 'connectionPool', '..', 'loadBalancer', 'simple'];
    expect(changed(fixedText(BLOCK, fix('DestinationRule default/reviews', path, 'LEAST_REQUEST')))).toEqual([
      '    loadBalancer: { simple: LEAST_REQUEST }',
    ]);
  });

  it('does nothing to another object, and nothing twice', () => {
    expect(fixedText(BLOCK, fix('DestinationRule default/other', at, 100))).toBeUndefined();
    const once = fixedText(BLOCK, fix('DestinationRule default/reviews', at, 100))!;
    expect(fixedText(once, fix('DestinationRule default/reviews', at, 100))).toBeUndefined();
  });
});
