// The flow of the tries: caller -> cluster -> priority -> locality -> pod, as wide as there are tries; those that failed in another colour.
import { type SankeyGraph, sankey, sankeyLinkHorizontal } from 'd3-sankey';
import { count, percent } from '../../output/figures.ts';
import { type FlowLink, type FlowNode, type FlowPath, flowGraph, flowPaths } from '../flow.ts';
import { sum } from '../views.ts';
import { WIDTH } from './axes.ts';
import { chart, type Drawn } from './charts.ts';
import { s, short } from './dom.ts';
import type { State } from './state.ts';

const MOST_ENDS = 24;
const TOP = 26;
/** Right of the last column, for the names of the pods. */
const ENDS = 190;
const HEADS = ['caller', 'cluster', 'priority', 'locality', 'pod'];

export function flowView(state: State): HTMLElement {
  return chart(
    state,
    'flow',
    'How the tries flow',
    "From the caller over Envoy's cluster, priority and locality to the pod, in the chosen span of time. Retries count.",
    () => flow(state),
  );
}

function flow(state: State): Drawn {
  const { time, service, window } = state;
  const paths = flowPaths(time, service, window);
  const all = sum(paths.map(({ tries }) => tries));
  const failed = sum(paths.map((path) => path.failed));
  const name = time.services[service] ?? '';
  return {
    svg: all === 0 ? null : drawing(paths, name),
    empty: 'Nothing was sent in this span of time.',
    legend:
      all === 0
        ? []
        : [
            { className: 'flow-ok', text: `answered (${count(rounded(all - failed))})` },
            ...(failed > 0
              ? [
                  {
                    className: 'flow-failed',
                    text: `failed (${count(rounded(failed))}, ${percent(failed / all)})`,
                  },
                ]
              : []),
          ],
    table: () => ({
      name: `tries to ${name}`,
      head: [...HEADS, 'tries', 'failed'],
      rows: paths.map((path) => [
        path.caller,
        path.cluster,
        path.priority,
        path.locality,
        path.end,
        rounded(path.tries),
        rounded(path.failed),
      ]),
    }),
  };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

function drawing(paths: readonly FlowPath[], name: string): SVGSVGElement {
  const { nodes, links } = flowGraph(fewer(paths));
  const perColumn = HEADS.map((_, column) => nodes.filter((node) => node.column === column).length);
  const height = Math.max(140, Math.max(...perColumn) * 38);
  const last = Math.max(...nodes.map(({ column }) => column));
  const graph = sankey<FlowNode, FlowLink>()
    .nodeId(({ id }) => id)
    .nodeAlign(({ column }) => column)
    .nodeWidth(10)
    .nodePadding(22)
    .extent([
      [1, TOP],
      [WIDTH - ENDS, TOP + height],
    ])({
    nodes: nodes.map((node) => ({ ...node })),
    links: links.map((link) => ({ ...link })),
  }) as SankeyGraph<FlowNode, FlowLink>;
  const path = sankeyLinkHorizontal<FlowNode, FlowLink>();
  const step = (WIDTH - ENDS - 11) / Math.max(1, last);
  const isWhole = last === HEADS.length - 1 && perColumn[1]! > 0;
  return s(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${TOP + height + 8}`,
      role: 'img',
      'aria-label': `Flow of the tries to ${name}; the table below has the figures`,
      'data-chart': 'flow',
    },
    ...(isWhole
      ? HEADS.map((text, i) =>
          s(
            'text',
            {
              class: 'head',
              x: 1 + i * step,
              y: 14,
            },
            text,
          ),
        )
      : []),
    ...graph.links.map((link) => {
      const [from, to] = [link.source as FlowNode, link.target as FlowNode];
      return s(
        'path',
        {
          class: `link ${link.isFailed ? 'failed' : 'ok'}`,
          d: path(link) ?? '',
          'stroke-width': Math.max(1, link.width ?? 1),
          'data-value': link.value,
          'data-width': link.width ?? 0,
          'data-column': from.column,
        },
        s(
          'title',
          {},
          `${from.name} to ${to.name}: ${count(rounded(link.value))}${link.isFailed ? ' failed' : ''}`,
        ),
      );
    }),
    ...graph.nodes.flatMap((node) => {
      const [x0, y0, y1] = [node.x0!, node.y0!, node.y1!];
      const x = x0 + 15;
      const middle = (y0 + y1) / 2;
      const text = s(
        'text',
        { x, y: middle, class: 'over' },
        s(
          'tspan',
          {},
          short(shortCluster(node.name), node.column < last ? Math.floor((step - 18) / 7.1) : 27),
        ),
      );
      text.append(
        s('tspan', { x, dy: 13, class: 'small' }, count(rounded(node.value ?? 0))),
        s('title', {}, node.name),
      );
      return [s('rect', { class: 'node', x: x0, y: y0, width: 10, height: Math.max(1, y1 - y0) }), text];
    }),
  );
}

/** Pods beyond what can be read are told together, by their locality. */
function fewer(paths: readonly FlowPath[]): FlowPath[] {
  const tries = new Map<string, number>();
  for (const path of paths) tries.set(path.end, (tries.get(path.end) ?? 0) + path.tries);
  if (tries.size <= MOST_ENDS) return [...paths];
  const kept = new Set(
    [...tries]
      .sort((a, b) => b[1] - a[1])
      .slice(0, MOST_ENDS - 4)
      .map(([end]) => end),
  );
  return paths.map((path) =>
    kept.has(path.end) ? path : { ...path, end: `other pods in ${path.locality}` },
  );
}

function shortCluster(name: string): string {
  const [direction, port, subset, host] = name.split('|');
  if (host === undefined || direction === undefined) return name;
  return `${subset ? `${subset} of ` : ''}${host.replace(/\.svc\.cluster\.local$/, '')}:${port}`;
}
