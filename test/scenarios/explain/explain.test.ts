import { describe, expect, it } from 'vitest';
import { explain, type Question } from '../../../src/scenarios/explain/explain.ts';
import type { Explanation } from '../../../src/scenarios/explain/explanation.ts';
import { nodeFiles } from '../../../src/scenarios/files.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import type { Scenario } from '../../../src/scenarios/scenario.ts';
import { loadShop } from '../shop.ts';

const failover = loadScenario('examples/two-regions/failover.yaml', nodeFiles());
const variant = (name: string) => failover.variants.find((scenario) => scenario.variant === name)!;

function ask(scenario: Scenario, question: Question): Explanation {
  const answer = explain(scenario, question);
  if ('problem' in answer) throw new Error(answer.problem);
  return answer;
}
const stepOf = (answer: Explanation, name: string, hop = 0) =>
  answer.explained[hop]!.steps.find(({ step }) => step === name)!;

describe('one request', () => {
  const answer = ask(failover.base, { load: 'after', request: 3, to: 'reviews' });

  it('is found by load and number, with all its hops', () => {
    expect(answer.request).toMatchObject({ load: 'after', number: 3, status: 200 });
    expect(answer.hops.map(({ depth, to }) => [depth, to])).toEqual([
      [0, 'productpage.default'],
      [1, 'details.default'],
      [1, 'reviews.default'],
      [2, 'ratings.default'],
    ]);
  });

  it('tells every step of the hop in order, most with the line that decided it and all with a rule', () => {
    const { steps } = answer.explained[0]!;
    expect(steps.map(({ step }) => step)).toEqual([
      'caller',
      'listener',
      'virtual host',
      'route',
      'cluster',
      'endpoints',
      'priorities',
      'health',
      'pick',
      'attempts',
      'response',
    ]);
    expect(steps.filter(({ rules }) => rules.length === 0)).toEqual([]);
    const places = steps.flatMap((each) => each.places.map(({ file, line }) => `${file}:${line}`));
    expect(places).toContain('examples/two-regions/mesh/reviews-failover.yaml:9');
    expect(places).toContain('examples/two-regions/failover.yaml:10');
  });

  it('says which endpoint has left, when, and after what', () => {
    expect(stepOf(answer, 'endpoints').details.join('\n')).toMatch(
      /reviews-v1-0 left with the push of 15\.1\d\ds \(15\.000s reviews-v1-0 .*is gone\)/,
    );
  });

  it('shows the priorities while both regions are there', () => {
    const before = ask(failover.base, { load: 'before', request: 1, to: 'reviews' });
    expect(stepOf(before, 'priorities').says).toBe('P0 {reviews-v1-0} 100%   P1 {reviews-v2-0} 0%');
  });

  it('tells an ejection only to the requests after it', () => {
    const scenario = variant('refuse-and-eject-all');
    const first = ask(scenario, { load: 'after', request: 1, to: 'reviews' });
    const second = ask(scenario, { load: 'after', request: 2, to: 'reviews' });
    expect(stepOf(first, 'health').says).toBe('2 of 2 available, panic is off');
    expect(stepOf(first, 'attempts').details[0]).toMatch(/first try reviews-v1-0 \(P0\): refused/);
    expect(stepOf(second, 'health').says).toBe('1 of 2 available, panic is off');
    expect(stepOf(second, 'health').details[0]).toMatch(/^reviews-v1-0 is ejected from 20\.00/);
    expect(stepOf(second, 'priorities').says).toBe('P0 {reviews-v1-0} 0%   P1 {reviews-v2-0} 100%');
  });

  it('chooses the deepest hop that failed when none is named, with the fault behind it', () => {
    const failed = ask(variant('refuse-instead'), { load: 'after', request: 2 });
    expect(failed.explained.map(({ to }) => to)).toEqual(['reviews.default']);
    const attempts = stepOf(failed, 'attempts');
    expect(attempts.details.at(-1)).toBe('since 15.000s: reviews-v1 refuses connections');
    expect(attempts.places).toMatchObject([{ what: 'fault', file: 'examples/two-regions/failover.yaml' }]);
    expect(stepOf(failed, 'health').details.join()).toContain(
      'at most 10% of 2 hosts, so none can be ejected',
    );
    expect(stepOf(failed, 'response').says).toMatch(/^503 UF \(.*\), URX \(all retries were used up\)/);
  });

  it('that does not exist is a sentence with the number of those that do', () => {
    expect(explain(failover.base, { load: 'after', request: 11 })).toEqual({
      problem: 'load after sends 10 requests; there is no request 11',
    });
    expect(explain(failover.base, { load: 'late' })).toEqual({
      problem: 'there is no load "late" (known: before, after)',
    });
  });
});

describe('a call from A to B at a time', () => {
  it('is the first one at or after it', () => {
    const answer = ask(failover.base, { from: 'productpage-v1', to: 'reviews', atNs: 22.5e9 });
    expect(answer.request).toMatchObject({ load: 'after', number: 4 });
  });

  it('that nobody makes is answered by the configuration', () => {
    const answer = ask(failover.base, { from: 'ratings-v1', to: 'reviews', atNs: 3e9 });
    expect(answer.request).toBeNull();
    expect(answer.notes[0]).toContain('this is what the configuration would do');
    expect(stepOf(answer, 'priorities').says).toContain('P0 {reviews-v1-0} 100%');
    expect(answer.explained[0]!.steps.map(({ step }) => step)).not.toContain('attempts');
  });

  it('names what is known for a caller or service that does not exist', () => {
    expect(explain(failover.base, { from: 'nobody', to: 'reviews', atNs: 0 })).toEqual({
      problem: expect.stringMatching(
        /^there is no workload, pod or gateway "nobody" \(known: .*productpage-v1/,
      ),
    });
    expect(explain(failover.base, { from: 'ratings-v1', to: 'nothing', atNs: 0 })).toEqual({
      problem: expect.stringMatching(/^there is no service "nothing" \(known: details\.default/),
    });
  });
});

describe('routes', () => {
  const LOAD = `load:
  - { name: curls, from: { workload: web }, request: GET http://api:8080/x, executor: iterations, iterations: 40, pace: 100ms }
`;
  const clusters = { here: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: { 'api-v1': 1, 'api-v2': 1 } } };
  const mesh = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: api, namespace: shop }
spec:
  hosts: [api]
  http:
    - match: [{ uri: { prefix: /x } }]
      retries: { attempts: 1, retryOn: 5xx }
      route:
        - { destination: { host: api, subset: one }, weight: 50 }
        - { destination: { host: api, subset: gone }, weight: 50 }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api, namespace: shop }
spec: { host: api, subsets: [{ name: one, labels: { version: v1 } }, { name: gone, labels: { version: v9 } }] }
`;

  it('say their weights, which was drawn, and the line of the rule', () => {
    const { base } = loadShop({ clusters, mesh, scenario: LOAD });
    const drawn = new Set<string>();
    for (let request = 1; request <= 12; request++) {
      const answer = ask(base, { request, to: 'api' });
      const route = stepOf(answer, 'route');
      expect(route.places[0]).toMatchObject({ file: '/shop/mesh.yaml', line: 7 });
      expect(route.details[1]).toBe('up to 1 retry on 5xx');
      drawn.add(route.details[0]!);
      if (route.details[0]!.endsWith('drew api.shop subset gone'))
        expect(stepOf(answer, 'endpoints').says).toBe('no endpoint in EDS: 503 UH');
    }
    expect([...drawn].sort()).toEqual([
      '50% to api.shop subset one, 50% to api.shop subset gone; this request drew api.shop subset gone',
      '50% to api.shop subset one, 50% to api.shop subset gone; this request drew api.shop subset one',
    ]);
  });
});
