// Permanent links: every section, run, expectation, chart and finding has an id; opening the page with one shows it.
import type { ReportData } from '../data.ts';
import { h } from './dom.ts';
import type { State } from './state.ts';

/** A small # that links to an element. */
export const permalink = (id: string, what: string): HTMLElement =>
  h('a', { class: 'permalink', href: `#${id}`, 'aria-label': `Link to ${what}` }, '#');

/** Letters, digits and dashes of a name, and never twice the same. */
export class Ids {
  readonly #taken = new Set<string>();

  of(prefix: string, name: string): string {
    const slug = name
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 60);
    const wanted = slug === '' ? prefix : `${prefix}-${slug}`;
    let id = wanted;
    for (let n = 2; this.#taken.has(id); n++) id = `${wanted}-${n}`;
    this.#taken.add(id);
    return id;
  }
}

/** By run: "run-failover" for a base, "variant-refuse-instead" for a variant. */
export function runIds({ runs }: ReportData): string[] {
  const ids = new Ids();
  return runs.map(({ scenario: { name, variant } }) =>
    variant === null ? ids.of('run', name) : ids.of('variant', variant),
  );
}

/** Shows what the address asks for, now and whenever it changes; the chosen run is in the address. */
export function followAddress(state: State, ids: readonly string[]): void {
  const show = () => {
    const id = decoded(location.hash.slice(1));
    const target = id === '' ? null : document.getElementById(id);
    document.querySelector('.targeted')?.classList.remove('targeted');
    if (!target) return;
    target.classList.add('targeted');
    const run = ids.indexOf(target.closest('[data-run]')?.id ?? id);
    if (run >= 0 && run !== state.run) state.chooseRun(run);
    const folded = target.closest('details');
    if (folded) folded.open = true;
    target.scrollIntoView();
  };
  state.onChange((what) => {
    const id = ids[state.run];
    // Only where the address names a run: links to other places stay.
    if (
      what !== 'all' ||
      id === undefined ||
      (location.hash !== '' && !ids.includes(decoded(location.hash.slice(1))))
    )
      return;
    replaceHash(id);
  });
  addEventListener('hashchange', show);
  show();
}

function replaceHash(id: string): void {
  try {
    history.replaceState(null, '', `#${id}`);
  } catch {
    // A page without an address of its own, such as one in a frame.
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
