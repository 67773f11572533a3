import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { memoryFiles } from '../../../src/scenarios/files-memory.ts';
import { lintLoaded } from '../../../src/scenarios/lint/lint-loaded.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import { deployment, istio, K8S, lint, namespace, route, rule, service } from './world.ts';

const SHIPPED = [
  'examples/two-regions/distribute.yaml',
  'examples/two-regions/failover.yaml',
  'examples/one-vpc/rotation.yaml',
  'examples/one-vpc/only-v3.yaml',
];

const bookinfo = (port = '{ name: http, port: 9080 }') =>
  namespace('default') +
  ['productpage', 'details', 'reviews', 'ratings'].map((name) => service(name, port)).join('') +
  [
    ['productpage', 'v1'],
    ['details', 'v1'],
    ['ratings', 'v1'],
    ['reviews', 'v1'],
    ['reviews', 'v2'],
    ['reviews', 'v3'],
  ]
    .map(([app, version]) =>
      deployment(`${app}-${version}`, { app: app!, version: version! }).replaceAll('8080', '9080'),
    )
    .join('');

const host = (name: string, http: string) => route(http, '', name, name);
const allV1 = ['productpage', 'reviews', 'ratings', 'details']
  .map((name) => host(name, `- route: [{ destination: { host: ${name}, subset: v1 } }]`))
  .join('');
const subset = (...names: string[]) =>
  `subsets:\n${names.map((name) => `- { name: ${name}, labels: { version: ${name} } }`).join('\n')}`;
/** As the samples have it: with versions of details and ratings that nobody deploys at first. */
const all =
  rule('', subset('v1'), 'productpage', 'productpage') +
  rule('', subset('v1', 'v2', 'v3'), 'reviews', 'reviews') +
  rule('', subset('v1', 'v2', 'v2-mysql', 'v2-mysql-vm'), 'ratings', 'ratings') +
  rule('', subset('v1', 'v2'), 'details', 'details');
const gateway =
  istio(
    'Gateway',
    'bookinfo-gateway',
    'selector: { istio: ingressgateway }\nservers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }]',
  ) +
  route(
    '- match: [{ uri: { exact: /productpage } }, { uri: { prefix: /static } }, { uri: { exact: /login } }, { uri: { exact: /logout } }, { uri: { prefix: /api/v1/products } }]\n  route: [{ destination: { host: productpage, port: { number: 9080 } } }]',
    'gateways: [bookinfo-gateway]',
    '*',
    'bookinfo',
  );
const ORDINARY: Record<string, string> = {
  gateway: '',
  'destination-rule-all': all,
  'virtual-service-all-v1': all + allV1,
  'virtual-service-reviews-90-10':
    all +
    host(
      'reviews',
      '- route: [{ destination: { host: reviews, subset: v1 }, weight: 90 }, { destination: { host: reviews, subset: v2 }, weight: 10 }]',
    ),
  'virtual-service-reviews-50-v3':
    all +
    host(
      'reviews',
      '- route: [{ destination: { host: reviews, subset: v1 }, weight: 50 }, { destination: { host: reviews, subset: v3 }, weight: 50 }]',
    ),
  'virtual-service-reviews-test-v2':
    all +
    host(
      'reviews',
      '- match: [{ headers: { end-user: { exact: jason } } }]\n  route: [{ destination: { host: reviews, subset: v2 } }]\n- route: [{ destination: { host: reviews, subset: v1 } }]',
    ),
  'virtual-service-ratings-test-delay':
    all +
    host(
      'ratings',
      '- match: [{ headers: { end-user: { exact: jason } } }]\n  fault: { delay: { percentage: { value: 100 }, fixedDelay: 7s } }\n  route: [{ destination: { host: ratings, subset: v1 } }]\n- route: [{ destination: { host: ratings, subset: v1 } }]',
    ),
  'virtual-service-ratings-test-abort':
    all +
    host(
      'ratings',
      '- match: [{ headers: { end-user: { exact: jason } } }]\n  fault: { abort: { percentage: { value: 100 }, httpStatus: 500 } }\n  route: [{ destination: { host: ratings, subset: v1 } }]\n- route: [{ destination: { host: ratings, subset: v1 } }]',
    ),
};

const severe = (findings: { rule: string; severity: string; message: string }[]) =>
  findings.filter(({ severity }) => severity !== 'info').map(({ rule: id, message }) => `${id} ${message}`);

function lintBookinfo(mesh: string) {
  const text = `version: 1
manifests:
  - { cluster: here, paths: [k8s.yaml] }
  - { mesh: true, paths: [mesh.yaml] }
topology:
  clusters: { here: { region: r1, nodes: [{ zone: r1-a, region: r1, count: 2 }] } }
  gateways: { istio-ingressgateway: { cluster: here } }
behavior: { preset: bookinfo }
load:
  - { name: calls, from: { gateway: istio-ingressgateway }, request: GET http://bookinfo.local/productpage, executor: iterations, iterations: 20 }
`;
  return lintLoaded(
    loadScenario('s.yaml', memoryFiles({ 's.yaml': text, 'k8s.yaml': bookinfo(), 'mesh.yaml': mesh })),
  );
}

describe('no error and no warning', () => {
  it.each(SHIPPED)('for %s, which works', (file) => {
    const loaded = loadScenario(file, nodeFiles());
    expect(loaded.diagnostics).toEqual([]);
    expect(severe(lintLoaded(loaded))).toEqual([]);
  });

  it.each(Object.entries(ORDINARY))('for the ordinary Bookinfo rules: %s', (_, mesh) => {
    expect(severe(lintBookinfo(gateway + mesh))).toEqual([]);
  });

  it('for a mesh without policy', () => {
    expect(severe(lint({}).findings)).toEqual([]);
    expect(severe(lintBookinfo(gateway))).toEqual([]);
  });
});

describe('what is found', () => {
  const mesh = rule('outlierDetection: { consecutive5xxErrors: 1 }');
  const only = (text: string, top = '') =>
    lint({ mesh: text, top }).findings.filter((finding) => finding.rule === 'OD001');

  it('has file, line and column, the numbers, and a hint with the mend', () => {
    expect(only(mesh)).toMatchObject([
      {
        rule: 'OD001',
        severity: 'error',
        file: 'mesh.yaml',
        line: 7,
        message:
          'outlierDetection on svc can never eject: 1 of 4 endpoints is 25 % > maxEjectionPercent 10 (default).',
        hint: 'set maxEjectionPercent: 100, or at least 25',
      },
    ]);
  });

  it('is silenced by a comment on the line, or on the line above', () => {
    expect(only(mesh.replace('1 } }', '1 } } # foresail-ignore OD001 on purpose'))).toEqual([]);
    expect(
      only(mesh.replace('  trafficPolicy', '  # foresail-ignore OD001, LB001\n  trafficPolicy')),
    ).toEqual([]);
    expect(only(mesh.replace('  trafficPolicy', '  # foresail-ignore\n  trafficPolicy'))).toEqual([]);
  });

  it('is not silenced by a comment for another rule, or behind another line', () => {
    expect(only(mesh.replace('1 } }', '1 } } # foresail-ignore OD002'))).toHaveLength(1);
    expect(only(mesh.replace('host: "svc"', 'host: "svc" # foresail-ignore OD001'))).toHaveLength(1);
  });

  it('takes its severity from the scenario file', () => {
    expect(only(mesh, 'lint: { OD001: info }\n')).toMatchObject([{ severity: 'info' }]);
    expect(only(mesh, 'lint: { OD001: off }\n')).toEqual([]);
  });

  it('is milder where endpoints are only taken away, and no ejection is waited for', () => {
    const world = {
      mesh: rule(
        'outlierDetection: { consecutive5xxErrors: 1 }, loadBalancer: { localityLbSetting: { failover: [{ from: r1, to: r2 }] } }',
      ),
    };
    const severity = (fault: string) =>
      lint({ ...world, top: `faults:\n  - ${fault}\n` }).findings.find(({ rule: id }) => id === 'OD001')
        ?.severity;
    expect(severity('{ at: 1s, scale: { deployment: svc-v1, replicas: 0 } }')).toBe('info');
    expect(severity('{ at: 1s, refuse: { workload: svc-v1 } }')).toBe('error');
  });

  it('comes sorted, errors first, and each once', () => {
    const { findings } = lint({
      mesh,
      k8s: K8S,
      top: 'faults:\n  - { at: 1s, respond: { workload: svc-v1, status: 503 } }\n',
    });
    const ranks = findings.map(({ severity }) => ['error', 'warning', 'info'].indexOf(severity));
    expect(ranks).toEqual([...ranks].sort());
    expect(new Set(findings.map((finding) => JSON.stringify(finding))).size).toBe(findings.length);
  });
});
