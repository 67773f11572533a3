// `properties:` in a scenario: what may be written, what is wrong with it and where, what is tried.
import { describe, expect, it } from 'vitest';
import { overlayOf } from '../../../src/scenarios/property/candidate.ts';
import { counterexampleText } from '../../../src/scenarios/property/counterexample.ts';
import { singlesAndDoubles } from '../../../src/scenarios/property/exhaustive.ts';
import { POLICIES } from '../../../src/scenarios/property/policies.ts';
import { applyOverlay, overlayFile } from '../../../src/scenarios/work/overlay.ts';
import { runUnit } from '../../../src/scenarios/work/run-unit.ts';
import { HEAD, LOAD, SHOP } from '../helpers.ts';
import { checked, inMemory, open } from './subject.ts';

const shop = (properties: string, more: Record<string, string> = {}, set: string[] = []) =>
  inMemory({ 'shop.yaml': SHOP, 'main.yaml': `${HEAD}${LOAD}${properties}`, ...more }, set);
const places = (subject: ReturnType<typeof shop>) =>
  subject.diagnostics.map(({ code, line, message }) => `${code} ${line} ${message}`);

describe('a property in a scenario file', () => {
  it('takes faults, times and sizes to vary, and times relative to the fault', () => {
    const { properties, diagnostics } = shop(`properties:
  - name: reviews may be small
    forall: { crash: reviews-v1, at: 1s..5s, for: 2s, replicas: { reviews-v1: 1..3 } }
    then: { of: reviews, from: at + 2s, to: end + 4s, errorRate: ..50% }
`);
    expect(diagnostics).toEqual([]);
    const [property] = properties;
    expect(property).toMatchObject({ name: 'reviews may be small', runs: 1, faults: { least: 1, most: 1 } });
    const candidate = { faults: [{ family: 0, shape: 0, at: 20, for: 0, parameters: [] }], settings: [2] };
    expect(overlayOf(property!, candidate)).toEqual({
      runs: 1,
      faults: [{ at: '3s', crash: { workload: 'reviews-v1' }, for: '2s' }],
      patch: { 'Deployment/reviews-v1': { spec: { replicas: 3 } } },
      expect: [{ of: 'reviews', from: '5s', to: '9s', errorRate: '..50%' }],
    });
  });

  it.each([
    ['then: { of: review, errorRate: 0 }', 'FS3005 11 no Service is named "review"'],
    ['then: { of: reviews, shares: 1 }', 'FS2004 11 unknown field "shares" in properties[0].then'],
    [
      'then: { of: reviews, from: at plus 1s, errorRate: 0 }',
      'FS2003 11 properties[0].then.from: "at plus 1s" is not a duration',
    ],
    ['then: { of: reviews }', 'FS5002 11 expect[0]: this expectation checks nothing'],
  ])('points at what is wrong in %s', (then, message) => {
    expect(places(shop(`properties:\n  - forall: { crash: any }\n    ${then}\n`))).toEqual([message]);
  });

  it.each([
    ['{ zoneDwn: any }', 'FS2004 10 unknown field "zoneDwn" in properties[0].forall'],
    ['{ zoneDown: cn-hangzhou-x }', 'FS3007 10 there is no zone "cn-hangzhou-x"'],
    ['{ crash: reviews-v7 }', 'FS3003 10 there is no pod "reviews-v7"'],
    ['{ crash: any, at: 9s..2s }', 'FS2003 10 properties[0].forall.at: the range 9s..2s is empty'],
    ['{ load: { curl: 50%..200% } }', 'FS3010 10 there is no load "curl"'],
    [
      '{ replicas: { reviews-v7: 1..2 } }',
      'FS3018 10 there is no Deployment/reviews-v7 to patch in the manifests',
    ],
    ['{}', 'FS3020 10 errorRate: nothing varies'],
    ['{ partition: any }', 'FS3020 10 errorRate: there is nothing here that could fail so'],
  ])('points at what is wrong in forall: %s', (forall, message) => {
    const told = places(
      shop(`properties:\n  - name: errorRate\n    forall: ${forall}\n    then: { errorRate: 0 }\n`),
    );
    expect(told.map((each) => each.replace(/^(\S+) \d+/, '$1 10'))).toEqual([message]);
  });

  it('warns of a time that is asked about but has no requests', () => {
    const property = (at: string) =>
      `properties:\n  - forall: { crash: any, at: ${at} }\n    then: { from: at + 5s, errorRate: 0 }\n`;
    expect(places(shop(property('1s..4s')))).toEqual([]);
    const [diagnostic] = shop(property('1s..8s')).diagnostics;
    expect(diagnostic).toMatchObject({ code: 'FS3012', severity: 'warning', line: 11 });
    expect(diagnostic?.message).toContain('when faults begin at 8s, no request comes after 13s');
  });

  it('refuses a policy without what it needs, or with what it does not know', () => {
    expect(places(shop('properties:\n  - use: failover-within\n'))).toEqual([
      'FS2002 10 properties[0]: failover-within needs of: a service',
    ]);
    expect(
      places(shop('properties:\n  - use: failover-within\n    with: { of: reviews, in: 3s }\n')),
    ).toEqual(['FS2004 11 properties[0].with.in: failover-within has no parameter "in"']);
  });
});

describe('candidates', () => {
  const subject = shop(`properties:
  - forall: { refuse: any, crash: any, faults: 1..2, at: [1s], weights: any, seed: 1..2 }
    then: { errorRate: ..50% }
`);

  it('are enumerated one by one and in pairs, simplest first', () => {
    const { singles, doubles, allDoubles } = singlesAndDoubles(subject.properties[0]!, 5000);
    // Two kinds at two pods, under three seeds; pairs under the scenario's own.
    expect([singles.length, doubles.length, allDoubles]).toEqual([12, 6, true]);
    expect(singlesAndDoubles(subject.properties[0]!, 5).allDoubles).toBe(false);
    expect(singles[0]).toEqual({
      faults: [{ family: 0, shape: 0, at: 0, for: 0, parameters: [] }],
      settings: [0],
    });
  });

  it('mean the same run whether they are applied to the loaded scenario or written as a file', async () => {
    const { singles, doubles } = singlesAndDoubles(subject.properties[0]!, 5000);
    for (const candidate of [...singles, ...doubles]) {
      const overlay = overlayOf(subject.properties[0]!, candidate);
      const text = overlayFile(overlay, { extends: 'main.yaml', name: 'x', comment: [], seed: 1 });
      const applied = runUnit({ ...subject.unit, overlay }, subject.prepared);
      const again = inMemory({
        'shop.yaml': SHOP,
        'base.yaml': `${HEAD}${LOAD}`,
        'main.yaml': text.replace('main.yaml', 'base.yaml'),
      });
      expect(again.diagnostics).toEqual([]);
      const replayed = runUnit(again.unit, again.prepared);
      expect(replayed.result?.run.digest).toBe(applied.result?.run.digest);
      expect(replayed.result?.expectations.map(({ got }) => got)).toEqual(
        applied.result?.expectations.map(({ got }) => got),
      );
    }
  });

  it('that Istio refuses are passed over, and said to be', async () => {
    const broken = shop(
      `properties:
  - forall: { patch: { VirtualService/reviews: { "spec.http.0.route.0.weight": [70, -1] } } }
    then: { errorRate: 0 }
`,
      {
        'vs.yaml': `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec: { hosts: [reviews], http: [{ route: [{ destination: { host: reviews }, weight: 60 }, { destination: { host: front }, weight: 40 }] }] }
`,
      },
      ['manifests=[{ cluster: here, paths: [shop.yaml] }, { mesh: true, paths: [vs.yaml] }]'],
    );
    expect(places(broken)).toEqual([]);
    const { report } = await checked(broken, { exhaustive: true });
    expect([report.exhaustive?.singles, report.skipped]).toEqual([3, 1]);
    expect(report.skippedWhy).toMatch(/weight/);
  });
});

describe('a push of configuration in between', () => {
  const ABORT = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http: [{ fault: { abort: { httpStatus: 503, percentage: { value: 100 } } }, route: [{ destination: { host: reviews } }] }]
`;

  it('is tried like a fault, and its file is found from where the counterexample lies', async () => {
    const subject = shop(
      `properties:
  - name: pushes
    forall: { apply: [vs.yaml], istiodDown: true, at: 2s..8s }
    then: { from: at + 1s, errorRate: 0 }
`,
      { 'vs.yaml': ABORT },
    );
    expect(places(subject)).toEqual([]);
    const { found } = await checked(subject);
    expect(found?.words).toEqual(['at 2s vs.yaml is applied']);
    expect(found?.expectations[0]?.got).toBe('error rate 100%');
    const text = counterexampleText(subject.properties[0]!, found!.candidate, subject.prepared.scenario, {
      extends: '../main.yaml',
      again: '',
      expectations: [],
      folder: '..',
    });
    expect(text).toContain('- { at: 2s, apply: [../vs.yaml] }');
  });

  it('that cannot be read is an error at the property', () => {
    expect(
      places(shop('properties:\n  - forall: { apply: [none.yaml] }\n    then: { errorRate: 0 }\n')),
    ).toEqual(['FS1007 10 none.yaml: there is no such file or folder']);
  });
});

describe('a search that is stopped', () => {
  it('keeps what it has found, and says when it has tried nothing', async () => {
    const subject = open('examples/properties/guide-failover.yaml');
    const { report } = await checked(subject, { signal: { aborted: true } });
    expect(report).toMatchObject({ ok: false, runs: 0, isInterrupted: true });
    let asked = 0;
    const signal = {
      get aborted() {
        return ++asked > 6;
      },
    };
    const { found } = await checked(subject, { signal });
    expect(found?.expectations[0]?.ok).toBe(false);
  });
});

describe('settings', () => {
  const distribute = (property: string) =>
    open('examples/two-regions/distribute.yaml', ['variants=[]', `properties=[${property}]`]);

  it('find the rule of a security group that a region depends on', async () => {
    const subject = distribute(
      '{ name: rules, forall: { securityRule: any }, then: { of: reviews, share: { region=cn-shanghai: 5%.. } } }',
    );
    expect(subject.diagnostics).toEqual([]);
    const { found } = await checked(subject, { exhaustive: true });
    expect(found?.words).toEqual(['ingress rule 1 of security group sg-shanghai is missing']);
    expect(found?.expectations[0]?.got).toBe('region=cn-shanghai share 0%');
    expect(found?.without[0]?.got).toBe('region=cn-shanghai share 10%');
  });

  it('find the first split that breaks a promise about distribute', async () => {
    const subject = distribute(
      '{ name: split, forall: { distribute: any }, then: { of: reviews, share: { region=cn-shanghai: ..40% } } }',
    );
    const { found, text } = await checked(subject);
    expect(found?.words).toEqual(['distribute 1 of the mesh weighs 50:50']);
    expect(text).toContain(
      'localityLoadBalancing: { distribute: [{ from: cn-hangzhou, to: { cn-hangzhou: 50, cn-shanghai: 50 } }] }',
    );
  });

  it('find the load at which a promise breaks', async () => {
    const subject = distribute(
      '{ name: load, forall: { load: { ten-curls: 50%..200% } }, then: { during: ten-curls, codes: { 200: ..15 } } }',
    );
    const { found, text } = await checked(subject, { runs: 200 });
    expect(found?.words).toEqual(['load ten-curls at 155 %']);
    expect(text).toContain('iterations: 16');
  });
});

describe('what is laid over a scenario', () => {
  it('leaves the scenario itself as it was', () => {
    const { prepared } = shop('');
    const before = JSON.stringify(prepared.scenario);
    const overlay = {
      seed: 7,
      faults: [{ at: '1s', crash: { workload: 'reviews-v1' } }],
      patch: { 'Deployment/reviews-v1': { spec: { replicas: 4 } } },
      expect: [{ errorRate: 0 }],
    };
    const { scenario, diagnostics } = applyOverlay(prepared.scenario, prepared.tree!, overlay, prepared.read);
    expect(diagnostics).toEqual([]);
    expect(scenario.faults).toHaveLength(1);
    expect(JSON.stringify(prepared.scenario)).toBe(before);
  });
});

describe('the library', () => {
  const PARAMETERS: Record<string, object> = {
    'no-cross-region-traffic-when-healthy': { of: 'api', region: 'eu-1' },
    'canary-share-within-its-band': { of: 'api', version: 'far', share: '20%..30%' },
  };

  it.each(POLICIES.map(({ name }) => name))('%s can be used as it is', async (use) => {
    const given = JSON.stringify(PARAMETERS[use] ?? { of: 'api' });
    const subject = open('examples/properties/shop/base.yaml', [
      `properties=[{ use: ${use}, with: ${given} }]`,
    ]);
    expect(subject.diagnostics).toEqual([]);
    const { report } = await checked(subject, { runs: 5 });
    expect(report.runs).toBeGreaterThan(0);
    expect(report.skipped).toBe(0);
  });

  it('finds that replicas move the share of a canary that has no weight of its own', async () => {
    const subject = open('examples/properties/shop/base.yaml', [
      'properties=[{ use: canary-share-within-its-band, with: { of: api, version: far, share: 20%..30%, replicas: 1..4 } }]',
    ]);
    const { found } = await checked(subject);
    expect(found?.words).toEqual(['api-near has 1 replica', 'api-far has 1 replica']);
    expect(found?.expectations[0]?.got).toMatch(/version=far share (4[89]|5[012])/);
  });

  it('finds panic where most pods of a priority are ejected', async () => {
    const subject = open('examples/properties/shop/base.yaml', [
      'manifests=[{ cluster: near, paths: [examples/properties/shop/near/] }, { cluster: far, paths: [examples/properties/shop/far/] }, { mesh: true, paths: [examples/properties/shop/mesh/distribute-home.yaml] }]',
      'patch.DestinationRule/api.spec.trafficPolicy.outlierDetection.minHealthPercent=50',
      'properties=[{ use: no-panic, with: { of: api } }]',
    ]);
    expect(subject.diagnostics).toEqual([]);
    const { found } = await checked(subject);
    expect(found?.expectations[0]?.got).toMatch(/^lb_healthy_panic [1-9]/);
  });
});
