// VER05: DNS clusters got priorities late.
import { settingOrigin } from '../locality.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const ver05 = defineRule({
  id: 'VER05',
  title: 'Locality failover of DNS hosts depends on the Istio version',
  severity: 'warning',
  symptom: 'failoverPriority is ignored for an external host.',
  cause: 'Endpoints of resolution: DNS were put into priorities only from 1.30 on.',
  fix: 'resolution: STATIC with addresses, or upgrade.',
  example: 'P87-dns-clusters-failover',
  *check(subject) {
    for (const view of subject.views) {
      if (!['DNSLB', 'DNSRoundRobinLB'].includes(view.service.resolution) || view.hosts.length < 2) continue;
      const setting = view.setting?.setting;
      if (!setting?.failoverPriority?.length && !setting?.failover?.length) continue;
      const word = setting.failoverPriority?.length ? 'failoverPriority' : 'failover';
      const works = view.levels.length > 1;
      yield {
        at: settingOrigin(view, subject, word),
        key: nameOfView(view),
        message: works
          ? `${word} of ${nameOfView(view)} (resolution: DNS) works on istio ${subject.mesh.profile.version}; below 1.30 it has no effect.`
          : `istio ${subject.mesh.profile.version}: ${word} has no effect on resolution: DNS hosts (${nameOfView(view)}).`,
        severity: works ? 'info' : 'warning',
      };
    }
  },
});
