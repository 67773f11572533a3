// DI003: weights are whole numbers, rounded up per locality.
import { localityMatches } from '../../../models/istio/locality-lb.ts';
import { settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView, percent } from '../words.ts';

export const di003 = defineRule({
  id: 'DI003',
  title: 'Rounding moves the shares of distribute',
  severity: 'info',
  symptom: 'Actual shares differ from the YAML by some per cent.',
  cause: "A target's weight is divided among its localities by their endpoints and rounded up for each.",
  fix: 'Use fewer, larger targets, or accept the difference.',
  *check(subject) {
    for (const view of subject.views) {
      const entry = view.setting?.setting.distribute?.find(({ from }) =>
        localityMatches(view.node.locality, from),
      );
      if (!entry) continue;
      const groups = new Map<string, number>();
      for (const host of view.hosts) groups.set(host.locality, host.localityWeight ?? 0);
      const whole = [...groups.values()].reduce((sum, weight) => sum + weight, 0);
      const claimedBy = Object.keys(entry.to).sort();
      const present = claimedBy.filter((target) =>
        [...groups.keys()].some((one) => localityMatches(one, target)),
      );
      const wantedSum = present.reduce((sum, target) => sum + Number(entry.to[target]), 0);
      for (const target of present) {
        const got =
          [...groups]
            .filter(
              ([locality]) =>
                localityMatches(locality, target) &&
                claimedBy.find((one) => localityMatches(locality, one)) === target,
            )
            .reduce((sum, [, weight]) => sum + weight, 0) / whole;
        const wanted = Number(entry.to[target]) / wantedSum;
        if (!(Math.abs(got - wanted) > 0.01)) continue;
        yield {
          at: settingOrigin(view, subject, 'distribute'),
          key: `${nameOfView(view)} ${target}`,
          message: `${nameOfView(view)}: rounding gives ${target} ${percent(got)} where ${percent(wanted)} is written.`,
        };
      }
    }
  },
});
