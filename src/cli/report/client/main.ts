// The report page: reads the data that is embedded in it and builds everything else.
import type { ReportData } from '../data.ts';
import { unpacked } from '../pack.ts';
import { LABELS, type Label, sum } from '../views.ts';
import { brushView } from './brush.ts';
import { section } from './charts.ts';
import { compareView } from './compare.ts';
import { h } from './dom.ts';
import { followAddress, runIds } from './links.ts';
import { flowView } from './sankey.ts';
import { State } from './state.ts';
import { timelineViews } from './timeline.ts';
import { topologyView } from './topology.ts';
import { findingsView, headerView, inputsView, refusedView, verdictsView } from './words.ts';

const data = JSON.parse(document.getElementById('data')!.textContent ?? '', unpacked) as ReportData;
const main = document.getElementById('report')!;

main.append(headerView(data));
const refused = refusedView(data);
if (refused) main.append(refused);
if (data.runs.length > 0) {
  document.title = `${data.runs[0]!.scenario.name} - foresail report`;
  const state = new State(data);
  main.append(
    verdictsView(data),
    section('time', 'Traffic over time', controls(state), brushView(state), ...timelineViews(state)),
    section('where', 'Where the traffic goes', flowView(state), topologyView(state)),
    section('variants', 'Comparison', compareView(state)),
    findingsView(data),
    inputsView(data),
  );
  followAddress(state, runIds(data));
}
document.documentElement.dataset['ready'] = 'yes';

function controls(state: State): HTMLElement {
  const bar = h('div', { class: 'controls choices' });
  // On paper there is nothing to choose: it says what was chosen.
  const shown = h('p', { class: 'shown' });
  const tell = () => {
    const { time } = state;
    shown.textContent = `Shown: ${state.current.title}, traffic to ${time.services[state.service] ?? 'nobody'} by ${state.label}, latency of ${time.loads[state.load]?.name ?? 'no load'}.`;
  };
  const build = () => {
    const { time } = state;
    const called = time.services
      .map((name, index) => ({ name, index, requests: callsOf(state, index) }))
      .filter(({ requests }) => requests > 0);
    bar.replaceChildren(
      choice(
        'Run',
        data.runs.map(({ title }, index) => [title, index]),
        state.run,
        (index) => state.chooseRun(index),
      ),
      choice(
        'Traffic to',
        called.map(({ name, index }) => [name, index]),
        state.service,
        (index) => {
          state.service = index;
          state.changed('window');
        },
      ),
      choice(
        'Grouped by',
        LABELS.map((label, index) => [label, index]),
        LABELS.indexOf(state.label),
        (index) => {
          state.label = LABELS[index] as Label;
          state.changed('window');
        },
      ),
      choice(
        'Latency of',
        time.loads.map(({ name }, index) => [name, index]),
        state.load,
        (index) => {
          state.load = index;
          state.changed('window');
        },
      ),
    );
  };
  build();
  tell();
  state.onChange((what) => {
    if (what === 'all') build();
    tell();
  });
  return h('div', {}, bar, shown);
}

function callsOf(state: State, service: number): number {
  return sum(
    state.time.traffic.filter((entry) => entry.service === service).map(({ requests }) => sum(requests)),
  );
}

function choice(
  label: string,
  options: [string, number][],
  chosen: number,
  choose: (index: number) => void,
): HTMLElement {
  const select = h(
    'select',
    { 'aria-label': label },
    ...options.map(([text, value]) => h('option', { value }, text)),
  );
  select.value = String(chosen);
  select.addEventListener('change', () => choose(Number(select.value)));
  return h('label', {}, `${label} `, select);
}
