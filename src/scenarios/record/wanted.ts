// What the expectations ask of shares and counts, as data, so that a chart can draw it beside what was counted.
import type { Expectation } from '../scenario.ts';
import type { RecordedWanted } from './recording.ts';
import { seconds } from './seconds.ts';

const KINDS = ['requests', 'attempts', 'share', 'maxShare'] as const;

export function wantedOf(expectations: readonly Expectation[]): RecordedWanted[] {
  return expectations.flatMap((expectation, index) =>
    KINDS.flatMap((what): RecordedWanted[] => {
      const ranges = expectation[what];
      if (ranges === undefined) return [];
      const { of = null, during = null, caller = null, fromNs, toNs } = expectation;
      return [
        {
          expectation: index,
          of,
          during,
          from: fromNs === undefined ? null : seconds(fromNs),
          to: toNs === undefined ? null : seconds(toNs),
          caller,
          what,
          entries: Object.entries(ranges).map(([key, { least, most, text }]) => ({
            key,
            least: Number.isFinite(least) ? least : 0,
            most: Number.isFinite(most) ? most : null,
            text,
          })),
        },
      ];
    }),
  );
}
