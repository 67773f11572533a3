// DI000: what ten requests show of 90/10.
import { settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { plainLoads, requestsOf, workersOf } from '../samples.ts';
import { nameOfView, percent, plural } from '../words.ts';

export const di000 = defineRule({
  id: 'DI000',
  title: 'A few requests show a distribution exactly only with one worker',
  severity: 'info',
  symptom: 'Ten curls give 9:1 on one day and 10:0 or 8:2 on another.',
  cause:
    'Locality weights are a schedule, not a coin, but every worker thread of the caller has its own schedule with its own phase.',
  fix: 'Use concurrency 1, or enough requests.',
  example: 'P44-seed-a-90-10',
  *check(subject) {
    for (const view of subject.views) {
      if (!view.setting?.setting.distribute?.length || view.hosts.length < 2) continue;
      const weights = new Map<string, number>();
      for (const host of view.levels[0]!) weights.set(host.locality, host.localityWeight ?? 0);
      if (weights.size !== 2) continue;
      const load = [...plainLoads(view, subject), ...subject.scenario.load].find(
        (one) => (requestsOf(one) ?? 1e9) <= 100,
      );
      if (!load) continue;
      const workers = workersOf(view, subject);
      const requests = requestsOf(load)!;
      const [a, b] = [...weights.values()] as [number, number];
      const share = Math.min(a, b) / (a + b);
      const odds = workers === 2 ? twoWorkers(requests, share) : undefined;
      yield {
        at: settingOrigin(view, subject, 'distribute'),
        key: `${nameOfView(view)} ${view.caller}`,
        message: `${plural(requests, 'request')} at ${percent(1 - share)}/${percent(share)} to ${nameOfView(view)}: exact with one caller worker${workers === 1 ? ', as here' : `; ${view.caller} has ${workers}${odds === undefined ? '' : `: exact in ${percent(odds)} of runs`}`}.`,
      };
    }
  },
});

/** Requests fall on two workers by chance; each gives the smaller one its floor or ceiling by its phase. */
function twoWorkers(requests: number, share: number): number | undefined {
  const expected = requests * share;
  if (requests > 60 || Math.abs(expected - Math.round(expected)) > 1e-9) return undefined;
  let exact = 0;
  let chance = 0.5 ** requests;
  for (let n = 0; n <= requests; n++) {
    const parts = [n * share, (requests - n) * share];
    for (const up of [0, 1, 2, 3]) {
      let sum = 0;
      let odds = 1;
      for (const [i, part] of parts.entries()) {
        const more = (up >> i) & 1;
        const fraction = part - Math.floor(part + 1e-9);
        odds *= more ? fraction : 1 - fraction;
        sum += Math.floor(part + 1e-9) + more;
      }
      if (sum === Math.round(expected)) exact += chance * odds;
    }
    chance = (chance * (requests - n)) / (n + 1);
  }
  return exact;
}
