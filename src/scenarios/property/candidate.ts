// One thing that a property is tried with: positions in its domains, all 0 being the simplest. It becomes an overlay for the scenario and
// words for people.
import type { Overlay } from '../work/overlay.ts';
import { durationText } from './domain.ts';
import { faultText } from './fault-text.ts';
import type { Property } from './read.ts';

export interface CandidateFault {
  /** Positions: kind, target (taken around its row), time, duration, parameters. */
  family: number;
  shape: number;
  at: number;
  for: number;
  parameters: readonly number[];
}

export interface Candidate {
  faults: readonly CandidateFault[];
  settings: readonly number[];
}

/** Parameters of a fault that a search draws; no kind has more. */
export const MOST_PARAMETERS = 3;

export function overlayOf(property: Property, candidate: Candidate): Overlay {
  const overlay: Overlay = { runs: property.runs };
  const faults = candidate.faults
    .map((fault) => writtenFault(property, fault))
    .sort((a, b) => a.atNs - b.atNs || (a.text < b.text ? -1 : 1))
    .filter(({ text }, i, all) => i === 0 || all[i - 1]!.text !== text);
  if (faults.length > 0) overlay.faults = faults.map(({ fault }) => fault);
  for (const [i, setting] of property.settings.entries()) setting.put(candidate.settings[i] ?? 0, overlay);
  overlay.expect = property.expectAt(timesOf(property, candidate));
  return overlay;
}

/** The scenario as it is written, asked the same question. */
export function untouchedOverlay(property: Property, candidate: Candidate): Overlay {
  return { runs: property.runs, expect: property.expectAt(timesOf(property, candidate)) };
}

/** One line for each thing that is not as written. */
export function wordsOf(property: Property, candidate: Candidate): string[] {
  const faults = candidate.faults.map((fault) => {
    const { atNs, forNs, text } = writtenFault(property, fault);
    const family = property.families[fault.family]!;
    const shape = shapeOf(property, fault);
    const parameters = family.parameters
      .map((parameter, i) =>
        parameter.words(parameter.domain.at((fault.parameters[i] ?? 0) % parameter.domain.count)),
      )
      .filter((words) => words !== '');
    const lasting = forNs === undefined ? '' : `, for ${durationText(forNs)}`;
    return {
      atNs,
      text,
      words: [`at ${durationText(atNs)} ${shape.words}`, ...parameters].join(' ') + lasting,
    };
  });
  faults.sort((a, b) => a.atNs - b.atNs || (a.text < b.text ? -1 : 1));
  const settings = property.settings.flatMap((setting, i) => setting.words(candidate.settings[i] ?? 0) ?? []);
  return [...new Set(faults.map(({ words }) => words)), ...settings];
}

function timesOf(property: Property, candidate: Candidate): { atNs: number; endNs: number } {
  const faults = candidate.faults.map((fault) => writtenFault(property, fault));
  if (faults.length === 0) return { atNs: property.at.at(0), endNs: property.at.at(0) };
  return {
    atNs: Math.min(...faults.map(({ atNs }) => atNs)),
    endNs: Math.max(...faults.map(({ atNs, forNs }) => atNs + (forNs ?? 0))),
  };
}

const shapeOf = (property: Property, fault: CandidateFault) => {
  const { shapes } = property.families[fault.family]!;
  return shapes[fault.shape % shapes.length]!;
};

function writtenFault(property: Property, fault: CandidateFault) {
  const family = property.families[fault.family]!;
  const atNs = property.at.at(fault.at);
  const forNs = property.for === null ? undefined : property.for.at(fault.for);
  const positions = family.parameters.map(({ domain }, i) => (fault.parameters[i] ?? 0) % domain.count);
  const written = faultText(family, shapeOf(property, fault).body, atNs, forNs, positions);
  return { atNs, forNs: 'for' in written ? forNs : undefined, fault: written, text: JSON.stringify(written) };
}
