// Rule VD-1: delegates.
import { describe, expect, it } from 'vitest';
import { mergeRule } from '../../../../src/models/istio/routes/delegate.ts';
import { build, to, virtualService } from './mesh.ts';

const WEB = 'web.shop.svc.cluster.local';
const merged = (root: object, leaf: object) =>
  mergeRule({ match: [root] }, { match: [leaf], ...to('web') } as Record<string, unknown>);

describe('merging one rule into its root', () => {
  it('drops a match that reaches outside the root’s', () => {
    expect(merged({ uri: { prefix: '/a' } }, { uri: { prefix: '/b' } })).toBeNull();
    expect(merged({ uri: { prefix: '/a' } }, { uri: { exact: '/a/b' } })).not.toBeNull();
    expect(merged({ uri: { exact: '/a' } }, { uri: { prefix: '/a' } })).toBeNull();
    expect(merged({ headers: { h: { exact: '1' } } }, { headers: { h: { exact: '2' } } })).toBeNull();
    expect(merged({ port: 80 }, { port: 81 })).toBeNull();
    expect(merged({ ignoreUriCase: true }, { uri: { prefix: '/a' } })).toBeNull();
  });

  it('regular expressions go with no other matcher of the same thing', () => {
    expect(merged({ uri: { regex: '/a.*' } }, { uri: { regex: '/a.*' } })).toBeNull();
    expect(merged({ uri: { regex: '/a.*' } }, { headers: { h: {} } })).not.toBeNull();
  });

  it('adds the root’s conditions', () => {
    expect(merged({ uri: { prefix: '/a' }, headers: { x: {} } }, { headers: { y: {} } })?.['match']).toEqual([
      { uri: { prefix: '/a' }, headers: { x: {}, y: {} } },
    ]);
  });

  it('takes from the root what the delegate does not say', () => {
    const rule = mergeRule(
      { timeout: '7s', retries: { attempts: 1 }, name: 'r' },
      { ...to('web'), timeout: '1s', name: 'l' },
    );
    expect(rule).toMatchObject({ timeout: '1s', retries: { attempts: 1 }, name: 'r-l' });
  });
});

describe('a root rule', () => {
  const root = virtualService('root', {
    hosts: ['web'],
    http: [{ delegate: { name: 'leaf', namespace: 'other' } }, to('rest.example.com')],
  });
  const leaf = (spec: object) =>
    virtualService(
      'leaf',
      { http: [to('leaf.example.com', { match: [{ uri: { prefix: '/x' } }] })], ...spec },
      'other',
    );

  it('is replaced by the delegate’s rules, which keep their own place', () => {
    const built = build({ objects: [root, leaf({})] });
    expect(built.targets('80', WEB)).toEqual([
      'outbound|80||leaf.example.com',
      'outbound|80||rest.example.com',
    ]);
    expect(built.routes('80', WEB)[0]?.origin?.file).toBe('leaf.yaml');
  });

  it('vanishes when the delegate is missing, has hosts of its own, or is not exported to the root', () => {
    for (const other of [[], [leaf({ hosts: ['x.com'] })], [leaf({ exportTo: ['.'] })]])
      expect(build({ objects: [root, ...other] }).targets('80', WEB)).toEqual([
        'outbound|80||rest.example.com',
      ]);
  });
});
