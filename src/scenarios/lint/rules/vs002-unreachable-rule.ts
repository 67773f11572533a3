// VS002: an earlier rule takes everything.
import { recordOf } from '../../../models/istio/plain.ts';
import { defineRule } from '../rule.ts';
import { type HttpRule, httpRules, takesAll, virtualServices } from '../virtual-services.ts';

export const vs002 = defineRule({
  id: 'VS002',
  title: 'A rule that can never match',
  severity: 'warning',
  sameAs: ['IST0130', 'IST0131'],
  symptom: 'A canary rule has no effect.',
  cause: 'Rules are tried in order; one before it takes every request that it would.',
  fix: 'Move the special rule before the general one.',
  *check(subject) {
    for (const config of virtualServices(subject)) {
      const rules = httpRules(config, subject);
      for (const [j, rule] of rules.entries()) {
        const i = rules.slice(0, j).findIndex((earlier) => covers(earlier, rule));
        if (i < 0) continue;
        yield {
          at: rule.at,
          message: `VirtualService ${config.name}: rule ${j + 1} can never match, rule ${i + 1} takes its requests.`,
          hint: `move rule ${j + 1} before rule ${i + 1}`,
        };
      }
    }
  },
});

/** Every match of the later rule lies inside one of the earlier. */
function covers(earlier: HttpRule, later: HttpRule): boolean {
  if (takesAll(earlier)) return true;
  return (
    later.matches.length > 0 &&
    later.matches.every((match) => earlier.matches.some((wide) => isWider(wide, match)))
  );
}

function isWider(wide: Record<string, unknown>, narrow: Record<string, unknown>): boolean {
  for (const key of Object.keys(wide)) {
    if (key === 'name') continue;
    if (key !== 'uri') {
      if (JSON.stringify(wide[key]) !== JSON.stringify(narrow[key])) return false;
      continue;
    }
    const prefix = recordOf(wide['uri'])['prefix'];
    const other = recordOf(narrow['uri']);
    const text = other['prefix'] ?? other['exact'];
    const isInside = typeof prefix === 'string' && typeof text === 'string' && text.startsWith(prefix);
    if (!isInside && JSON.stringify(wide['uri']) !== JSON.stringify(narrow['uri'])) return false;
  }
  return true;
}
