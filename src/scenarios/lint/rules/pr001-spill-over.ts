// PR001: the table of what leaves when.
import { priorityViews } from '../locality.ts';
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { listed, nameOfView, placesOf } from '../words.ts';

export const pr001 = defineRule({
  id: 'PR001',
  title: 'When traffic starts to leave the first priority',
  severity: 'info',
  symptom: 'The remote region gets 2 %, then 30 % of the requests while local pods are alive.',
  cause: 'A priority takes min(100 %, 140 % x its healthy share); the rest goes on to the next one.',
  fix: 'Plan for it: with n endpoints the first request leaves when more than 2/7 of them are out.',
  example: 'P27-overprovisioning-72',
  *check(subject) {
    for (const view of priorityViews(subject)) {
      if (!view.cluster.outlierDetection || view.levels[0]!.length < 2) continue;
      const first = view.levels[0]!.length;
      const firstOut = Math.floor((first * 2) / 7) + 1;
      const half = Math.ceil(first / 2);
      const stays = (out: number) => Math.floor(Math.min(100, (140 * (first - out)) / first));
      yield {
        at: originOfBlock(view, 'outlierDetection'),
        key: nameOfView(view),
        message: `${nameOfView(view)} in ${listed(placesOf(view.levels[0]!))}: ${first - firstOut} of ${first} healthy = ${stays(firstOut)} % local, ${100 - stays(firstOut)} % to the next priority; ${first - half} of ${first} = ${stays(half)}/${100 - stays(half)}.`,
      };
    }
  },
});
