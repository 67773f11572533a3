import { describe, expect, it } from 'vitest';
import { selects } from '../../../src/models/kube/selects.ts';

const service = { cluster: 'here', namespace: 'shop', selector: { app: 'web', tier: 'front' } };
const pod = { cluster: 'here', namespace: 'shop', labels: { app: 'web', tier: 'front', version: 'v1' } };

describe('a Service', () => {
  it('is about the pods with every label of its selector, whatever else they carry', () => {
    expect(selects(service, pod)).toBe(true);
    expect(selects(service, { ...pod, labels: { app: 'web' } })).toBe(false);
    expect(selects(service, { ...pod, labels: { app: 'web', tier: 'back' } })).toBe(false);
  });

  it('is about pods of its own cluster and namespace', () => {
    expect(selects(service, { ...pod, cluster: 'there' })).toBe(false);
    expect(selects(service, { ...pod, namespace: 'default' })).toBe(false);
  });

  it('is about no pod without a selector', () => {
    expect(selects({ ...service, selector: {} }, pod)).toBe(false);
  });

  it('takes no label that every object inherits for one of the pod', () => {
    const odd = { ...service, selector: { toString: String(Object.prototype.toString) } };
    expect(selects(odd, { ...pod, labels: {} })).toBe(false);
  });
});
