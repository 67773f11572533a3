// A map: regions side by side, in them the zones of each cluster with their pods, and how the answered calls cross between them.
import { count, percent } from '../../output/figures.ts';
import { sum, topology, type ZoneBox, type ZoneEdge } from '../views.ts';
import { WIDTH } from './axes.ts';
import { chart, type Drawn } from './charts.ts';
import { s, short } from './dom.ts';
import type { State } from './state.ts';

const GAP = 110;
const LISTED = 6;
const PER_ROW = 12;

export function topologyView(state: State): HTMLElement {
  return chart(
    state,
    'topology',
    'Where the calls cross',
    'Callers and pods by region, cluster and zone; arrows are answered calls to the chosen service.',
    () => draw(state),
  );
}

interface Placed extends ZoneBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

function draw(state: State): Drawn {
  const { time, service, window } = state;
  const { boxes, edges } = topology(time, service, window);
  const name = time.services[service] ?? '';
  const all = sum(edges.map(({ answers }) => answers));
  return {
    svg: boxes.length === 0 ? null : drawing(boxes, edges, all, name),
    empty: 'Nobody called it.',
    table: () => ({
      name: `answered calls to ${name} from zone to zone`,
      head: ['from', 'to', 'answers', 'share'],
      rows: [...edges]
        .sort((a, b) => b.answers - a.answers)
        .map(({ from, to, answers }) => [
          placeText(boxes[from]),
          placeText(boxes[to]),
          answers,
          percent(all ? answers / all : 0),
        ]),
    }),
  };
}

const placeText = (box: ZoneBox | undefined): string =>
  box ? [box.region, box.zone, box.cluster].filter(Boolean).join(' / ') || 'no locality' : 'nobody';

function drawing(boxes: ZoneBox[], edges: ZoneEdge[], all: number, name: string): SVGSVGElement {
  const regions = [...new Set(boxes.map(({ region }) => region))].sort();
  const width = Math.min(360, Math.max(190, (WIDTH - GAP * (regions.length - 1) - 40) / regions.length));
  const total = Math.max(WIDTH, regions.length * (width + GAP) - GAP + 40);
  const below = regions.map(() => 30);
  const placed = boxes.map((box): Placed => {
    const column = regions.indexOf(box.region);
    const height =
      44 +
      box.callers.slice(0, 3).length * 16 +
      (box.pods.length <= LISTED ? box.pods.length * 17 : Math.ceil(box.pods.length / PER_ROW) * 20 + 18);
    const y = below[column]!;
    below[column] = y + height + 26;
    return { ...box, x: 20 + column * (width + GAP), y, width, height };
  });
  const answered = sum(boxes.flatMap(({ pods }) => pods.map(({ answers }) => answers)));
  const height = Math.max(...below) + 8;
  return s(
    'svg',
    {
      viewBox: `0 0 ${total} ${height}`,
      role: 'img',
      'aria-label': `Map of the calls to ${name}; the table below has the figures`,
      'data-chart': 'topology',
    },
    s(
      'defs',
      {},
      s(
        'marker',
        {
          id: 'arrow',
          viewBox: '0 0 8 8',
          refX: 7,
          refY: 4,
          markerWidth: 9,
          markerHeight: 9,
          markerUnits: 'userSpaceOnUse',
          orient: 'auto',
        },
        s('path', { class: 'arrow', d: 'M0,0L8,4L0,8z' }),
      ),
    ),
    ...regions.map((region, column) =>
      s('text', { class: 'head', x: 20 + column * (width + GAP), y: 18 }, short(region || 'no region', 40)),
    ),
    ...placed.flatMap((box) => boxParts(box, answered)),
    ...edges.flatMap((edge) => edgeParts(edge, placed, all)),
  );
}

function boxParts(box: Placed, answered: number): SVGElement[] {
  const { x, y, width, height, pods, callers } = box;
  const parts: SVGElement[] = [
    s('rect', { class: 'zone', x, y, width, height, rx: 6 }),
    s(
      'text',
      { x: x + 10, y: y + 18 },
      short([box.zone || 'no zone', box.cluster].filter(Boolean).join(' in '), 44),
      s('title', {}, placeText(box)),
    ),
  ];
  let line = y + 36;
  for (const [i, caller] of callers.slice(0, 3).entries()) {
    const more = i === 2 && callers.length > 3 ? ` and ${callers.length - 3} more` : '';
    parts.push(s('text', { class: 'small', x: x + 10, y: line }, `calls: ${short(caller, 36)}${more}`));
    line += 16;
  }
  if (pods.length <= LISTED)
    for (const pod of pods) {
      const share = answered ? pod.answers / answered : 0;
      parts.push(
        s('rect', { class: 'track', x: x + 10, y: line - 10, width: 40, height: 11 }),
        s('rect', { class: 'c0', x: x + 10, y: line - 10, width: 40 * share, height: 11 }),
        s(
          'text',
          { class: 'small', x: x + 56, y: line },
          `${short(pod.name, 30)} ${count(pod.answers)}`,
          s('title', {}, `${pod.name}: ${count(pod.answers)} answers, ${percent(share)}`),
        ),
      );
      line += 17;
    }
  else {
    const most = Math.max(1, ...pods.map(({ answers }) => answers));
    for (const [i, pod] of pods.entries())
      parts.push(
        s(
          'rect',
          {
            class: pod.answers > 0 ? 'pod c0' : 'pod idle',
            x: x + 10 + (i % PER_ROW) * 20,
            y: line - 10 + Math.floor(i / PER_ROW) * 20,
            width: 15,
            height: 15,
            rx: 3,
            'fill-opacity': pod.answers > 0 ? 0.25 + (0.75 * pod.answers) / most : 1,
          },
          s('title', {}, `${pod.name}: ${count(pod.answers)} answers`),
        ),
      );
    const busy = pods.filter(({ answers }) => answers > 0).length;
    parts.push(
      s(
        'text',
        { class: 'small', x: x + 10, y: y + height - 8 },
        `${busy} of ${pods.length} pods answered ${count(sum(pods.map(({ answers }) => answers)))}`,
      ),
    );
  }
  return parts;
}

function edgeParts({ from, to, answers }: ZoneEdge, placed: readonly Placed[], all: number): SVGElement[] {
  const [a, b] = [placed[from]!, placed[to]];
  if (!b) return [];
  const share = answers / all;
  const title = s('title', {}, `${placeText(a)} to ${placeText(b)}: ${count(answers)} (${percent(share)})`);
  const stroke = 1.5 + 7 * share;
  if (a === b)
    return [
      s(
        'text',
        { class: 'stays', x: a.x + a.width - 10, y: a.y + 18, 'text-anchor': 'end' },
        `stays ${percent(share)}`,
        title,
      ),
    ];
  const isSame = a.x === b.x;
  const isRight = b.x > a.x;
  const [x1, x2] = isSame
    ? [a.x + a.width, b.x + b.width]
    : isRight
      ? [a.x + a.width, b.x]
      : [a.x, b.x + b.width];
  const [y1, y2] = [a.y + a.height * (isRight ? 0.4 : 0.6), b.y + b.height * (isRight ? 0.4 : 0.6)];
  const bend = isSame ? x1 + 70 : (x1 + x2) / 2;
  return [
    s(
      'path',
      {
        class: 'edge-line',
        d: `M${x1},${y1}C${bend},${y1} ${bend},${y2} ${x2},${y2}`,
        'stroke-width': stroke,
        'marker-end': 'url(#arrow)',
      },
      title,
    ),
    s(
      'text',
      {
        class: 'over',
        x: isSame ? x1 + 56 : bend,
        y: (y1 + y2) / 2 - 5 - stroke / 2,
        'text-anchor': 'middle',
      },
      percent(share),
    ),
  ];
}
