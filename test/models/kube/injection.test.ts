import { expect, it } from 'vitest';
import { buildKubeState } from '../../../src/models/kube/build-state.ts';
import { injectionOf } from '../../../src/models/kube/injection.ts';
import { deployment, zoned } from './cluster.ts';

const ON = { 'istio-injection': 'enabled' };
const OFF = { 'istio-injection': 'disabled' };
const REV = { 'istio.io/rev': 'canary' };
const yes = { 'sidecar.istio.io/inject': 'true' };
const no = { 'sidecar.istio.io/inject': 'false' };

it.each<[string, Record<string, string>, Record<string, string>, Record<string, string>, boolean]>([
  ['an enabled namespace injects', ON, {}, {}, true],
  ['a pod label opts out', ON, no, {}, false],
  ['a pod annotation opts out', ON, {}, no, false],
  ['the label wins over the annotation', ON, yes, no, true],
  ['the label wins the other way too', ON, no, yes, false],
  ['an odd annotation is a no', ON, {}, { 'sidecar.istio.io/inject': 'maybe' }, false],
  ['a disabled namespace never injects', OFF, yes, {}, false],
  ['any other value is no yes', { 'istio-injection': 'true' }, yes, {}, false],
  ['disabled wins over a revision on the namespace', { ...OFF, ...REV }, {}, {}, false],
  ['enabled wins over a revision on the namespace', { ...ON, ...REV }, {}, {}, true],
  ['a revision on the namespace injects', REV, {}, {}, true],
  ['a pod label opts out of a revision', REV, no, {}, false],
  ['a revision on the pod injects in an unlabelled namespace', {}, REV, {}, true],
  ['a revision on the pod does not help in a disabled one', OFF, REV, {}, false],
  ['an unlabelled namespace does not inject', {}, {}, {}, false],
  ['a pod label opts in there', {}, yes, {}, true],
  ['a pod annotation does not, for nobody asks the injector', {}, {}, yes, false],
])('%s', (_, namespaceLabels, labels, annotations, expected) => {
  const pod = { namespace: 'shop', namespaceLabels, labels, annotations, hostNetwork: false };
  expect(injectionOf(pod).isInjected).toBe(expected);
});

it('leaves the host network and the system namespaces alone', () => {
  const pod = { namespaceLabels: ON, labels: yes, annotations: {} };
  expect(injectionOf({ ...pod, namespace: 'shop', hostNetwork: true }).isInjected).toBe(false);
  expect(injectionOf({ ...pod, namespace: 'kube-system', hostNetwork: false }).isInjected).toBe(false);
});

it('takes an unknown namespace for labelled, and says so once', () => {
  const { state, assumptions } = buildKubeState(
    [zoned],
    [{ cluster: 'c1', objects: [deployment('web', 2), deployment('out', 1, { labels: no })] }],
    { gatewaySelectors: [] },
  );
  expect(state.pods.map((pod) => pod.hasSidecar)).toEqual([true, true, false]);
  expect(assumptions).toEqual([
    'no Namespace shop in the manifests of cluster c1: it is taken to be labelled istio-injection=enabled',
  ]);
});
