// The schema's part of admission: unknown fields, wrong types.
import { describe, expect, it } from 'vitest';
import { normaliseSpec, validateIstioObject } from '../../../../src/models/istio/validation/index.ts';

const rule = (trafficPolicy: unknown) =>
  validateIstioObject({ kind: 'DestinationRule', spec: { host: 'web', trafficPolicy } });
const detection = (outlierDetection: unknown) => rule({ outlierDetection });

describe('unknown fields', () => {
  it('are refused with the nearest known name', () => {
    expect(detection({ intervall: '1s' })).toEqual([
      {
        severity: 'error',
        message: 'unknown field "intervall"',
        path: ['spec', 'trafficPolicy', 'outlierDetection', 'intervall'],
        hint: 'did you mean "interval"?',
      },
    ]);
    expect(detection({ zzz: 1 })[0]).not.toHaveProperty('hint');
  });

  it('are not those that proto JSON knows by their snake_case names', () => {
    expect(detection({ consecutive_5xx_errors: 3, max_ejection_percent: 50 })).toEqual([]);
    expect(detection({ max_ejection_percent: 150 })).toHaveLength(1);
    expect(
      normaliseSpec('DestinationRule', {
        traffic_policy: { outlier_detection: { consecutive_5xx_errors: 3 } },
      }),
    ).toEqual({ trafficPolicy: { outlierDetection: { consecutive5xxErrors: 3 } } });
  });

  it('a name from the prototype is as unknown as any', () => {
    expect(
      validateIstioObject({
        kind: 'DestinationRule',
        spec: JSON.parse('{"host":"web","__proto__":{"x":1}}'),
      })[0]?.message,
    ).toBe('unknown field "__proto__"');
    expect(detection({ constructor: 1 })[0]?.message).toBe('unknown field "constructor"');
  });
});

describe('wrong types', () => {
  const hintOf = (trafficPolicy: unknown) => rule(trafficPolicy)[0]?.hint;

  it('a number where a duration was meant', () => {
    expect(detection({ interval: 60 })[0]?.hint).toContain('"60s"');
    expect(detection({ interval: '60' })[0]?.message).toBe('"60" is no duration');
  });

  it('numbers in quotes, yes for true, a word that is not in the list', () => {
    expect(detection({ maxEjectionPercent: '50' })[0]?.hint).toBe('without quotes: 50');
    expect(hintOf({ outlierDetection: { splitExternalLocalOriginErrors: 'yes' } })).toBe(
      'write true or false, without quotes',
    );
    expect(hintOf({ loadBalancer: { simple: 'ROUND_ROBBIN' } })).toBe('did you mean "ROUND_ROBIN"?');
  });

  it('a map for a list, a fraction or a negative number for a count', () => {
    expect(rule({ portLevelSettings: { port: { number: 80 } } })[0]?.message).toContain('must be a list');
    expect(detection({ consecutive5xxErrors: 1.5 })[0]?.message).toContain('whole number');
    expect(detection({ consecutive5xxErrors: -1 })[0]?.message).toContain('not be negative');
  });

  it('two of what excludes itself', () => {
    const consistentHash = { httpHeaderName: 'x', useSourceIp: true };
    expect(rule({ loadBalancer: { consistentHash } })[0]?.message).toBe(
      'only one of httpHeaderName and useSourceIp can be set',
    );
  });

  it('null is not there', () => {
    expect(rule({ outlierDetection: { interval: null, consecutive5xxErrors: 1 } })).toEqual([]);
  });

  it('any value anywhere gives verdicts, never an exception', () => {
    for (const spec of [
      null,
      1,
      'x',
      [],
      [[]],
      { host: {} },
      { host: 'a', subsets: [null, 1, []] },
      { trafficPolicy: 'x' },
    ])
      for (const kind of [
        'DestinationRule',
        'VirtualService',
        'Gateway',
        'ServiceEntry',
        'Sidecar',
        'WorkloadEntry',
        'WorkloadGroup',
      ])
        expect(validateIstioObject({ kind, metadata: spec, spec }).length).toBeGreaterThan(0);
  });
});

it('says nothing about kinds of other APIs', () => {
  expect(validateIstioObject({ kind: 'Deployment', spec: { x: 1 } })).toEqual([]);
  expect(
    validateIstioObject({
      kind: 'Gateway',
      apiVersion: 'gateway.networking.k8s.io/v1',
      spec: { listeners: [] },
    }),
  ).toEqual([]);
});
