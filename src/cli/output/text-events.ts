// What happened when: faults, pushes and ejections in one list, by simulated time. With many runs it tells the first one.
import type { ScenarioResult } from '../../scenarios/result.ts';
import { count, duration, moment, plural } from './figures.ts';
import { padStart } from './layout.ts';
import type { Page } from './section.ts';

const MOST_EVENTS = 16;

/** Nothing for a variant in which the same things happen as in the base. */
export function writeEvents(page: Page, result: ScenarioResult, base?: ScenarioResult): void {
  const events = eventsOf(result);
  if (events.length === 0) return;
  if (base && JSON.stringify(events) === JSON.stringify(eventsOf(base))) return;
  const { runs } = result.scenario;
  page.heading(`What happened${runs > 1 ? ` in the first of ${count(runs)} runs` : ''}`);
  const shown = page.verbosity === 1 ? events : events.slice(0, MOST_EVENTS);
  for (const { at, text } of shown) page.paragraph(text, `  ${padStart(moment(at), 10)}  `);
  if (shown.length < events.length)
    page.line(`  and ${count(events.length - shown.length)} more (-v lists them)`);
  if (runs > 1 && result.ejections.length > 0) {
    const perRun = Math.round((result.ejections.length / runs) * 100) / 100;
    page.line(`  ${plural(perRun, 'ejection')} per run on average`);
  }
}

function eventsOf(result: ScenarioResult) {
  const events = result.timeline.map(({ at, text }) => ({ at, text }));
  if (result.timeline.some(({ kind }) => kind === 'ejection')) return events;
  // A result of another tool may list ejections only in their own table.
  const firstRun = Math.min(...result.ejections.map(({ run }) => run));
  for (const { run, at, until, caller, cluster, endpoint, pod, reason, count: times } of result.ejections) {
    if (run !== firstRun) continue;
    const span = until === null ? 'to the end' : `for ${duration(until - at)}`;
    events.push({
      at,
      text: `${caller} ejects ${pod ?? endpoint} from ${cluster.split('|').at(-1)} ${span} (${reason}, ejection ${times})`,
    });
  }
  return events.sort((a, b) => a.at - b.at);
}
