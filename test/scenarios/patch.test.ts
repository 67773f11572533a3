// `patch:` of the scenario file: what it changes, and what it says about mistakes.
import { describe, expect, it } from 'vitest';
import { mergePatch } from '../../src/scenarios/patch.ts';
import { HEAD, LOAD, load, loadClean, told } from './helpers.ts';

const specOf = (loaded: ReturnType<typeof load>, kind: string, name: string) =>
  loaded.base.manifests
    .flatMap(({ objects }) => objects)
    .find((object) => object.kind === kind && object.metadata.name === name)?.spec as Record<string, unknown>;

describe('a merge patch', () => {
  it.each([
    [{ a: { b: 1, c: 2 } }, { a: { b: 3 } }, { a: { b: 3, c: 2 } }],
    [{ a: 1, b: 2 }, { a: null }, { b: 2 }],
    [{ a: [{ w: 1 }, { w: 2 }] }, { a: { 1: { w: 9 } } }, { a: [{ w: 1 }, { w: 9 }] }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{ a: [1, 2] }, { a: { 2: 3 } }, { a: [1, 2, 3] }],
    [{ a: [1, 2] }, { a: { 0: null } }, { a: [2] }],
    [{ a: [1] }, { a: { 7: 1 } }, { a: { 7: 1 } }],
    [undefined, { a: { b: 1 } }, { a: { b: 1 } }],
  ])('of %j with %j is %j', (target, patch, expected) => {
    expect(JSON.parse(JSON.stringify(mergePatch(target, patch)))).toEqual(expected);
  });

  it('makes no prototype out of a key', () => {
    const patched = mergePatch({}, JSON.parse('{ "__proto__": { "polluted": true } }')) as object;
    expect(Object.keys(patched)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('patch: in a scenario', () => {
  it('changes fields of every object of that name, or of one cluster or namespace', () => {
    const patched = loadClean(`patch:
  Deployment/reviews-v1: { spec: { replicas: 3 } }
  Service/shop/reviews@here: { spec: { ports: { 0: { port: 9081 } } } }
${LOAD.replace(':9080', ':9081')}`);
    expect(specOf(patched, 'Deployment', 'reviews-v1')['replicas']).toBe(3);
    expect(specOf(patched, 'Service', 'reviews')['ports']).toEqual([{ name: 'http', port: 9081 }]);
    expect(specOf(patched, 'Service', 'front')['ports']).toEqual([{ name: 'http', port: 80 }]);
  });

  it('can be set from the command line, and differs in a variant', () => {
    const patched = loadClean(
      `${LOAD}variants:\n  - { name: more, set: { patch: { Deployment/reviews-v1: { spec: { replicas: 5 } } } } }\n`,
      {},
      { set: ['patch.Deployment/front-v1.spec.replicas=2'] },
    );
    expect(specOf(patched, 'Deployment', 'front-v1')['replicas']).toBe(2);
    const [variant] = patched.variants;
    expect(specOf({ ...patched, base: variant! }, 'Deployment', 'reviews-v1')['replicas']).toBe(5);
    expect(specOf(patched, 'Deployment', 'reviews-v1')['replicas']).toBeUndefined();
  });

  it('is held against the same rules as what is written so, at its own place', () => {
    const files = {
      'vs.yaml': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec: { hosts: [reviews], http: [{ route: [{ destination: { host: reviews } }] }] }
`,
    };
    const head = HEAD.replace('topology:', '  - { mesh: true, paths: [vs.yaml] }\ntopology:');
    const patch =
      'patch:\n  VirtualService/reviews:\n    spec: { http: { 0: { retries: { attempts: -1 } } } }\n';
    const patched = load(`${head}${patch}${LOAD}`, files);
    expect(told(patched).join('\n')).toBe('FS2020 main.yaml:10 VirtualService reviews: must not be negative');
  });

  it('names the nearest object when there is none', () => {
    const patched = load(`patch: { Deployment/review-v1: { spec: { replicas: 3 } } }\n${LOAD}`);
    expect(patched.diagnostics[0]).toMatchObject({
      code: 'FS3018',
      hint: 'did you mean "Deployment/reviews-v1"?',
    });
  });
});
