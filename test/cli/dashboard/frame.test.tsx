import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import { Screen } from '../../../src/cli/dashboard/app.tsx';
import { frame } from '../../../src/cli/dashboard/frame.ts';
import { glyphsFor } from '../../../src/cli/dashboard/glyphs.ts';
import { inertRun } from '../../../src/cli/dashboard/inert-run.ts';
import { textOf } from '../../../src/cli/dashboard/line.ts';
import { initialState, type State, VIEWS } from '../../../src/cli/dashboard/state.ts';
import { displayWidth } from '../../../src/cli/output/layout.ts';
import type { SavedRun } from '../../../src/cli/read-run.ts';
import { ejecting, recordedFailover } from './recorded.ts';

const runs = recordedFailover().map(inertRun);
const run = ejecting(runs);
const stateOf = (changes: Partial<State> = {}, of: readonly SavedRun[] = runs) =>
  initialState(of, { run, at: 24, isPlaying: false, ...changes });

/** As ink draws it. */
const drawn = (state: State, columns: number, rows: number, unicode = true) =>
  renderToString(<Screen lines={frame(state, { columns, rows }, glyphsFor(unicode))} hasColor={false} />, {
    columns,
  });

const screens: [string, Partial<State>][] = [
  ...VIEWS.map((view): [string, Partial<State>] => [view, { view }]),
  ['explanation', { view: 'requests', explained: 14 }],
  ['help', { isHelpShown: true }],
];
const sizes: [number, number][] = [
  [80, 23],
  [120, 39],
  [40, 10],
  [200, 60],
  [20, 5],
];

describe.each(screens)('the %s', (_, changes) => {
  it.each(sizes)(
    'fills %d x %d cells and no more, at the start, in between and at the end',
    (columns, rows) => {
      for (const at of [0, 24, runs[run]!.record.end]) {
        const lines = frame(stateOf({ ...changes, at }), { columns, rows }, glyphsFor(true));
        expect(lines).toHaveLength(rows);
        for (const line of lines) expect(displayWidth(textOf(line))).toBe(columns);
        const text = drawn(stateOf({ ...changes, at }), columns, rows).split('\n');
        expect(text.length).toBeLessThanOrEqual(rows);
        for (const line of text) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }
    },
  );

  it('needs no Unicode and no colour', () => {
    const text = drawn(stateOf(changes), 80, 23, false);
    expect([...text].filter((char) => char > '~' || (char < ' ' && char !== '\n'))).toEqual([]);
  });
});

describe('the overview', () => {
  it('tells at 80 x 24 who answered, against what was expected, how fast and what happened', () => {
    expect(drawn(stateOf(), 80, 23)).toMatchInlineSnapshot(`
      " foresail failover / re…nd-eject-all  t 24.0s / 29.1s ×1 ‖ paused  ✓ EXPECT 3/3
      ────────────────────────────────────────────────────────────────────────────────
       TOPOLOGY                          │ SHARE of reviews   last 5s  total   expect
       cn-hangzhou-h  ack-hangzhou       │ reviews-v1             0%  71.4%        0
        ◆ istio-ingressgateway           │ reviews-v2 ██████    100%  28.6%       10
          └→ productpage    0.8/s ✓      │
        ● productpage-v1 1/1             │ RATE   █▅█▅█▅▅▁▁▁▁▁▁▅▅█▁         0.8 req/s
          └→ details        0.8/s ✓      │ ERRORS ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁                0%
          └→ reviews        0.8/s ✓      │ P95    ▂▂▂▂▂▂▂▁▁▁▁▁▁█▇▇▁            147 ms
        ● details-v1 1/1                 │ requests 14, failed 0, ejected now 1
        ● ratings-v1 1/1                 │
        ○ reviews-v1 0/1 refuse ejected  │
       cn-shanghai-b  ack-shanghai       │
        ● reviews-v2 1/1                 │
          └→ ratings        0.8/s ✓      │
                                         │
       EVENTS  2 so far
          15.000s  reviews-v1 refuses connections
          20.007s  productpage-v1 ejects reviews-v1-…ult (consecutive5xx, ejection 1)

       0s───────────5s───────────10s───────────▲────────────✗──────────●─25s─────────
      ────────────────────────────────────────────────────────────────────────────────
       1 overview 2 endpoints 3 timeline 4 requests 5 expect           ? help  q quit"
    `);
  });

  it('shows the failure and the ejection in words and signs', () => {
    const text = drawn(stateOf(), 120, 39);
    expect(text).toMatch(/○ reviews-v1 0\/1 refuse ejected/);
    expect(text).toMatch(/reviews-v1 +0% +71\.4% +0/);
    expect(text).toMatch(/reviews-v2 +█+ +100% +28\.6% +10/);
    expect(text).toMatch(/20\.007s +productpage-v1 ejects reviews-v1-0/);
  });
});

it('draws endpoints with priority, health, failures in a row, ejection and share', () => {
  const text = drawn(stateOf({ view: 'endpoints' }), 120, 39);
  expect(text).toMatch(/LEAST_REQUEST +load P0 0% P1 100% +ejected \d of \d, at most \d+% = \d/);
  expect(text).toMatch(/▸ 0 reviews-v1-0 .*✗ ejected +1 +1 +end +11 +73\.3%/);
  expect(text).toMatch(/policy at examples\/two-regions\/mesh\/reviews-failover-eject-all\.yaml:13/);
});

it('draws the timeline as bars that begin at the fault and at the ejection', () => {
  const text = drawn(stateOf({ view: 'timeline' }), 120, 39);
  expect(text).toMatch(/▲ refuse reviews-v1 +├─+▶/);
  expect(text).toMatch(/▸reviews-v1-0 +─+x+✗━+/);
  const halfway = drawn(stateOf({ view: 'timeline', at: 17 }), 120, 39);
  expect(halfway).toMatch(/▸reviews-v1-0 +─+x+ *\n/);
});

it('explains a request hop by hop', () => {
  const text = drawn(stateOf({ view: 'requests', explained: 10 }), 120, 39);
  expect(text).toMatch(/REQUEST 1 of after at 20\.000s +✓ 200/);
  expect(text).toMatch(/3 productpage-v1-0 → reviews:9080\/reviews\/0 +✓ 200/);
  expect(text).toMatch(/try 1 at 20\.007s P0 reviews-v1-0 ✗ refused/);
  expect(text).toMatch(/try 2 at 20\.\d+s P1 reviews-v2-0 ✓ 200/);
  expect(text).toMatch(/foresail explain examples\/two-regions\/failover\.yaml --load after --request 1/);
});

it('loses no word of an explanation at 80 columns, and says where another line goes on', () => {
  const narrow = drawn(stateOf({ view: 'requests', explained: 10 }), 80, 39);
  const words = (text: string) => text.replaceAll(/\s+/g, ' ');
  const wide = drawn(stateOf({ view: 'requests', explained: 10 }), 200, 39);
  for (const part of [
    'outbound|9080||reviews.default.svc.cluster.local',
    '(cn-hangzhou/cn-hangzhou-h, 10.45.0.5:9080)',
    'policy at examples/two-regions/mesh/reviews-failover-eject-all.yaml:13',
  ]) {
    expect(words(wide)).toContain(part);
    expect(words(narrow)).toContain(part);
  }
  expect(narrow).not.toContain('…\n');
  expect(drawn(stateOf({ view: 'endpoints' }), 60, 23)).toMatch(/c next.*…$/m);
  expect(drawn(stateOf({ view: 'endpoints' }), 60, 23, false)).toMatch(/>$/m);
});

it('says what is filtered while it is typed and afterwards', () => {
  expect(drawn(stateOf({ isTyping: true, filter: 'abc' }), 80, 23)).toMatch(/filter: abc_/);
  expect(drawn(stateOf({ view: 'requests', filter: 'abc' }), 80, 23)).toMatch(/None contains "abc"/);
});

it('colours only on request', () => {
  const text = drawn(stateOf(), 80, 23);
  expect(text).not.toContain('\u001b');
});

describe('names of strangers', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u202egnp.exe\r\n__proto__';
  const hostile = inertRun(
    JSON.parse(
      JSON.stringify(recordedFailover()[run])
        .replaceAll('"reviews-v1-0"', JSON.stringify(evil))
        .replaceAll('"reviews.default"', JSON.stringify(`${evil}.default`))
        .replaceAll('"after"', '"__proto__"'),
    ),
  );

  it('neither steer the terminal nor break the frame', () => {
    for (const [, changes] of screens)
      for (const [columns, rows] of sizes) {
        const state = stateOf({ ...changes, run: 0 }, [hostile]);
        const text = drawn(state, columns, rows);
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
        expect(text.split('\n').length).toBeLessThanOrEqual(rows);
        for (const line of text.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      }
  });
});

it('stands a run in which nothing happened', () => {
  const [first] = runs;
  const nothing: SavedRun = {
    result: { ...first!.result, loads: [], services: [], timeline: [], expectations: [] },
    record: {
      ...first!.record,
      end: 0,
      bins: 1,
      loads: [],
      traffic: [],
      clusters: [],
      servers: [],
      callers: [],
      services: [],
      faults: [],
      pushes: [],
      requests: [],
      activeEjections: [0],
      wanted: [],
    },
  };
  for (const [, changes] of screens)
    expect(drawn(stateOf({ ...changes, run: 0, at: 0 }, [nothing]), 80, 23)).toContain('foresail');
});
