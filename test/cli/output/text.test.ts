import { describe, expect, it } from 'vitest';
import { displayWidth } from '../../../src/cli/output/layout.ts';
import { renderText } from '../../../src/cli/output/text.ts';
import { certainty } from '../../../src/cli/output/text-certainty.ts';
import { aFailover, aLoad, anOutcome, aResult, aService, counted } from '../results.ts';

const plain = { columns: 80, color: false, unicode: true };
const HOSTILE = 'a\u001b[31m\u0007\r\u202e<img src=x onerror=alert(1)>|`\n\u009b2J';

describe('the report for people', () => {
  it('gives the verdict, the split with its formula, and the line that repeats it', () => {
    expect(renderText(anOutcome(aResult()), plain, 0)).toMatchInlineSnapshot(`
      "foresail 0.1.0   istio 1.24   seed 1   examples/two-regions/distribute.yaml

      ✓ distribute-90-10  1 of 1 expectation met

      ✓ of reviews, during ten-curls, requests { reviews-v1: 9, reviews-v2: 1 }
        got requests reviews-v1 9; requests reviews-v2 1            distribute.yaml:18

      Where the requests went
                  requests       ok   failed      p50      p95    tries    lines
        ten-curls       10       10        0    57 ms    61 ms     4.10        2

        reviews.default (called by productpage-v1)
                     ten-curls 10                                           by formula
          reviews-v1 █████████████████████████████████▎         9     90%          90%
          reviews-v2 ███▊                                       1     10%          10%
          why      locality weights 90 : 10 of cn-hangzhou and cn-shanghai, all
                   endpoints healthy

        One destination each:
          details.default  details-v1 10

      One run; --runs 1000 tells how certain it is.
      again: foresail run examples/two-regions/distribute.yaml --seed 1
      "
    `);
  });

  it('tells before and after side by side, failures with place and value, and variants below', () => {
    const outcome = anOutcome(aFailover());
    outcome.lines = { 'examples/two-regions/mesh/reviews-failover.yaml:9': '    outlierDetection:' };
    expect(renderText(outcome, plain, 0)).toMatchInlineSnapshot(`
      "foresail 0.1.0   istio 1.24   seed 1   examples/two-regions/failover.yaml

      ✗ failover       1 of 2 expectations met
      ✓   two-workers  1 of 1 expectation met

      ✗ during after, errorRate 0
        expected  errorRate 0
        got       errorRate 20 %
        at        examples/two-regions/failover.yaml:36
      ✓ ejections 1
        got ejections 1                                               failover.yaml:37

      Where the requests went
                  requests        ok    failed       p50       p95     tries
        before          10        10         0     57 ms     61 ms      4.10
        after           10         8         2     57 ms     61 ms      4.10
          answers 200: 8, 503: 2; UF (connection failed): 2, URX (retries used up): 2

        reviews.default (called by productpage-v1)
                     before 10                       after 10
          reviews-v1 ██████████████     10    100%                       0      0%
          reviews-v2                     0      0%   ███████████▎        8     80%
          nobody                         0      0%   ██▊                 2     20%
          tries    after: 16 tries for 10 requests (1.60 each), retries included:
                   reviews-v2 8, none 2
          failed   after: 20% of the calls failed: 200: 8, 503: 2; UF (connection
                   failed): 2
          why      after: reviews-v1 is ejected after its first failure; priority 1
                   (cn-shanghai) takes everything

      What happened
           15.000s  reviews-v1 in ack-hangzhou refuses connections
           20.010s  productpage-v1 ejects reviews-v1-0 from
                    reviews.default.svc.cluster.local for 30.5 s (consecutive5xx,
                    ejection 1)

      ── failover / two-workers
                  requests       ok   failed      p50      p95    tries    lines
        ten-curls       10       10        0    57 ms    61 ms     4.10        2

        reviews.default (called by productpage-v1)
                     ten-curls 10                                           by formula
          reviews-v1 █████████████████████████████████▎         9     90%          90%
          reviews-v2 ███▊                                       1     10%          10%
          why      locality weights 90 : 10 of cn-hangzhou and cn-shanghai, all
                   endpoints healthy

      Findings: 1 error, 0 others
      ✗ OD001 error: outlierDetection can never eject: 1 of 2 endpoints is 50 %, more
        than maxEjectionPercent 10
          examples/two-regions/mesh/reviews-failover.yaml:9:5
          9 |     outlierDetection:
          hint: add "maxEjectionPercent: 100"

      One run; --runs 1000 tells how certain it is.
      again: foresail run examples/two-regions/failover.yaml --seed 1
      "
    `);
  });

  it('is quiet with -q: the verdict and what failed', () => {
    expect(renderText(anOutcome(aFailover()), plain, -1)).toMatchInlineSnapshot(`
      "✗ failover       1 of 2 expectations met
      ✓   two-workers  1 of 1 expectation met

      ✗ during after, errorRate 0
        expected  errorRate 0
        got       errorRate 20 %
        at        examples/two-regions/failover.yaml:36
      "
    `);
  });

  it('says "in every run" of a split that never changes, and gives the band of one that does', () => {
    const always = { 'reviews-v1': counted(9, 10), 'reviews-v2': counted(1, 10) };
    expect(certainty(always, 1000)).toBe('9 : 1 in every one of 1,000 runs');
    expect(certainty({ 'reviews-v2': counted(10, 10) }, 1000)).toBe(
      'all 10 to reviews-v2 in every one of 1,000 runs',
    );
    const band = { a: counted(9.9, 100, { min: 2, max: 20, p2_5: 4, p97_5: 15 }) };
    expect(certainty(band, 200)).toBe('a between 4 and 15 in 95% of 200 runs (in all: 2..20)');
  });

  it('never writes a line wider than the terminal for names of ordinary length', () => {
    for (const columns of [70, 80, 100, 120]) {
      const text = renderText(anOutcome(aFailover()), { columns, color: false, unicode: true }, 1);
      const tooWide = text.split('\n').filter((line) => displayWidth(line) > columns);
      expect(tooWide).toEqual([]);
    }
  });

  it('draws with ASCII alone when the terminal knows no Unicode', () => {
    const text = renderText(anOutcome(aFailover()), { columns: 80, color: false, unicode: false }, 1);
    expect([...text].filter((char) => char.charCodeAt(0) > 126)).toEqual([]);
  });

  it('says everything without colour that it says with colour', () => {
    const colored = renderText(anOutcome(aFailover()), { ...plain, color: true }, 0);
    expect(colored).toContain('\u001b[');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(renderText(anOutcome(aFailover()), plain, 0));
  });

  it('shows control characters and direction marks of names instead of sending them to the terminal', () => {
    const result = aFailover();
    result.scenario.name = HOSTILE;
    result.scenario.file = HOSTILE;
    result.rerun = HOSTILE;
    result.loads = [
      aLoad(HOSTILE, 3, { ok: 1, failed: 2, codes: { [HOSTILE]: 2 }, flags: { [HOSTILE]: 2 } }),
    ];
    result.services = [
      aService(
        HOSTILE,
        HOSTILE,
        { [HOSTILE]: counted(2, 3), b: counted(1, 3) },
        {
          callers: { [HOSTILE]: 3 },
          reasons: [HOSTILE],
          errorRate: 1,
          attempts: 9,
        },
      ),
    ];
    result.timeline = [{ at: 1, kind: HOSTILE, text: HOSTILE }];
    for (const entry of [...result.expectations])
      Object.assign(entry, { name: HOSTILE, got: HOSTILE, file: HOSTILE });
    for (const entry of result.findings)
      Object.assign(entry, { message: HOSTILE, file: HOSTILE, hint: HOSTILE });
    const outcome = anOutcome(result);
    outcome.lines = { [`${HOSTILE}:9`]: HOSTILE };
    const text = renderText(outcome, plain, 1);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text).toContain('\\u001b[31m');
  });

  it('says of a variant whose split is the same that it is the same', () => {
    const result = aResult();
    result.variants = [aResult({ scenario: { ...result.scenario, variant: 'two-workers' } })];
    expect(renderText(anOutcome(result), plain, 0)).toContain("split is the base's");
  });

  it('gives the shares by formula of loads that stand side by side, where they say more than the bars', () => {
    const closedForm = { by: { a: 0.75, b: 0.25 }, basis: 'weights 3 : 1' };
    const all = { by: { a: 1 }, basis: 'one host' };
    const result = aResult({
      loads: [aLoad('one', 4), aLoad('two', 4)],
      services: [
        aService('s.default', 'one', { a: counted(2, 4), b: counted(2, 4) }, { closedForm }),
        aService('s.default', 'two', { a: counted(4, 4) }, { closedForm: all }),
      ],
    });
    const text = renderText(anOutcome(result), plain, 0);
    expect(text).toContain('    formula  one: a 75%, b 25%\n');
    expect(text).toContain('    why      one: weights 3 : 1\n             two: one host\n');
  });

  it('tells equal workloads apart by where they run', () => {
    const service = aService('productpage.default', 'ten-curls', { 'productpage-v1': counted(10, 10) });
    service.by.region = { 'cn-hangzhou': counted(9, 10), 'cn-shanghai': counted(1, 10) };
    const text = renderText(anOutcome(aResult({ services: [service] })), plain, 0);
    expect(text).toContain('by region');
    expect(text).toMatch(/cn-shanghai +█.* 1 +10%/);
  });
});
