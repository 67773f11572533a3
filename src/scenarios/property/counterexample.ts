// A counterexample as a scenario file: it extends the original, adds the faults, and expects what the property promises, so that running it
// shows the failed expectation.
import type { ExpectationReport } from '../result.ts';
import type { Scenario } from '../scenario.ts';
import { overlayFile } from '../work/overlay.ts';
import { type Candidate, overlayOf, wordsOf } from './candidate.ts';
import type { Property } from './read.ts';

export interface CounterexampleHead {
  /** The original, from where the new file lies. */
  extends: string;
  /** The command that finds it again. */
  again: string;
  expectations: readonly ExpectationReport[];
  /** What a property's function said: no expectation can show it. */
  reason?: string;
  /** For files that `apply` names: the way from the new file to the original's folder, '' = the same. */
  folder: string;
}

export function counterexampleText(
  property: Property,
  candidate: Candidate,
  scenario: Scenario,
  head: CounterexampleHead,
): string {
  const overlay = overlayOf(property, candidate);
  if (overlay.faults && head.folder !== '')
    overlay.faults = overlay.faults.map((fault) =>
      Array.isArray(fault['apply'])
        ? { ...fault, apply: fault['apply'].map((path) => moved(String(path), head.folder)) }
        : fault,
    );
  const words = wordsOf(property, candidate);
  const failed = head.expectations.filter(({ ok }) => !ok);
  const comment = [
    `Counterexample to: ${property.name}`,
    ...(words.length > 0 ? words.map((line) => `  ${line}`) : ['  the scenario as it is written']),
    ...failed.map(({ expected, got }) => `  expected ${expected}; got ${got}`),
    ...(head.reason === undefined ? [] : [`  ${head.reason} (said by a function: run it again to see it)`]),
    `Found by: ${head.again}`,
  ];
  return overlayFile(overlay, {
    extends: head.extends,
    name: `${scenario.name}-counterexample`,
    comment: comment.map((line) => line.replace(/[\r\n]+/g, ' ')),
    seed: scenario.seed,
  });
}

const moved = (path: string, folder: string) => (path.startsWith('/') ? path : `${folder}/${path}`);

/** "shop.yaml" -> "shop-counterexample.yaml", "shop-counterexample-2.yaml" ... */
export function counterexampleName(file: string, index: number): string {
  const base = file.replace(/^.*\//, '').replace(/\.(ya?ml|json)$/, '');
  return `${base}-counterexample${index > 0 ? `-${index + 1}` : ''}.yaml`;
}
