import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { lintLoaded } from '../../../src/scenarios/lint/lint-loaded.ts';
import { RULES } from '../../../src/scenarios/lint/registry.ts';
import { ruleIndex, rulePage } from '../../../src/scenarios/lint/rule-page.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import {
  deployment,
  found,
  istio,
  K8S,
  lint,
  NODES,
  namespace,
  route,
  rule,
  service,
  type World,
} from './world.ts';

const od = 'outlierDetection: { consecutive5xxErrors: 1, maxEjectionPercent: 100 }';
const locality = (setting: string) => `loadBalancer: { localityLbSetting: { ${setting} } }`;
const failover = locality('failover: [{ from: r1, to: r2 }]');
const subsets = 'subsets: [{ name: v1, labels: { version: v1 } }, { name: v2, labels: { version: v2 } }]';
const split = (a: number, b: number) =>
  route(
    `- route: [{ destination: { host: svc, subset: v1 }, weight: ${a} }, { destination: { host: svc, subset: v2 }, weight: ${b} }]`,
  );
const faults = (...list: string[]) => `faults:\n${list.map((fault) => `  - ${fault}\n`).join('')}`;
const gateway = (
  servers = '[{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }]',
  selector = 'edge',
  name = 'web',
) => istio('Gateway', name, `selector: { istio: ${selector} }\nservers: ${servers}`);
const edge = deployment('edge', { labels: ', istio: edge' });
const ofGateway =
  '{ name: calls, from: { gateway: edge }, request: GET http://shop.example/, executor: constant-rate, rate: 10/s, duration: 10s }';
const post =
  '{ name: calls, from: { workload: client }, request: POST http://svc/pay, executor: constant-rate, rate: 10/s, duration: 10s }';
const two = (a: string, b = a) => ({
  a: { spec: `{ region: r1, nodes: ${NODES} }`, k8s: a },
  b: { spec: `{ region: r1, nodes: ${NODES} }`, k8s: b },
});
const bareNodes = (labels: string) =>
  `---\napiVersion: v1\nkind: Node\nmetadata: { name: n1, labels: { topology.kubernetes.io/region: r1, topology.kubernetes.io/zone: r1-a } }\n---\napiVersion: v1\nkind: Node\nmetadata: { name: n2, labels: { topology.kubernetes.io/region: r2, topology.kubernetes.io/zone: r2-a } }\n---\napiVersion: v1\nkind: Node\nmetadata: { name: n3, labels: { pool: bare${labels} } }\n`;
const serve = (mesh: string) => ({ mesh: gateway() + mesh, k8s: K8S + edge, load: ofGateway });
const toSvc = (more = '') =>
  route(
    `- route: [{ destination: { host: svc, port: { number: 80 } } }]${more}`,
    'gateways: [web]',
    '*',
    'shop',
  );

/** id -> what triggers it, and the nearest thing that does not. */
const CASES: Record<string, [bad: World, good: World]> = {
  OD003: [
    { mesh: rule(od) },
    { mesh: rule('outlierDetection: { consecutive5xxErrors: 1, maxEjectionPercent: 50 }') },
  ],
  OD005: [
    { mesh: rule('outlierDetection: { interval: 5m, baseEjectionTime: 1m }') },
    { mesh: rule('outlierDetection: { interval: 1m, baseEjectionTime: 5m }') },
  ],
  OD008: [
    {
      mesh: rule(`outlierDetection: { maxEjectionPercent: 10 }, ${failover}`),
      k8s: K8S.replace('replicas: 2', 'replicas: 10'),
    },
    {
      mesh: rule(`outlierDetection: { maxEjectionPercent: 50 }, ${failover}`),
      k8s: K8S.replace('replicas: 2', 'replicas: 10'),
    },
  ],
  OC002: [
    {
      mesh: rule('outlierDetection: { maxEjectionPercent: 100 }'),
      k8s: K8S.replace(/replicas: 1\b/, 'replicas: 4'),
    },
    { mesh: rule('outlierDetection: { maxEjectionPercent: 100 }') },
  ],
  OC004: [
    {
      mesh: rule('outlierDetection: { maxEjectionPercent: 100 }'),
      top: faults('{ at: 1s, respond: { workload: svc-v1, status: 500, percentage: 20 } }'),
    },
    {
      mesh: rule('outlierDetection: { maxEjectionPercent: 100 }'),
      top: faults('{ at: 1s, respond: { workload: svc-v1, status: 500 } }'),
    },
  ],
  OC006: [
    { mesh: rule('outlierDetection: { consecutiveErrors: 1 }') },
    { mesh: rule('outlierDetection: { consecutive5xxErrors: 1 }') },
  ],
  OC009: [
    { mesh: rule(od), top: faults('{ at: 1s, hang: { pod: "svc-v1[0]" } }') },
    {
      mesh: rule(od) + route('- timeout: 1s\n  route: [{ destination: { host: svc } }]'),
      top: faults('{ at: 1s, hang: { pod: "svc-v1[0]" } }'),
    },
  ],
  OC010: [
    { mesh: rule(od), top: faults('{ at: 1s, respond: { workload: svc-v1, status: 429 } }') },
    { mesh: rule(od), top: faults('{ at: 1s, respond: { workload: svc-v1, status: 503 } }') },
  ],
  OC011: [
    { mesh: rule('outlierDetection: { consecutive5xxErrors: 0 }') },
    { mesh: rule('outlierDetection: { consecutive5xxErrors: 0, consecutiveGatewayErrors: 5 }') },
  ],
  PR003: [
    { mesh: rule(`${od}, ${locality('failoverPriority: ["rack"]')}`) },
    { mesh: rule(`${od}, ${locality('failoverPriority: ["topology.kubernetes.io/region"]')}`) },
  ],
  PR004: [
    { mesh: rule(`${od}, ${failover}`), k8s: K8S.replace('replicas: 2', 'replicas: 6') },
    { mesh: rule(`${od}, ${failover}`) },
  ],
  LB003: [
    {
      mesh:
        rule(
          `${od}, ${failover}`,
          'subsets: [{ name: v1, labels: { version: v1 }, trafficPolicy: { loadBalancer: { simple: RANDOM } } }]',
        ) + route('- route: [{ destination: { host: svc, subset: v1 } }]'),
    },
    {
      mesh:
        rule(`${od}, ${failover}`, subsets) + route('- route: [{ destination: { host: svc, subset: v1 } }]'),
    },
  ],
  LB006: [
    { mesh: rule(od), k8s: K8S.replace('replicas: 2', 'replicas: 1') },
    { mesh: rule(`${od}, ${locality('enabled: false')}`), k8s: K8S.replace('replicas: 2', 'replicas: 1') },
  ],
  LB008: [
    { mesh: rule(`${od}, ${locality('failover: [{ from: r1, to: r3 }]')}`) },
    { mesh: rule(`${od}, ${failover}`) },
  ],
  LB010: [
    {
      k8s: K8S.replace(
        '{ name: http, port: 80, targetPort: 8080 }] }',
        '{ name: http, port: 80, targetPort: 8080 }], trafficDistribution: PreferClose }',
      ),
      topology: '  mesh: { localityLoadBalancing: { distribute: [{ from: r1, to: { r1: 90, r2: 10 } }] } }\n',
    },
    {
      topology: '  mesh: { localityLoadBalancing: { distribute: [{ from: r1, to: { r1: 90, r2: 10 } }] } }\n',
    },
  ],
  DI001: [
    { mesh: rule(locality('distribute: [{ from: r1/*, to: { r1/*: 100 } }]')) },
    { mesh: rule(locality('distribute: [{ from: r1/*, to: { r1/*: 90, r2/*: 10 } }]')) },
  ],
  DI003: [
    {
      mesh: rule(locality('distribute: [{ from: r1/*, to: { r1/*: 97, r2/*: 3 } }]')),
      clusters: {
        here: {
          spec: '{ region: r1, nodes: [{ zone: r1-a, region: r1 }, { zone: r2-a, region: r2 }, { zone: r2-b, region: r2 }, { zone: r2-c, region: r2 }, { zone: r2-d, region: r2 }, { zone: r2-e, region: r2 }] }',
          k8s:
            K8S +
            ['b', 'c', 'd', 'e']
              .map((zone) => deployment(`svc-${zone}`, { app: 'svc', zone: `r2-${zone}` }))
              .join(''),
        },
      },
    },
    { mesh: rule(locality('distribute: [{ from: r1/*, to: { r1/*: 90, r2/*: 10 } }]')) },
  ],
  DI006: [
    { mesh: rule(locality('distribute: [{ from: r2/*, to: { r1/*: 90, r2/*: 10 } }]')) },
    { mesh: rule(locality('distribute: [{ from: "*", to: { r1/*: 90, r2/*: 10 } }]')) },
  ],
  DI008: [
    {
      mesh: rule(
        `${od}, ${locality('distribute: [{ from: r1/*, to: { r1/*: 90, r2/*: 10 } }], failoverPriority: [app]')}`,
      ),
    },
    { mesh: rule(`${od}, ${locality('distribute: [{ from: r1/*, to: { r1/*: 90, r2/*: 10 } }]')}`) },
  ],
  DI009: [
    {
      mesh: rule(locality('distribute: [{ from: r1/*, to: { r1/*: 90, r2/*: 10 } }]')),
      top: faults('{ at: 1s, refuse: { workload: svc-v2 } }'),
    },
    {
      mesh: rule(`${od}, ${locality('distribute: [{ from: r1/*, to: { r1/*: 90, r2/*: 10 } }]')}`),
      top: faults('{ at: 1s, refuse: { workload: svc-v2 } }'),
    },
  ],
  LO003: [
    {
      mesh: rule(od),
      k8s: K8S.replace('{ selector: { app: svc }', '{ clusterIP: None, selector: { app: svc }'),
    },
    { mesh: rule(od) },
  ],
  LO004: [
    {
      mesh: rule(od),
      k8s:
        bareNodes('') +
        K8S.replace(/(name: client[\s\S]*?)topology.kubernetes.io\/zone: r1-a/, '$1pool: bare'),
    },
    {
      mesh: rule(od),
      k8s: bareNodes(', topology.kubernetes.io/region: r1, topology.kubernetes.io/zone: r1-a') + K8S,
    },
  ],
  MC005: [
    {
      clusters: two(
        namespace('default') + deployment('client'),
        namespace('default') + service('svc') + deployment('svc'),
      ),
    },
    {
      clusters: two(
        namespace('default') + service('svc') + deployment('client'),
        namespace('default') + service('svc') + deployment('svc'),
      ),
    },
  ],
  MC008: [
    {
      clusters: {
        a: {
          spec: '{ network: n1, region: r1 }',
          k8s: namespace('default') + service('svc') + deployment('client'),
        },
        b: {
          spec: '{ network: n2, region: r1 }',
          k8s: namespace('default') + service('svc') + deployment('svc'),
        },
      },
    },
    {
      clusters: {
        a: {
          spec: '{ network: n1, region: r1 }',
          k8s: namespace('default') + service('svc') + deployment('client'),
        },
        b: {
          spec: '{ network: n1, region: r1 }',
          k8s: namespace('default') + service('svc') + deployment('svc'),
        },
      },
    },
  ],
  MC009: [
    {
      clusters: two(K8S, namespace('default') + service('svc', '{ name: http, port: 81, targetPort: 8080 }')),
    },
    { clusters: two(K8S, namespace('default') + service('svc')) },
  ],
  MC010: [
    { clusters: eastWest(namespace('default', 'team: b')) },
    { clusters: eastWest(namespace('default')) },
  ],
  MB004: [
    { mesh: istio('Sidecar', 'own', 'egress: [{ hosts: ["istio-system/*"] }]') },
    { mesh: istio('Sidecar', 'own', 'egress: [{ hosts: ["./*"] }]') },
  ],
  MB005: [
    {
      k8s: K8S.replace(/(name: client,[\s\S]*app: client } })/, '$1').replace(
        'metadata: { labels: { app: client } }',
        'metadata: { labels: { app: client }, annotations: { traffic.sidecar.istio.io/excludeOutboundPorts: "80" } }',
      ),
    },
    {
      k8s: K8S.replace(
        'metadata: { labels: { app: client } }',
        'metadata: { labels: { app: client }, annotations: { traffic.sidecar.istio.io/excludeOutboundPorts: "9999" } }',
      ),
    },
  ],
  MB006: [
    { k8s: K8S + deployment('own', { pod: 'securityContext: { runAsUser: 1337 }' }) },
    { k8s: K8S + deployment('own', { pod: 'securityContext: { runAsUser: 1000 }' }) },
  ],
  MB007: [{ k8s: K8S + namespace('bare', 'team: x') + deployment('lonely', { namespace: 'bare' }) }, {}],
  RT002: [
    {
      k8s: K8S + service('last') + deployment('last'),
      mesh:
        route('- retries: { attempts: 2, retryOn: 5xx }\n  route: [{ destination: { host: svc } }]') +
        route(
          '- retries: { attempts: 2, retryOn: 5xx }\n  route: [{ destination: { host: last } }]',
          '',
          'last',
          'last',
        ),
      top: 'behavior: { svc-v1: { script: [{ call: last }] } }\n',
    },
    {
      k8s: K8S + service('last') + deployment('last'),
      mesh: route('- retries: { attempts: 2, retryOn: 5xx }\n  route: [{ destination: { host: svc } }]'),
      top: 'behavior: { svc-v1: { script: [{ call: last }] } }\n',
    },
  ],
  RT004: [
    {
      mesh: route(
        '- timeout: 3s\n  retries: { attempts: 3, perTryTimeout: 2s }\n  route: [{ destination: { host: svc } }]',
      ),
    },
    {
      mesh: route(
        '- timeout: 10s\n  retries: { attempts: 3, perTryTimeout: 2s }\n  route: [{ destination: { host: svc } }]',
      ),
    },
  ],
  RT006: [
    {
      k8s: K8S.replaceAll('replicas: 2', 'replicas: 1'),
      mesh:
        rule('', subsets) +
        route('- retries: { attempts: 3 }\n  route: [{ destination: { host: svc, subset: v1 } }]'),
      top: faults('{ at: 1s, refuse: { workload: svc-v1 } }'),
    },
    {
      mesh:
        rule('', subsets) +
        route('- retries: { attempts: 3 }\n  route: [{ destination: { host: svc, subset: v1 } }]'),
      top: faults('{ at: 1s, refuse: { workload: svc-v1 } }'),
    },
  ],
  RT007: [
    { mesh: route('- retries: { attempts: 3 }\n  route: [{ destination: { host: svc } }]') },
    { mesh: route('- retries: { attempts: 3, retryOn: 5xx }\n  route: [{ destination: { host: svc } }]') },
  ],
  RT008: [
    {
      mesh: route(
        '- retries: { attempts: 3, retryRemoteLocalities: true }\n  route: [{ destination: { host: svc } }]',
      ),
    },
    {
      mesh:
        rule(od) +
        route(
          '- retries: { attempts: 3, retryRemoteLocalities: true }\n  route: [{ destination: { host: svc } }]',
        ),
    },
  ],
  RT009: [
    {
      mesh: route('- timeout: 1s\n  route: [{ destination: { host: svc } }]'),
      top: 'behavior: { svc-v1: { latency: 2s } }\n',
    },
    {
      mesh: route('- timeout: 5s\n  route: [{ destination: { host: svc } }]'),
      top: 'behavior: { svc-v1: { latency: 2s } }\n',
    },
  ],
  VS001: [
    { mesh: route('- match: [{ uri: { prefix: /api } }]\n  route: [{ destination: { host: svc } }]') },
    {
      mesh: route(
        '- match: [{ uri: { prefix: /api } }]\n  route: [{ destination: { host: svc } }]\n- route: [{ destination: { host: svc } }]',
      ),
    },
  ],
  VS002: [
    {
      mesh: route(
        '- match: [{ uri: { prefix: /a } }]\n  route: [{ destination: { host: svc } }]\n- match: [{ uri: { prefix: /a/b } }]\n  route: [{ destination: { host: svc } }]\n- route: [{ destination: { host: svc } }]',
      ),
    },
    {
      mesh: route(
        '- match: [{ uri: { prefix: /a/b } }]\n  route: [{ destination: { host: svc } }]\n- match: [{ uri: { prefix: /a } }]\n  route: [{ destination: { host: svc } }]\n- route: [{ destination: { host: svc } }]',
      ),
    },
  ],
  VS005: [
    { mesh: route('- route: [{ destination: { host: svcs } }]') },
    { mesh: route('- route: [{ destination: { host: svc } }]') },
  ],
  VS006: [{ mesh: rule('', subsets) + split(10, 10) }, { mesh: rule('', subsets) + split(50, 50) }],
  VS007: [
    {
      mesh: rule('', subsets) + split(90, 10),
      k8s: K8S.replace(/(svc-v2[\s\S]*?)replicas: 2/, '$1replicas: 0'),
    },
    { mesh: rule('', subsets) + split(90, 10) },
  ],
  VS008: [
    {
      mesh:
        route('- route: [{ destination: { host: svc } }]') +
        route('- timeout: 9s\n  route: [{ destination: { host: svc } }]', '', 'svc', 'second'),
    },
    { mesh: route('- route: [{ destination: { host: svc } }]') },
  ],
  VS009: [
    serve(route('- route: [{ destination: { host: svc } }]', 'gateways: [wab]', '*', 'shop')),
    serve(toSvc()),
  ],
  VS010: [
    {
      ...serve(''),
      mesh:
        gateway('[{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["a.example"] }]') +
        route('- route: [{ destination: { host: svc } }]', 'gateways: [web]', 'b.example', 'shop'),
    },
    {
      ...serve(''),
      mesh:
        gateway('[{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*.example"] }]') +
        route('- route: [{ destination: { host: svc } }]', 'gateways: [web]', 'b.example', 'shop'),
    },
  ],
  VS011: [
    {
      ...serve(route('- route: [{ destination: { host: svc } }]', 'gateways: [web]', '*', 'shop')),
      k8s:
        K8S.replace(
          'targetPort: 8080 }]',
          'targetPort: 8080 }, { name: http-admin, port: 81, targetPort: 8080 }]',
        ) + edge,
    },
    serve(toSvc()),
  ],
  VS012: [
    { mesh: rule('', subsets) + split(50, 50), k8s: K8S.replace('replicas: 2', 'replicas: 5') },
    { mesh: rule('', subsets) + split(50, 50) },
  ],
  DR003: [
    { mesh: rule(`${od}, portLevelSettings: [{ port: { number: 80 }, loadBalancer: { simple: RANDOM } }]`) },
    { mesh: rule(`${od}, portLevelSettings: [{ port: { number: 80 }, ${od} }]`) },
  ],
  DR007: [
    {
      mesh:
        rule('', 'subsets: [{ name: v1, labels: { version: v9 } }]') +
        route('- route: [{ destination: { host: svc, subset: v1 } }]'),
    },
    { mesh: rule('', subsets) + route('- route: [{ destination: { host: svc, subset: v1 } }]') },
  ],
  DR008: [{ mesh: rule('', 'subsets: [{ name: all }]') }, { mesh: rule('', subsets) }],
  DR009: [
    { mesh: rule(od, 'exportTo: ["."]', 'svc.default.svc.cluster.local', 'svc', 'other') },
    { mesh: rule(od, 'exportTo: ["*"]') },
  ],
  CB001: [
    {
      mesh: rule('connectionPool: { tcp: { maxConnections: 5 } }'),
      k8s: K8S.replace(/replicas: 1\b/, 'replicas: 3'),
    },
    { mesh: rule('connectionPool: { tcp: { maxConnections: 5 } }') },
  ],
  CB003: [
    { mesh: rule('connectionPool: { tcp: { maxConnections: 5 } }') },
    { mesh: rule('connectionPool: { tcp: { maxConnections: 5 }, http: { http1MaxPendingRequests: 5 } }') },
  ],
  CB004: [
    { mesh: rule('connectionPool: { http: { maxRetries: 0 } }') },
    { mesh: rule('connectionPool: { http: { maxRetries: 1 } }') },
  ],
  ST002: [
    { mesh: rule('loadBalancer: { consistentHash: { httpHeaderName: x-user } }') },
    { mesh: rule('loadBalancer: { consistentHash: { httpCookie: { name: user, ttl: 1h } } }') },
  ],
  ST004: [
    { mesh: rule('loadBalancer: { consistentHash: { useSourceIp: true } }') },
    { mesh: rule('loadBalancer: { consistentHash: { httpCookie: { name: user, ttl: 1h } } }') },
  ],
  ST005: [
    { mesh: rule(`${od}, loadBalancer: { consistentHash: { httpCookie: { name: user, ttl: 1h } } }`) },
    { mesh: rule('loadBalancer: { consistentHash: { httpCookie: { name: user, ttl: 1h } } }') },
  ],
  SS002: [
    {
      mesh: rule('loadBalancer: { simple: ROUND_ROBIN, warmup: { duration: 60s } }'),
      top: faults('{ at: 1s, rollout: { deployment: svc-v1 } }'),
    },
    { mesh: rule('loadBalancer: { simple: ROUND_ROBIN, warmup: { duration: 60s } }') },
  ],
  LL003: [
    {
      mesh: rule('connectionPool: { tcp: { maxConnections: 5 } }'),
      k8s: K8S.replace('name: http,', 'name: grpc-api,'),
    },
    {
      mesh: rule('connectionPool: { http: { http2MaxRequests: 5 } }'),
      k8s: K8S.replace('name: http,', 'name: grpc-api,'),
    },
  ],
  SV001: [{ k8s: K8S.replace('name: http,', 'name: web,') }, {}],
  SV002: [{ k8s: K8S.replace('targetPort: 8080', 'targetPort: 9090') }, {}],
  SV003: [
    {
      k8s:
        namespace('default') + service('svc') + deployment('svc-v1', { app: 'svcs' }) + deployment('client'),
    },
    {},
  ],
  GW001: [
    {
      mesh:
        gateway() +
        gateway('[{ port: { number: 81, name: http, protocol: HTTP }, hosts: ["*"] }]', 'edges', 'other') +
        toSvc(),
      k8s: K8S + edge,
      load: ofGateway,
    },
    serve(toSvc()),
  ],
  GW002: [
    {
      ...serve(''),
      mesh: gateway('[{ port: { number: 8443, name: http, protocol: HTTP }, hosts: ["*"] }]'),
      k8s: `${K8S + edge}---\napiVersion: v1\nkind: Service\nmetadata: { name: edge, namespace: default }\nspec: { selector: { istio: edge }, ports: [{ name: http, port: 80 }] }\n`,
      load: '',
    },
    {
      ...serve(toSvc()),
      k8s: `${K8S + edge}---\napiVersion: v1\nkind: Service\nmetadata: { name: edge, namespace: default }\nspec: { selector: { istio: edge }, ports: [{ name: http, port: 80 }] }\n`,
    },
  ],
  GW004: [
    {
      ...serve(toSvc()),
      mesh: gateway('[{ port: { number: 81, name: http, protocol: HTTP }, hosts: ["*"] }]') + toSvc(),
    },
    serve(toSvc()),
  ],
  VS013: [
    serve(route('- route: [{ destination: { host: svc } }]', 'gateways: [web]', 'other.example', 'shop')),
    serve(toSvc()),
  ],
  SV004: [{ load: post.replace('svc/pay', 'svc:81/pay') }, { load: post }],
  GW003: [serve(gateway(undefined, 'edge', 'second') + toSvc()), serve(toSvc())],
  SC001: [
    {
      mesh:
        istio('Sidecar', 'a', 'egress: [{ hosts: ["./*"] }]') +
        istio('Sidecar', 'b', 'egress: [{ hosts: ["./*"] }]'),
    },
    { mesh: istio('Sidecar', 'a', 'egress: [{ hosts: ["./*"] }]') },
  ],
  SC002: [
    { mesh: istio('Sidecar', 'a', 'egress: [{ hosts: ["./*", "default/svc"] }]') },
    { mesh: istio('Sidecar', 'a', 'egress: [{ hosts: ["./*", "default/svc.default.svc.cluster.local"] }]') },
  ],
  TI001: [
    {
      top: faults(
        '{ at: 1s, for: 5s, istiodDown: true }',
        '{ at: 2s, scale: { deployment: svc-v1, replicas: 4 } }',
      ),
    },
    {
      top: faults(
        '{ at: 1s, for: 5s, istiodDown: true }',
        '{ at: 7s, scale: { deployment: svc-v1, replicas: 4 } }',
      ),
    },
  ],
  TI002: [
    { top: faults('{ at: 1s, blackhole: { workload: svc-v1 } }') },
    {
      mesh: rule('connectionPool: { tcp: { connectTimeout: 1s } }'),
      top: faults('{ at: 1s, blackhole: { workload: svc-v1 } }'),
    },
  ],
  VER03: [
    { top: faults('{ at: 1s, respond: { workload: svc-v1, status: 503 } }') },
    {
      mesh: route('- retries: { attempts: 2, retryOn: "503" }\n  route: [{ destination: { host: svc } }]'),
      top: faults('{ at: 1s, respond: { workload: svc-v1, status: 503 } }'),
    },
  ],
  RT001: [
    { load: post },
    { load: post, mesh: route('- retries: { attempts: 0 }\n  route: [{ destination: { host: svc } }]') },
  ],
};

/** Two networks with gateways between them; the second cluster's own namespace as given. */
function eastWest(home: string): World['clusters'] {
  const front = (network: string) =>
    `${namespace('istio-system', 'team: mesh')}---\napiVersion: v1\nkind: Service\nmetadata: { name: ew, namespace: istio-system, labels: { topology.istio.io/network: ${network} } }\nspec: { type: LoadBalancer, selector: { istio: ew }, ports: [{ name: tls, port: 15443 }] }\n`;
  return {
    a: {
      spec: '{ network: n1, region: r1 }',
      k8s: namespace('default') + service('svc') + deployment('client') + deployment('svc') + front('n1'),
    },
    b: { spec: '{ network: n2, region: r1 }', k8s: home + service('svc') + deployment('svc') + front('n2') },
  };
}

const byExample = (id: string) => RULES.find((one) => one.id === id)?.example;
/** Held to their sentences where they are made: test/models/network and test/models/asm. */
const isOfTopology = (id: string) => /^(NET|ASM)/.test(id);

describe.each(Object.entries(CASES))('%s', (id, [bad, good]) => {
  it('is found where it is due', () => {
    expect(found(bad)).toContain(id);
  });
  it('is not found beside it', () => {
    expect(found(good)).not.toContain(id);
  });
});

describe('RT002, retries along a chain', () => {
  const retrying = (name: string, home = 'default') =>
    istio(
      'VirtualService',
      name,
      `hosts: [${name}.${home}.svc.cluster.local]\nhttp:\n- retries: { attempts: 2, retryOn: 5xx }\n  route: [{ destination: { host: ${name}.${home}.svc.cluster.local } }]`,
      home,
    );
  const messages = (world: World) =>
    lint(world)
      .findings.filter((finding) => finding.rule === 'RT002')
      .map(({ message }) => message);

  it('ends where calls come back to a service that was passed', () => {
    const [message, ...others] = messages({
      k8s: K8S + service('last') + deployment('last'),
      mesh: retrying('svc') + retrying('last'),
      top: 'behavior: { svc-v1: { script: [{ call: last }] }, last: { script: [{ call: svc }] } }\n',
    });
    expect(message).toBe('retries multiply: one request to svc can become 9 to last (svc > last).');
    expect(others).toEqual(['retries multiply: one request to last can become 9 to svc (last > svc).']);
  });

  it('does not take a workload of the same name in another namespace for the caller', () => {
    expect(
      messages({
        k8s:
          K8S +
          service('last') +
          deployment('last') +
          namespace('other') +
          service('last', undefined, '', 'other') +
          deployment('last', { namespace: 'other' }),
        mesh: retrying('svc') + retrying('last') + retrying('last', 'other'),
        top: 'behavior: { svc-v1: { script: [{ call: last.other }] }, default/last: { script: [{ call: svc }] } }\n',
      }),
    ).toEqual(['retries multiply: one request to svc can become 9 to last.other (svc > last.other).']);
  });
});

describe('every rule', () => {
  it('has a fixture that triggers it', () => {
    const without = RULES.filter(({ id }) => !CASES[id] && !byExample(id) && !isOfTopology(id)).map(
      ({ id }) => id,
    );
    expect(without).toEqual([]);
  });

  it('is silent about a mesh without policy, but for what it says of the world itself', () => {
    expect(lint({}).findings).toEqual([]);
  });

  it('has an id of its own, and words', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    for (const { id, title, symptom, cause, fix } of RULES) {
      expect(id).toMatch(/^[A-Z]{2,3}\d{2,3}$/);
      for (const words of [title, symptom, cause, fix]) expect(words.length, id).toBeGreaterThan(10);
    }
  });

  it.each(RULES.map((one) => [one.id, one] as const))(
    '%s has a page that is made from its words',
    (id, one) => {
      expect(readFileSync(`docs/rules/${id}.md`, 'utf8')).toBe(rulePage(one));
    },
  );

  it('is in the index', () => {
    expect(readFileSync('docs/rules/README.md', 'utf8')).toBe(ruleIndex(RULES));
  });

  it('names an example that exists and has a variant or a neighbour without it', () => {
    for (const { id, example } of RULES)
      if (example) expect(existsSync(`examples/library/${example}/scenario.yaml`), id).toBe(true);
  });

  it.each(RULES.filter(({ example }) => example).map((one) => [one.id, one.example!] as const))(
    '%s is found in its example, at a line of one of its files',
    (id, example) => {
      const file = [
        `examples/library/${example}/refused.yaml`,
        `examples/library/${example}/scenario.yaml`,
      ].find((name) => existsSync(name))!;
      const findings = lintLoaded(loadScenario(file, nodeFiles())).filter((finding) => finding.rule === id);
      expect(findings.length).toBeGreaterThan(0);
      for (const finding of findings) {
        expect(finding.file).toMatch(/^examples\/library\//);
        expect(finding.line).toBeGreaterThan(0);
      }
    },
  );
});
