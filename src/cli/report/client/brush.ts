// Chooses a span of time: drag over the strip of requests, or move its two edges with the keyboard.
import { brushX, type D3BrushEvent } from 'd3-brush';
import { select } from 'd3-selection';
import { LEFT, RIGHT, time3, timeScale, timeTicks, WIDTH } from './axes.ts';
import { h, s } from './dom.ts';
import type { State } from './state.ts';

const HEIGHT = 44;

export function brushView(state: State): HTMLElement {
  const strip = h('div', { class: 'strip' });
  const text = h('output', { class: 'window', 'aria-live': 'off' });
  const reset = h('button', { type: 'button' }, 'Show all of the time');
  reset.addEventListener('click', () => state.chooseWindow(0, state.time.end));
  let place = () => {};
  const build = () => {
    const built = stripOf(state);
    strip.replaceChildren(built.svg);
    place = built.place;
  };
  const tell = () => {
    place();
    const { from, to } = state.window;
    text.textContent = `${time3(from)} to ${time3(to)} of ${time3(state.time.end)}`;
    reset.disabled = from <= 0 && to >= state.time.end;
  };
  build();
  tell();
  state.onChange((what) => {
    if (what === 'all') build();
    tell();
  });
  return h(
    'div',
    { class: 'brush' },
    h(
      'p',
      { class: 'note' },
      'Drag over the strip to look at a part of the time, or move its edges with the arrow keys (with Shift: further). All charts follow.',
    ),
    strip,
    h('p', { class: 'controls' }, text, ' ', reset),
  );
}

function stripOf(state: State): { svg: SVGSVGElement; place(): void } {
  const { time } = state;
  const x = timeScale({ from: 0, to: time.end });
  const totals = Array.from({ length: time.bins }, (_, bin) =>
    time.loads.reduce((all, { requests }) => all + requests[bin]!, 0),
  );
  const most = Math.max(1, ...totals);
  const width = Math.max(1, (RIGHT - LEFT) / time.bins);
  const bars = totals
    .map((count, bin) => {
      const tall = (count / most) * (HEIGHT - 4);
      return count === 0
        ? ''
        : `M${x(bin * time.binSeconds).toFixed(1)},${HEIGHT}v${-tall.toFixed(1)}h${width.toFixed(1)}v${tall.toFixed(1)}z`;
    })
    .join('');
  const group = s('g', { class: 'd3brush' });
  const [left, right] = [edge('Begin of the span'), edge('End of the span')];
  const svg = s(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT + 24}`,
      role: 'group',
      'aria-label': 'Span of time',
      'data-chart': 'brush',
    },
    s('path', { class: 'volume', d: bars }),
    ...time.marks.map(({ at, kind }) =>
      s('line', { class: `mark ${kind}`, x1: x(at), x2: x(at), y1: 0, y2: HEIGHT }),
    ),
    ...timeTicks(x, HEIGHT),
    group,
    left,
    right,
  );
  const brush = brushX<unknown>()
    .extent([
      [LEFT, 0],
      [RIGHT, HEIGHT],
    ])
    .on('brush end', (event: D3BrushEvent<unknown>) => {
      if (!event.sourceEvent) return;
      const selection = event.selection as [number, number] | null;
      if (selection) state.chooseWindow(x.invert(selection[0]), x.invert(selection[1]));
      else if (event.type === 'end') state.chooseWindow(0, time.end);
    });
  const chosen = select(group as SVGGElement);
  chosen.call(brush);
  const place = () => {
    const { from, to } = state.window;
    chosen.call(brush.move, [x(from), x(to)]);
    for (const [element, at] of [
      [left, from],
      [right, to],
    ] as const) {
      element.setAttribute('transform', `translate(${x(at)},0)`);
      element.setAttribute('aria-valuemin', '0');
      element.setAttribute('aria-valuemax', String(time.end));
      element.setAttribute('aria-valuenow', String(Number(at.toFixed(3))));
      element.setAttribute('aria-valuetext', time3(at));
    }
  };
  const onKey = (isLeft: boolean) => (event: KeyboardEvent) => {
    const { from, to } = state.window;
    const at = isLeft ? from : to;
    const step = Math.max(time.binSeconds, time.end / 100) * (event.shiftKey ? 10 : 1);
    const moved: Record<string, number> = {
      ArrowLeft: at - step,
      ArrowDown: at - step,
      ArrowRight: at + step,
      ArrowUp: at + step,
      PageDown: at - time.end / 10,
      PageUp: at + time.end / 10,
      Home: isLeft ? 0 : from,
      End: isLeft ? to : time.end,
    };
    const next = moved[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (isLeft) state.chooseWindow(Math.min(next, to - time.binSeconds), to);
    else state.chooseWindow(from, Math.max(next, from + time.binSeconds));
  };
  left.addEventListener('keydown', onKey(true));
  right.addEventListener('keydown', onKey(false));
  return { svg, place };
}

function edge(label: string): SVGGElement {
  return s(
    'g',
    { class: 'edge', role: 'slider', tabindex: 0, 'aria-label': label, 'aria-orientation': 'horizontal' },
    s('rect', { x: -3, y: 6, width: 6, height: HEIGHT - 12, rx: 3 }),
  );
}
