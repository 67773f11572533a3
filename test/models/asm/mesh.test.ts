import { describe, expect, it } from 'vitest';
import { asmProblems } from '../../../src/models/asm/checks.ts';
import { endpointsIn, gatewayTrouble, servedClusters } from '../../../src/models/asm/gateways.ts';
import { ADDRESS_TYPE, givesAddress } from '../../../src/models/asm/load-balancer.ts';
import { type AsmPlan, isAtLeast } from '../../../src/models/asm/plan.ts';
import { isPilotHidden, lacksDns, sidecarTrouble } from '../../../src/models/asm/sidecars.ts';
import type { IstioEndpoint } from '../../../src/models/istio/model.ts';
import { buildKubeState } from '../../../src/models/kube/build-state.ts';
import type { ManifestObject } from '../../../src/models/kube/model.ts';
import type { NetworkCluster } from '../../../src/models/network/plan.ts';

const mesh = (clusters: NetworkCluster[], rest: Partial<AsmPlan> = {}): AsmPlan => ({
  clusters,
  gateways: [],
  ...rest,
  mesh: { provider: 'asm', meshConfig: {}, ...rest.mesh },
});
const rules = (plan: AsmPlan, state?: ReturnType<typeof stateOf>) =>
  asmProblems(plan, state).map(({ rule }) => rule);

const namespace = (name: string, labels: Record<string, string> = {}): ManifestObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});
const deployment = (name: string, labels: Record<string, string> = {}): ManifestObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name, ...labels } }, spec: { containers: [{ name: 'main' }] } },
  },
});
const service = (type: string, more: Record<string, unknown> = {}): ManifestObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { type, selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }], ...more },
});
const INJECTED = { 'istio-injection': 'enabled' };

function stateOf(
  clusters: NetworkCluster[],
  objects: ManifestObject[],
  selectors: Record<string, string>[] = [],
) {
  return buildKubeState(clusters, [{ cluster: clusters[0]!.id, objects }], { gatewaySelectors: selectors })
    .state;
}

describe('the version of a mesh', () => {
  it('is compared number by number, whatever stands before and after', () => {
    expect(isAtLeast('v1.7.5.41-ge61a01c3-aliyun', '1.7.5.41')).toBe(true);
    expect(isAtLeast('1.7.5.40', '1.7.5.41')).toBe(false);
    expect(isAtLeast('v1.18.0.124-g6b4b1c5-aliyun', '1.7.5.41')).toBe(true);
    expect(isAtLeast('v1.10', '1.7.5.41')).toBe(true);
    expect(isAtLeast('v1.6.99.99', '1.7.5.41')).toBe(false);
  });

  it('may be too short, or none, to tell', () => {
    expect([
      isAtLeast('v1.7.5', '1.7.5.41'),
      isAtLeast(undefined, '1.7'),
      isAtLeast('latest', '1.7'),
    ]).toEqual([null, null, null]);
  });
});

describe('DNS of a serverless cluster', () => {
  it('is CoreDNS or PrivateZone; without a word it is taken to be there', () => {
    const lacks = (components?: string[], type = 'ask') =>
      lacksDns({ id: 'c', type, ...(components && { components }) });
    expect([lacks(['coredns']), lacks(['privatezone']), lacks(['PrivateZone', 'x']), lacks()]).toEqual(
      Array(4).fill(false),
    );
    expect([lacks([]), lacks(['ack-virtual-node'])]).toEqual([true, true]);
    expect(lacks([], 'ack')).toBe(false);
  });
});

describe('Pilot', () => {
  it('is hidden from clusters outside the cloud unless it is exposed', () => {
    const hidden = (exposePilot?: boolean, type = 'external', provider: string | undefined = 'asm') => {
      const cluster = { id: 'c', type };
      return isPilotHidden(mesh([cluster], { mesh: { provider, exposePilot, meshConfig: {} } }), cluster);
    };
    expect([hidden(), hidden(false), hidden(true)]).toEqual([true, true, false]);
    expect([hidden(false, 'ack'), hidden(undefined, 'ask')]).toEqual([false, false]);
  });

  it('of another mesh is hidden only if somebody says so', () => {
    const cluster = { id: 'c', type: 'external' };
    expect(isPilotHidden({ clusters: [cluster], gateways: [], mesh: { meshConfig: {} } }, cluster)).toBe(
      false,
    );
    expect(
      isPilotHidden(
        { clusters: [cluster], gateways: [], mesh: { meshConfig: {}, exposePilot: false } },
        cluster,
      ),
    ).toBe(true);
  });
});

describe('sidecars on virtual nodes of a managed cluster', () => {
  const clusters = [{ id: 'c', type: 'ack', components: ['ack-virtual-node'] }];
  const state = stateOf(clusters, [
    namespace('default', INJECTED),
    deployment('web', { 'alibabacloud.com/eci': 'true' }),
    deployment('ordinary'),
  ]);
  const trouble = (version: string) =>
    state.pods.map(
      (pod) =>
        sidecarTrouble(mesh(clusters, { mesh: { version, meshConfig: {} } }), pod, state.nodes)?.rule ?? null,
    );

  it('need a mesh that is new enough; those on ordinary nodes do not', () => {
    expect(trouble('v1.7.5.40')).toEqual(['ASM002', 'ASM002', null, null]);
    expect(trouble('v1.7.5.41-ge61a01c3-aliyun')).toEqual([null, null, null, null]);
    expect(trouble('v1.7')).toEqual([null, null, null, null]);
  });
});

describe('load balancers', () => {
  it('are given, of the type that was asked for, unless the cluster cannot', () => {
    const gives = (loadBalancer: boolean | string | undefined, annotations = {}) =>
      givesAddress({ id: 'c', loadBalancer }, { annotations });
    const intranet = { [ADDRESS_TYPE]: 'intranet' };
    expect([
      gives(undefined),
      gives(true),
      gives('public'),
      gives('intranet', intranet),
      gives('metallb'),
    ]).toEqual(Array(5).fill(true));
    expect([gives(false), gives('none'), gives('intranet'), gives('public', intranet)]).toEqual(
      Array(4).fill(false),
    );
    expect(givesAddress(undefined, { annotations: {} })).toBe(true);
  });

  it('of an exported Service keep the address that they have', () => {
    const exported = {
      ...service('LoadBalancer'),
      status: { loadBalancer: { ingress: [{ ip: '198.51.100.7' }] } },
    };
    const clusters = [{ id: 'c', loadBalancer: false }];
    expect(stateOf(clusters, [exported]).services[0]!.loadBalancerAddresses).toEqual(['198.51.100.7']);
    expect(stateOf(clusters, [service('LoadBalancer')]).services[0]!.loadBalancerAddresses).toEqual([]);
    expect(stateOf([{ id: 'c' }], [service('LoadBalancer')]).services[0]!.loadBalancerAddresses).toHaveLength(
      1,
    );
  });
});

describe('a gateway', () => {
  const trouble = (type: string, loadBalancer?: boolean, more = {}) => {
    const clusters = [{ id: 'c', ...(loadBalancer !== undefined && { loadBalancer }) }];
    const state = stateOf(clusters, [deployment('web'), service(type, more)], [{ app: 'web' }]);
    return gatewayTrouble(mesh(clusters), state, state.pods[0]!)?.rule ?? null;
  };

  it('is reached by its load balancer, and not without an address', () => {
    expect([trouble('LoadBalancer'), trouble('LoadBalancer', false)]).toEqual([null, 'ASM007']);
    expect(trouble('LoadBalancer', false, { externalIPs: ['192.0.2.1'] })).toBeNull();
  });

  it('is reached behind a NodePort or a ClusterIP, which is the remedy', () => {
    expect([trouble('NodePort', false), trouble('ClusterIP', false)]).toEqual([null, null]);
  });

  it('of the topology may do without a load balancer, and then needs another type', () => {
    const clusters = [{ id: 'c' }];
    const state = stateOf(clusters, [deployment('web'), service('ClusterIP')], [{ app: 'web' }]);
    const of = (serviceType?: string) =>
      gatewayTrouble(
        mesh(clusters, {
          gateways: [
            {
              name: 'web',
              namespace: 'default',
              cluster: 'c',
              loadBalancer: 'none',
              ...(serviceType && { serviceType }),
            },
          ],
        }),
        state,
        state.pods[0]!,
      )?.rule ?? null;
    expect([of(), of('LoadBalancer'), of('NodePort'), of('ClusterIP')]).toEqual([
      'ASM007',
      'ASM007',
      null,
      null,
    ]);
  });

  it('serves the clusters that it lists, and all when it lists none', () => {
    const gateway = { name: 'web', namespace: 'default', cluster: 'a' };
    const pod = (cluster: string) => ({ cluster, workload: { kind: 'Deployment' as const, name: 'web' } });
    expect(servedClusters({ gateways: [gateway] }, pod('a'))).toBeNull();
    const limited = { gateways: [{ ...gateway, servedClusters: ['a'] }] };
    expect(servedClusters(limited, pod('a'))).toEqual(['a']);
    expect(servedClusters(limited, pod('b'))).toBeNull();
    const endpoint = (clusterId: string) => ({ clusterId }) as IstioEndpoint;
    expect(
      endpointsIn(new Map([['web/default', ['a', 'b', ''].map(endpoint)]]), ['a']).get('web/default'),
    ).toEqual([endpoint('a'), endpoint('')]);
  });
});

describe('the checks of a mesh', () => {
  it('find nothing in a mesh that is in order', () => {
    const clusters = [
      { id: 'a', type: 'ack', components: ['ack-virtual-node'] },
      { id: 'b', type: 'ask', components: ['coredns'] },
    ];
    const state = stateOf(clusters, [
      namespace('default', INJECTED),
      deployment('web', { 'alibabacloud.com/eci': 'true' }),
    ]);
    expect(rules(mesh(clusters, { mesh: { version: 'v1.24.6', meshConfig: {} } }), state)).toEqual([]);
  });

  it('name clusters that their sidecars cannot work in', () => {
    expect(rules(mesh([{ id: 'c', type: 'ask', components: [] }]))).toEqual(['ASM001']);
    expect(rules(mesh([{ id: 'c', type: 'external' }]))).toEqual(['ASM005', 'ASM006']);
    const exposed = { exposePilot: true, exposeApiServer: true, meshConfig: {} };
    expect(rules(mesh([{ id: 'c', type: 'external' }], { mesh: exposed }))).toEqual([]);
  });

  it('name ECI pods that do not work: too old a mesh, no component, no injection', () => {
    const eci = { 'alibabacloud.com/eci': 'true' };
    const able = [{ id: 'c', type: 'ack', components: ['ack-virtual-node'] }];
    const injected = [namespace('default', INJECTED), deployment('web', eci)];
    expect(
      rules(mesh(able, { mesh: { version: 'v1.7.5.40', meshConfig: {} } }), stateOf(able, injected)),
    ).toEqual(['ASM002']);
    const unable = [{ id: 'c', type: 'ack', components: [] }];
    expect(rules(mesh(unable), stateOf(unable, injected))).toEqual(['ASM003']);
    expect(rules(mesh(able), stateOf(able, [namespace('default', eci), deployment('web')]))).toEqual([
      'ASM004',
    ]);
  });

  it('name settings that exclude each other or came later', () => {
    const localityLbSetting = {
      distribute: [{ from: 'a', to: { a: 100 } }],
      failover: [{ from: 'a', to: 'b' }],
    };
    expect(rules(mesh([], { mesh: { meshConfig: { localityLbSetting } } }))).toEqual(['ASM009']);
    const { distribute } = localityLbSetting;
    const versioned = (version: string) =>
      rules(
        mesh([], { mesh: { provider: 'asm', version, meshConfig: { localityLbSetting: { distribute } } } }),
      );
    expect([versioned('v1.22.6.65'), versioned('v1.22.6.66')]).toEqual([['ASM010'], []]);
    for (const strange of [null, 'x', [], { distribute: 3, failover: {} }])
      expect(rules(mesh([], { mesh: { meshConfig: { localityLbSetting: strange } } }))).toEqual([]);
  });

  it('name gateways without an address, with missing clusters, or with ports that differ', () => {
    const clusters = [{ id: 'c', loadBalancer: false }, { id: 'd' }];
    const gateways = [{ name: 'web', namespace: 'default', cluster: 'c', servedClusters: ['c'] }];
    const state = stateOf(
      clusters,
      [deployment('web'), service('LoadBalancer', { ports: [{ name: 'http', port: 80, targetPort: 8080 }] })],
      [{ app: 'web' }],
    );
    const found = asmProblems(mesh(clusters, { gateways }), state);
    expect(found.map(({ rule, severity }) => `${rule} ${severity}`)).toEqual([
      'ASM008 warning',
      'ASM007 error',
      'ASM011 info',
    ]);
    expect(found[1]!.path).toEqual(['gateways', 'web']);
  });
});
