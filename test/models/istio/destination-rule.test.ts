import { describe, expect, it } from 'vitest';
import { mergeSubsetPolicy, policyOfPort } from '../../../src/models/istio/destination-rule.ts';
import { istioProfile } from '../../../src/models/istio/profile.ts';
import { outboundRetryPolicy } from '../../../src/models/istio/retry-policy.ts';

describe('the policy of a port', () => {
  const top = {
    connectionPool: { tcp: { maxConnections: 1 } },
    retryBudget: { percent: 30 },
    portLevelSettings: [{ port: { number: 80 }, outlierDetection: {} }],
  };

  it('is its entry alone where there is one, without the retry budget of the top level (DR-10)', () => {
    expect(policyOfPort(top, 80)).toEqual({ outlierDetection: {} });
    expect(policyOfPort(top, 81)).toEqual({
      connectionPool: { tcp: { maxConnections: 1 } },
      retryBudget: { percent: 30 },
    });
    expect(policyOfPort(null, 80)).toBeNull();
  });

  it('of a subset replaces the four blocks of the top level and leaves it the others (DR-11)', () => {
    const subset = {
      loadBalancer: { simple: 'RANDOM' as const },
      portLevelSettings: [{ port: { number: 81 } }],
    };
    expect(mergeSubsetPolicy(top, subset, 81)).toEqual({ retryBudget: { percent: 30 } });
    expect(mergeSubsetPolicy(top, subset, 80)).toEqual({
      outlierDetection: {},
      loadBalancer: { simple: 'RANDOM' },
    });
  });

  it('carries tunnel settings through', () => {
    const tunnel = { targetHost: 'example.com', targetPort: 8443 };
    expect(mergeSubsetPolicy({ tls: { mode: 'ISTIO_MUTUAL' } }, { tunnel }, 0)).toEqual({
      tls: { mode: 'ISTIO_MUTUAL' },
      tunnel,
    });
  });
});

it('takes only numbers that are HTTP statuses for status codes (RT-2)', () => {
  const policy = outboundRetryPolicy({ retryOn: '5xx,599,404,503' }, istioProfile('1.31'), false);
  expect(policy).toMatchObject({
    retryOn: '5xx,599,retriable-status-codes',
    retriableStatusCodes: [404, 503],
  });
});
