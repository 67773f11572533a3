// The figures of a chart as a table, folded away below it. Rows are made when somebody looks.
import { count } from '../../output/figures.ts';
import { type Attributes, type Child, h } from './dom.ts';

export interface TableData {
  /** What the rows are. */
  name: string;
  head: string[];
  rows: (string | number)[][];
}

export function dataTable({ name, head, rows }: TableData): HTMLElement {
  const body = h(
    'tbody',
    {},
    ...rows.map((row) => h('tr', {}, ...row.map((value, i) => cell(value, i === 0)))),
  );
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': name },
    h(
      'table',
      {},
      h('caption', {}, name),
      h('thead', {}, h('tr', {}, ...head.map((text) => h('th', { scope: 'col' }, text)))),
      body,
    ),
  );
}

function cell(value: string | number, isHead: boolean): HTMLElement {
  const child: Child = typeof value === 'number' ? count(value) : value;
  const attributes: Attributes = typeof value === 'number' ? { class: 'number', 'data-value': value } : {};
  return isHead ? h('th', { scope: 'row', ...attributes }, child) : h('td', attributes, child);
}

/** Stays open or shut when the chart above it is drawn again. */
export class TableView {
  readonly element: HTMLDetailsElement;
  #data: (() => TableData) | null = null;

  constructor(id: string) {
    this.element = h(
      'details',
      { class: 'figures', 'data-table': id },
      h('summary', {}, 'The figures as a table'),
    );
    this.element.addEventListener('toggle', () => this.#fill());
  }

  set(data: () => TableData): void {
    this.#data = data;
    this.#fill();
  }

  #fill(): void {
    const [summary, old] = this.element.children;
    if (!this.element.open || !this.#data || !summary) return;
    const data = this.#data();
    summary.textContent = `The figures as a table: ${data.name}`;
    old?.remove();
    this.element.append(dataTable(data));
  }
}
