import { describe, expect, it } from 'vitest';
import { renderMarkdown } from '../../../src/cli/output/markdown-diff.ts';
import { renderDifference, summaryOf } from '../../../src/cli/output/text-diff.ts';
import { diff } from '../../../src/scenarios/diff/diff.ts';
import { fieldChanges } from '../../../src/scenarios/diff/diff-config.ts';
import { findingChanges, serviceChanges } from '../../../src/scenarios/diff/diff-results.ts';
import { layOver, objectsBelow, rebased } from '../../../src/scenarios/diff/overlay.ts';
import { memoryFiles } from '../../../src/scenarios/files-memory.ts';
import { loadScenario } from '../../../src/scenarios/load.ts';
import type { Count, ScenarioResult } from '../../../src/scenarios/result.ts';
import { loadShop } from '../shop.ts';

const LOAD = `load:
  - { name: curls, from: { workload: web }, request: GET http://api:8080/, executor: iterations, iterations: 100, pace: 50ms }
expect:
  - { of: api, share: { api-v1: 100% } }
`;
const clusters = { here: { nodes: ['eu-1/eu-1a'], hasWeb: true, api: { 'api-v1': 1, 'api-v2': 1 } } };
const mesh = (weights: [number, number], attempts = 2) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api, namespace: shop }
spec: { host: api, subsets: [{ name: one, labels: { version: v1 } }, { name: two, labels: { version: v2 } }] }
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: api, namespace: shop }
spec:
  hosts: [api]
  http:
    - retries: { attempts: ${attempts}, retryOn: 5xx }
      route:
        - { destination: { host: api, subset: one }, weight: ${weights[0]} }
        - { destination: { host: api, subset: two }, weight: ${weights[1]} }
`;
const side = (text: string, label = '') => ({
  label,
  loaded: loadShop({ clusters, mesh: text, scenario: LOAD }),
  variant: null,
});

describe('two sets of rules', () => {
  const difference = diff(side(mesh([100, 0]), 'old'), side(mesh([90, 10], 5), 'new'), { runs: 20 });

  it('move the share of each workload, with the band of the runs', () => {
    const api = difference.services.find(({ service }) => service === 'api.shop')!;
    expect(api.by).toBe('workload');
    const [one, two] = api.shares;
    expect([one!.old.share, two!.old.share]).toEqual([1, 0]);
    expect(two!.new.share).toBeCloseTo(0.1, 1);
    expect(two!.new.low).toBeLessThan(0.1);
    expect(two!.new.high).toBeGreaterThan(0.1);
    expect([one!.isMoved, two!.isMoved]).toEqual([true, true]);
  });

  it('change the worst case of tries, which follows from the retry policies alone', () => {
    expect(difference.loads.find(({ load }) => load === 'curls')!.worstCaseAttempts).toEqual({
      old: 3,
      new: 6,
    });
  });

  it('break the expectation', () => {
    expect(difference.expectations).toMatchObject([
      { change: 'broken', old: { ok: true }, new: { ok: false } },
    ]);
  });

  it('change one route of the proxies that see it, told in weights', () => {
    expect(difference.config).toMatchObject([
      {
        change: 'changed',
        kind: 'route',
        names: ['api.shop.svc.cluster.local:8080'],
        callers: ['api-v1', 'api-v2', 'web'],
        details: [
          '- any path -> api.shop:8080 subset one; 2 retries on 5xx',
          '+ any path -> 90% api.shop:8080 subset one, 10% api.shop:8080 subset two; 5 retries on 5xx',
        ],
      },
    ]);
  });

  it('are told on a terminal and as Markdown', () => {
    expect(summaryOf({ ...difference, findings: [] })).toBe(
      'Traffic to 1 service moves, 1 expectation breaks, 1 configuration change.',
    );
    const text = renderDifference(difference, { columns: 100, color: false, unicode: true }, 0);
    expect(text).toMatch(/api-v2 +0% -> \d+(\.\d)?% \([\d.]+\.\.[\d.]+%\)/);
    expect(text).toMatch(/worst case tries +3 -> 6/);
    const markdown = renderMarkdown(difference);
    expect(markdown).toMatch(/\| api\.shop \| curls \| api-v2 \| 0% \| .* \| \*\*\+[\d.]+ points\*\* \|/);
    expect(markdown).toContain('❌ broken');
    expect(
      markdown
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .every((line) => line.endsWith('|')),
    ).toBe(true);
  });

  it('that are equal change nothing', () => {
    const same = diff(side(mesh([90, 10])), side(mesh([90, 10])));
    expect([same.isChanged, same.services, same.config, same.loads]).toEqual([false, [], [], []]);
    expect(summaryOf(same)).toMatch(/^Nothing changes/);
  });
});

describe('what counts as moved', () => {
  const count = (mean: number, sd: number): Count => ({
    mean,
    sd,
    p2_5: mean - 2 * sd,
    p97_5: mean + 2 * sd,
    min: mean,
    max: mean,
    share: mean / 100,
  });
  const result = (v1: Count, v2: Count, runs: number) =>
    ({
      scenario: { runs },
      services: [
        {
          service: 'api',
          load: 'l',
          requests: 100,
          by: { workload: { v1, v2 }, version: {}, cluster: {}, region: {}, zone: {}, pod: {} },
        },
      ],
    }) as unknown as ScenarioResult;

  it('is more than the standard error of both means, so that chance alone is none', () => {
    const before = result(count(90, 3), count(10, 3), 100);
    expect(serviceChanges(before, result(count(90.5, 3), count(9.5, 3), 100))).toEqual([]);
    expect(serviceChanges(before, result(count(92, 3), count(8, 3), 100))).toHaveLength(1);
  });

  it('is any difference when there was one run', () => {
    const before = result(count(9, 0), count(1, 0), 1);
    expect(serviceChanges(before, result(count(8, 0), count(2, 0), 1))).toHaveLength(1);
  });

  it('is no finding that only stands on another line or in another folder', () => {
    const finding = {
      rule: 'OD001',
      severity: 'error' as const,
      message: 'm',
      file: 'a/x.yaml',
      line: 1,
      col: 1,
    };
    expect(findingChanges([finding], [{ ...finding, file: 'b/x.yaml', line: 9 }])).toEqual([]);
    expect(findingChanges([], [finding])).toEqual([{ change: 'added', finding }]);
  });
});

describe('fields that changed', () => {
  it('are paths with both values; lists of words are sets', () => {
    expect(fieldChanges({ a: { b: 1 }, l: ['x', 'y'] }, { a: { b: 2, c: 'z' }, l: ['y', 'w'] })).toEqual([
      'a.b: 1 -> 2',
      'a.c: none -> "z"',
      'l: - x',
      'l: + w',
    ]);
    expect(fieldChanges({ l: ['x', 'y'] }, { l: ['y', 'x'] })).toEqual(['l: another order']);
    expect(fieldChanges({ origin: { line: 1 } }, { origin: { line: 2 } })).toEqual([]);
  });
});

describe('manifests of a folder', () => {
  const contents = {
    'scn/main.yaml': `version: 1
manifests:
  - { cluster: here, paths: [k8s/] }
  - { mesh: true, paths: [mesh/] }
load:
  - { name: l, from: { workload: web }, request: GET http://api:8080/, executor: iterations, iterations: 1 }
`,
    'scn/k8s/all.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: c, image: i }] } } }
---
apiVersion: v1
kind: Service
metadata: { name: api }
spec: { selector: { app: web }, ports: [{ name: http, port: 8080 }] }
`,
    'scn/mesh/dr.yaml': `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api }
spec: { host: api }
`,
    'other/mesh/dr.yaml': `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api }
spec: { host: api, trafficPolicy: { loadBalancer: { simple: RANDOM } } }
`,
    'flat/a.yaml': `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: api }
spec: { host: api, trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN } } }
`,
    'empty/b.yaml': `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: later }
spec: { host: api }
`,
  };
  const files = memoryFiles(contents);
  const rulesOf = (loaded: ReturnType<typeof loadScenario>) =>
    loaded.base.manifests
      .flatMap(({ objects }) => objects)
      .filter(({ kind }) => kind === 'DestinationRule')
      .map(({ metadata, origin }) => [metadata.name, origin!.file]);

  it('laid out like the scenario is read in its place, under the names of the scenario', () => {
    const view = rebased(files, 'scn/main.yaml', 'other/');
    const loaded = loadScenario('scn/main.yaml', view.files);
    expect(view.hits()).toBe(1);
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.sources.get('scn/mesh/dr.yaml')).toContain('RANDOM');
    expect(loaded.base.manifests[0]!.objects).toHaveLength(2);
  });

  it('laid out otherwise is laid over it; what only the other side has is missing here', () => {
    const objects = (path: string) => objectsBelow(files, path, new Map(), []);
    const old = loadScenario('scn/main.yaml', files);
    expect(layOver(old, objects('flat'), objects('empty'))).toEqual([]);
    expect(rulesOf(old)).toEqual([['api', 'flat/a.yaml']]);
    const now = loadScenario('scn/main.yaml', files);
    expect(layOver(now, objects('empty'), objects('flat'))).toEqual([]);
    expect(rulesOf(now)).toEqual([['later', 'empty/b.yaml']]);
  });
});
