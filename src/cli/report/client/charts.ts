// A chart with its title, legend and table; drawn again when the reader chooses something else.
import { type Child, h, s } from './dom.ts';
import { permalink } from './links.ts';
import type { State } from './state.ts';
import { type TableData, TableView } from './table.ts';

export interface Drawn {
  svg: SVGSVGElement | null;
  /** Said when there is nothing to draw. */
  empty?: string;
  legend?: { className: string; text: string }[];
  table: () => TableData;
}

export function chart(state: State, id: string, title: string, note: string, draw: () => Drawn): HTMLElement {
  const body = h('div', { class: 'chart' });
  const legend = h('ul', { class: 'legend' });
  const table = new TableView(id);
  const redraw = () => {
    const drawn = draw();
    body.replaceChildren(
      drawn.svg ?? h('p', { class: 'empty' }, drawn.empty ?? 'Nothing in this span of time.'),
    );
    legend.replaceChildren(...(drawn.legend ?? []).map(legendItem));
    legend.hidden = (drawn.legend ?? []).length === 0;
    table.set(drawn.table);
  };
  redraw();
  state.onChange(redraw);
  return h(
    'figure',
    { id: `chart-${id}` },
    h(
      'figcaption',
      {},
      h('h3', {}, title, permalink(`chart-${id}`, title)),
      note ? h('p', { class: 'note' }, note) : null,
    ),
    body,
    legend,
    table.element,
  );
}

function legendItem({ className, text }: { className: string; text: string }): HTMLElement {
  return h(
    'li',
    {},
    s(
      'svg',
      { viewBox: '0 0 12 12', class: 'swatch', 'aria-hidden': 'true' },
      s('rect', { width: 12, height: 12, rx: 2, class: className }),
    ),
    ` ${text}`,
  );
}

export function section(id: string, title: string, ...children: Child[]): HTMLElement {
  return h('section', { 'aria-labelledby': id }, h('h2', { id }, title, permalink(id, title)), ...children);
}
