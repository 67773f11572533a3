import { describe, expect, it } from 'vitest';
import { explain, type Question } from '../../../src/scenarios/explain/explain.ts';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { loadShop, type Shop } from '../shop.ts';

const EU = ['eu-1/eu-1a', 'eu-1/eu-1b'];
const US = ['us-1/us-1a'];
const LOAD = `load:
  - { name: curls, from: { workload: web }, request: GET http://api:8080/, executor: iterations, iterations: 20, pace: 100ms }
`;

const subsets = (weights: string) => `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api, namespace: shop }
spec:
  host: api
  subsets: [{ name: one, labels: { version: v1 } }, { name: two, labels: { version: v2 } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: api, namespace: shop }
spec:
  hosts: [api]
  http:
    - route: ${weights}
`;

function reasons(shop: Omit<Shop, 'scenario'> & { scenario?: string }, question: Question) {
  const loaded = loadShop({ scenario: LOAD, ...shop });
  const answer = explain(loaded.base, question);
  if ('problem' in answer) return answer.problem;
  return answer.whyNot!.verdicts.map(({ pod, reason, places }) => [
    pod,
    reason,
    places[0] ? `${places[0].file}:${places[0].line}` : '',
  ]);
}

describe('why a workload got nothing', () => {
  it('is in another subset than the route names', () => {
    const clusters = { here: { nodes: EU, hasWeb: true, api: { 'api-v1': 1, 'api-v2': 1 } } };
    const mesh = subsets('[{ destination: { host: api, subset: one } }]');
    expect(reasons({ clusters, mesh }, { whyNot: 'api-v2' })).toEqual([
      ['api-v2-0', 'otherSubset', '/shop/mesh.yaml:15'],
    ]);
  });

  it('has weight 0 in the route', () => {
    const clusters = { here: { nodes: EU, hasWeb: true, api: { 'api-v1': 1, 'api-v2': 1 } } };
    const mesh = subsets(
      '[{ destination: { host: api, subset: one }, weight: 100 }, { destination: { host: api, subset: two }, weight: 0 }]',
    );
    expect(reasons({ clusters, mesh }, { whyNot: 'api-v2' })).toEqual([
      ['api-v2-0', 'weight0', '/shop/mesh.yaml:15'],
    ]);
  });

  it('is in a lower priority while the own region carries everything', () => {
    const clusters = {
      eu: { nodes: EU, hasWeb: true, api: { 'api-v1': 1 } },
      us: { nodes: US, api: { 'api-v2': 1 } },
    };
    const mesh = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api, namespace: shop }
spec:
  host: api
  trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5 } }
`;
    expect(reasons({ clusters, mesh }, { whyNot: 'api-v2' })).toEqual([
      ['api-v2-0', 'lowerPriority', '/shop/mesh.yaml:7'],
    ]);
  });

  it('is filtered out by distribute, which gives its region nothing', () => {
    const clusters = {
      eu: { nodes: EU, hasWeb: true, api: { 'api-v1': 1 } },
      us: { nodes: US, api: { 'api-v2': 1 } },
    };
    const scenario = `topology:
  mesh: { localityLoadBalancing: { distribute: [{ from: eu-1, to: { eu-1: 100 } }] } }
${LOAD}`;
    const found = reasons({ clusters, scenario }, { whyNot: 'api-v2' }) as string[][];
    expect(found.map(([pod, reason]) => [pod, reason])).toEqual([['api-v2-0', 'filtered']]);
  });

  it('has no Service in its own cluster', () => {
    const clusters = {
      eu: { nodes: EU, hasWeb: true, api: { 'api-v1': 1 } },
      us: { nodes: US, api: { 'api-v2': 1 }, hasApiService: false },
    };
    const found = reasons({ clusters }, { whyNot: 'api-v2', to: 'api' }) as string[][];
    expect(found.map(([pod, reason]) => [pod, reason])).toEqual([['api-v2-0', 'noService']]);
  });

  it('carries another label than its Service selects', () => {
    const clusters = { here: { nodes: EU, hasWeb: true, api: { 'api-v1': 1 } } };
    const files = {
      '/shop/stray.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: api-canary, namespace: shop }
spec:
  selector: { matchLabels: { app: apii } }
  template:
    metadata: { labels: { app: apii } }
    spec: { containers: [{ name: main, image: main }] }
`,
    };
    const scenario = `manifests+:\n  - { cluster: here, paths: [stray.yaml] }\n${LOAD}`;
    const loaded = loadShop({ clusters, scenario, files });
    const answer = explain(loaded.base, { whyNot: 'api-canary' });
    expect(answer).toMatchObject({
      whyNot: {
        requests: 0,
        verdicts: [
          { reason: 'notSelected', says: expect.stringContaining("the pod's app is apii, api is selected") },
        ],
      },
    });
  });

  it('has been scaled away, or is not yet there', () => {
    const clusters = { here: { nodes: EU, hasWeb: true, api: { 'api-v1': 1, 'api-v2': 1 } } };
    const scenario = `${LOAD}faults:\n  - { at: 500ms, scale: { deployment: api-v2, replicas: 0 } }\n`;
    const answer = explain(loadShop({ clusters, scenario }).base, { whyNot: 'api-v2', atNs: 1.5e9 });
    expect(answer).toMatchObject({
      whyNot: { verdicts: [{ reason: 'notPushed', says: expect.stringMatching(/push of 0\.6\d\ds/) }] },
    });
  });

  it('got its share after all, and says how many', () => {
    const clusters = { here: { nodes: EU, hasWeb: true, api: { 'api-v1': 1, 'api-v2': 1 } } };
    const answer = explain(loadShop({ clusters, scenario: LOAD }).base, { whyNot: 'api-v2' });
    if ('problem' in answer) throw new Error(answer.problem);
    expect(answer.whyNot!.requests).toBeGreaterThan(0);
    expect(answer.whyNot!.verdicts[0]!.says).toContain('its share is 50%');
  });

  it('stands behind the gateway of another network, and is told apart from the pods of the own one', () => {
    const file = 'examples/library/P16-ew-gateway-unready-remote/scenario.yaml';
    const answer = explain(loadScenario(file, nodeFiles()).base, { whyNot: 'svc' });
    if ('problem' in answer) throw new Error(answer.problem);
    expect(answer.whyNot!.verdicts.map(({ cluster, reason }) => [cluster, reason])).toEqual([
      ['c1', 'served'],
      ['c1', 'served'],
      ['c2', 'behindGateway'],
      ['c2', 'behindGateway'],
    ]);
  });

  it('does not exist, and the nearest name is told', () => {
    const clusters = { here: { nodes: EU, hasWeb: true, api: { 'api-v1': 1 } } };
    expect(reasons({ clusters }, { whyNot: 'api-v3' })).toBe(
      'there is no workload or pod "api-v3"; did you mean "api-v1"?',
    );
  });
});
