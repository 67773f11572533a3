// Objects that strangers wrote: any value under any known name. Routes and verdicts come out, never an exception.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VALIDATED_KINDS, validateIstioObject } from '../../../src/models/istio/validation/index.ts';
import { build, gatewayNode, object, service } from './routes/mesh.ts';

/** Field names of all the kinds, so that random values land where they are read. */
const NAMES =
  `hosts gateways http tls tcp match uri exact prefix regex headers withoutHeaders queryParams method port number route
  destination host subset weight redirect rewrite uriRegexRewrite rewrite timeout retries attempts perTryTimeout retryOn fault abort
  delay percentage value fixedDelay httpStatus mirror mirrors mirrorPercentage delegate name namespace directResponse status body
  sourceLabels sniHosts exportTo servers selector bind protocol mode httpsRedirect trafficPolicy loadBalancer consistentHash
  localityLbSetting distribute from to failover failoverPriority outlierDetection interval portLevelSettings subsets labels
  listeners gatewayClassName hostname allowedRoutes namespaces parentRefs kind group sectionName rules matches path type backendRefs
  filters requestMirror backendRef requestRedirect urlRewrite endpoints address ports resolution egress ingress workloadSelector`.split(
    /\s+/,
  );
const WORDS = [
  'web',
  '*',
  'mesh',
  '',
  '/',
  'edge/gw',
  '10s',
  '(',
  'Service',
  'gw',
  'HTTP',
  'PASSTHROUGH',
  '__proto__',
];

const leaf = fc.oneof(
  fc.constantFrom(...WORDS),
  fc.integer({ min: -3, max: 100_000 }),
  fc.boolean(),
  fc.constant(null),
  fc.double(),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 6 }, leaf, fc.array(tie('any'), { maxLength: 3 }), tie('map')),
  map: fc.dictionary(fc.constantFrom(...NAMES), tie('any'), { maxKeys: 7 }),
}));

const KINDS = ['VirtualService', 'Gateway', 'HTTPRoute', 'GRPCRoute', 'ReferenceGrant', 'GatewayClass'];

describe('with anything for a spec', () => {
  it('routes are made', () => {
    const objects = fc.array(
      fc.tuple(fc.constantFrom(...KINDS), fc.constantFrom('gw', 'web', 'x'), value.any),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(objects, fc.boolean(), (list, isGateway) => {
        const built = build({
          objects: list.map(([kind, name, spec]) => object(kind, name, spec, 'edge')),
          services: [service('web'), service('gw', { 80: 'UNSUPPORTED', 443: 'TLS' })],
          node: isGateway ? gatewayNode : {},
        });
        expect(JSON.stringify(built.tables)).toBeTypeOf('string');
      }),
      { seed: 1, numRuns: 400 },
    );
  });

  it('verdicts are given', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VALIDATED_KINDS), value.any, value.any, (kind, metadata, spec) => {
        for (const verdict of validateIstioObject({ kind, metadata, spec }))
          expect(verdict.message).not.toBe('');
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
