// The ground under the clusters in a run: what cannot be reached, configured or addressed, from files to figures.
import { describe, expect, it } from 'vitest';
import { planScenario } from '../../src/scenarios/plan/plan-scenario.ts';
import { answers, loadShop, runShop, type Shop } from './shop.ts';

const twoVpcs = (rules: string, scenario: string): Shop => ({
  clusters: {
    here: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: { 'api-a': 1 } },
    there: { nodes: ['eu-1/eu-1b'], api: { 'api-b': 1 } },
  },
  scenario: `
topology:
  clusters:
    here: { vpc: one, podCIDR: 10.1.0.0/16, securityGroup: sg-here }
    there: { vpc: one, podCIDR: 10.2.0.0/16, securityGroup: sg-there }
  vpcs: { one: { cidr: 192.168.0.0/16 } }
  securityGroups:
    sg-here: { ingress: [{ from: sg-there }] }
    sg-there: { ingress: ${rules} }
  proxies: { default: { concurrency: 1 } }
behavior: { web: { script: [{ call: api }] } }
load: [{ name: hundred, from: { workload: web }, request: GET http://web/, executor: iterations, iterations: 40, pace: 100ms }]
${scenario}`,
});
const reached = (rules: string) => answers(runShop(twoVpcs(rules, '')), 'api.shop', 'hundred')['api-b'] ?? 0;

describe('a security group in a run', () => {
  it('lets in whom a rule admits: the group, the address, the port of the pod', () => {
    for (const rules of [
      '[{ from: sg-here }]',
      '[{ from: 10.1.0.0/16 }]',
      '[{ from: 10.1.0.0/16, ports: 8080 }]',
      '[{ from: 0.0.0.0/0, ports: [443, "8000/9000"] }]',
    ])
      expect(reached(rules)).toBeGreaterThan(5);
  });

  it('and nobody else', () => {
    for (const rules of [
      '[]',
      '[{ from: sg-there }]',
      '[{ from: 10.3.0.0/16 }]',
      '[{ from: sg-here, ports: 8081 }]',
    ])
      expect(reached(rules)).toBe(0);
  });
});

const outside = (mesh: string, scenario: string): Shop => ({
  clusters: {
    inside: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: { 'api-a': 1 } },
    outside: { nodes: ['dc-1/dc-1a'], hasWeb: false, api: { 'api-b': 2 } },
  },
  scenario: `
topology:
  mesh: ${mesh}
  clusters: { inside: { type: ack }, outside: { type: external } }
behavior: { web: { script: [{ call: api }] }, api-b: { startup: 1s } }
${scenario}`,
});

const ASKING = `load: [{ name: hundred, from: { workload: web }, request: GET http://web/, executor: iterations, iterations: 60, pace: 100ms }]`;

describe('a cluster whose sidecars cannot reach istiod', () => {
  it('serves nobody, however often its pods are made anew', () => {
    const shop = outside(
      '{ provider: asm }',
      `${ASKING}
faults:
  - { at: 1s, scale: { deployment: api-b, cluster: outside, replicas: 4 } }
  - { at: 1500ms, crash: { workload: api-b }, for: 500ms }
`,
    );
    const result = runShop(shop);
    expect(answers(result, 'api.shop', 'hundred')).toEqual({ 'api-a': 60 });
    const texts = result.timeline.map(({ text }) => text);
    expect(texts).toContainEqual(
      expect.stringMatching(/^api-b-0, api-b-1 \(outside\) do not become ready: .*Pilot/),
    );
    expect(texts).toContainEqual(
      expect.stringMatching(/^api-b-2 \(outside\) does not become ready: .*Pilot/),
    );
    expect(texts.filter((text) => /api-b.* is ready/.test(text))).toEqual([]);
  });

  it('serves like any other once Pilot is exposed', () => {
    const by = answers(
      runShop(outside('{ provider: asm, exposePilot: true }', ASKING)),
      'api.shop',
      'hundred',
    );
    expect(by['api-b']).toBeGreaterThan(20);
  });

  it('has applications that run and get no call out', () => {
    const load = ASKING.replace('workload: web', 'workload: api-b');
    const result = runShop(outside('{ provider: asm }', load));
    expect(result.loads[0]).toMatchObject({ requests: 60, failed: 60, codes: { 0: 60 } });
  });
});

describe('istiod out of reach', () => {
  it('leaves new proxies without a configuration until it is back', () => {
    const shop: Shop = {
      clusters: { one: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: { 'api-a': 1 } } },
      scenario: `
behavior: { web: { script: [{ call: api }] } }
${ASKING}
faults:
  - { at: 1s, istiodDown: true, for: 20s }
  - { at: 2s, scale: { deployment: web, replicas: 2 } }
`,
    };
    const { world } = planScenario(loadShop(shop).base);
    const late = world.proxies.findIndex(({ name }) => name === 'web-1');
    expect(world.proxies[late]!.config).toMatchObject({ listeners: [], clusters: [], endpoints: [] });
    const configured = world.actions.filter(
      (action) => action.kind === 'config' && action.proxies.includes(late),
    );
    expect(configured.map(({ atNs }) => atNs / 1e9)).toEqual([21.01]);
  });
});

const behindGateway = (cluster: string, load: string): Shop => ({
  clusters: {
    one: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: {} },
    two: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: {} },
  },
  mesh: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: gate, namespace: shop }
spec: { selector: { istio: ingressgateway }, servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: web, namespace: shop }
spec: { hosts: ["*"], gateways: [gate], http: [{ route: [{ destination: { host: web, port: { number: 8080 } } }] }] }
`,
  scenario: `
topology:
  clusters: { one: { ${cluster} }, two: {} }
  gateways: { istio-ingressgateway: { cluster: one } }
load:
  - { name: hundred, from: { gateway: istio-ingressgateway }, request: GET http://web.example/, ${load} }
`,
});

describe('a gateway without an address', () => {
  it('gets nothing from outside, whatever kind of load asks, and every load ends', () => {
    for (const load of [
      'executor: iterations, iterations: 20',
      'executor: iterations, iterations: 20, duration: 10ms',
      'executor: closed-loop, users: 2, duration: 50ms',
      'executor: constant-rate, rate: 100/s, duration: 1s',
    ]) {
      const result = runShop(behindGateway('loadBalancer: false', load));
      expect(result.loads[0]!.requests).toBeGreaterThan(0);
      expect(result.loads[0]!.errorRate).toBe(1);
      expect(result.services[0]!.reasons![0]).toContain('never gets an address');
    }
  });

  it('gets everything once it has one', () => {
    expect(runShop(behindGateway('', 'executor: iterations, iterations: 20')).loads[0]).toMatchObject({
      ok: 20,
    });
  });
});

describe('a gateway whose Service does not expose a port', () => {
  it('gets nothing on it, even where the pods listen', () => {
    const onPort = (port: number, ports: string) => {
      const shop = behindGateway('', 'executor: iterations, iterations: 5');
      shop.scenario = shop.scenario
        .replace('http://web.example/', `http://web.example:${port}/`)
        .replace('gateways: { istio-ingressgateway: { cluster: one } }', '')
        .replace(/$/, 'manifests+: [{ cluster: one, paths: [gateway.yaml] }]\n');
      shop.files = {
        '/shop/gateway.yaml': `
apiVersion: apps/v1
kind: Deployment
metadata: { name: istio-ingressgateway, namespace: shop }
spec: { selector: { matchLabels: { istio: ingressgateway } }, template: { metadata: { labels: { istio: ingressgateway } }, spec: { containers: [{ name: istio-proxy }] } } }
---
apiVersion: v1
kind: Service
metadata: { name: istio-ingressgateway, namespace: shop }
spec: { type: LoadBalancer, selector: { istio: ingressgateway }, ports: ${ports} }
`,
      };
      const { loads, services } = runShop(shop);
      return [loads[0]!.ok, services[0]!.reasons?.[0]];
    };
    expect(onPort(80, '[{ name: http, port: 80 }]')[0]).toBe(5);
    expect(onPort(80, '[{ name: http, port: 80, targetPort: 8080 }]')[0]).toBe(5);
    expect(onPort(80, '[{ name: other, port: 8080, targetPort: 80 }]')).toEqual([
      0,
      'no Service of gateway istio-ingressgateway leads port 80 to its pods (they have 8080)',
    ]);
  });
});

describe('a gateway that lists clusters', () => {
  const shares = (ids: string) => {
    const shop = behindGateway('', 'executor: iterations, iterations: 40');
    shop.scenario = shop.scenario.replace('cluster: one }', `cluster: one, ${ids} }`);
    const { by } = runShop(shop).services.find(({ service }) => service === 'web.shop')!;
    return by.cluster;
  };

  it('sends to the pods of these alone', () => {
    expect(Object.keys(shares('clusterIds: [two]'))).toEqual(['two']);
    expect(Object.keys(shares('clusterIds: [one]'))).toEqual(['one']);
  });

  it('sends to all when it lists all, or none', () => {
    expect(Object.keys(shares('clusterIds: [one, two]')).sort()).toEqual(['one', 'two']);
    expect(Object.keys(shares('replicas: 1')).sort()).toEqual(['one', 'two']);
  });
});

describe('a load from pods that never get a node', () => {
  it('is a mistake, with the reason', () => {
    const shop: Shop = {
      clusters: { one: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: {} } },
      scenario: `
manifests+: [{ cluster: one, paths: [pending.yaml] }]
load: [{ name: hundred, from: { workload: late }, request: GET http://web/, executor: iterations, iterations: 1 }]`,
      files: {
        '/shop/pending.yaml': `
apiVersion: v1
kind: Pod
metadata: { name: late, namespace: shop }
spec: { nodeSelector: { disk: fast }, containers: [{ name: main }] }`,
      },
    };
    const { diagnostics } = planScenario(loadShop(shop).base);
    expect(diagnostics.find(({ code }) => code === 'FS3017')?.message).toMatch(
      /workload late has no pod that is ready \(Pending: no node of cluster one has the labels/,
    );
  });
});

describe('what a run takes for granted', () => {
  const assumed = (topology: string) =>
    runShop({
      clusters: {
        one: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: {} },
        two: { nodes: ['eu-2/eu-2a'], api: {} },
      },
      scenario: `
topology: ${topology}
load: [{ name: one, from: { workload: web }, request: GET http://web/, executor: iterations, iterations: 1 }]`,
    }).assumptions;

  it('is nothing in a plain topology', () => {
    expect(assumed('{ clusters: { one: {}, two: {} } }')).toEqual([]);
  });

  it('is DNS on a serverless cluster, a flat network outside VPCs, the size of messages', () => {
    expect(
      assumed(
        '{ clusters: { one: { type: ask, vpc: v }, two: {} }, vpcs: { v: { cidr: 10.0.0.0/8 } }, links: [{ between: [one, two], bandwidth: 1Mbps }] }',
      ),
    ).toEqual([
      'cluster one lists no components: it is taken to have CoreDNS',
      'two is in no VPC: pods there and pods elsewhere are taken to reach each other directly',
      'where bandwidth is limited a request counts 1024 bytes and its body, an answer 2048 bytes unless behavior says responseSize',
    ]);
  });
});

describe('a caller without a sidecar', () => {
  it('waits for what vanished from the network as long as Linux does, and hears of a closed port at once', () => {
    const latency = (fault: string) =>
      runShop({
        clusters: { one: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: { 'api-a': 1 } } },
        scenario: `
manifests+: [{ cluster: one, paths: [plain.yaml] }]
load: [{ name: one, from: { pod: plain }, request: GET http://api/, start: 2s, executor: iterations, iterations: 1 }]
faults: [{ at: 1s, ${fault}: { workload: api-a } }]`,
        files: {
          '/shop/plain.yaml': `
apiVersion: v1
kind: Pod
metadata: { name: plain, namespace: shop, labels: { sidecar.istio.io/inject: "false" } }
spec: { containers: [{ name: main }] }`,
        },
      }).loads[0]!;
    expect(latency('blackhole')).toMatchObject({ failed: 1, latency: { max: 127 } });
    expect(latency('refuse')).toMatchObject({ failed: 1, latency: { max: 0 } });
  });
});
