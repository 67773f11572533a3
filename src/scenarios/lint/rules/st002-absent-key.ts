// ST002: no key, no affinity.
import { originOfBlock } from '../policy-place.ts';
import { defineRule } from '../rule.ts';
import { nameOfView } from '../words.ts';

export const st002 = defineRule({
  id: 'ST002',
  title: 'consistentHash looks at a key that requests do not carry',
  severity: 'warning',
  symptom: 'Requests of one session are spread as if there were no hash.',
  cause:
    'Without the header (or query parameter) there is no hash value, and a random host is taken for each request.',
  fix: 'Send the header, or hash on a cookie with ttl, which the proxy sets itself.',
  *check(subject) {
    for (const { client, caller, site, resolution } of subject.uses)
      for (const { cluster } of resolution.targets) {
        const view = subject.allViews.find((one) => one.client === client && one.cluster.name === cluster);
        const hash = view?.policy?.loadBalancer?.consistentHash;
        if (!view || !hash) continue;
        const header = hash.httpHeaderName?.toLowerCase();
        const query = hash.httpQueryParameterName;
        const hasHeader =
          header !== undefined &&
          (header.startsWith(':') ||
            Object.keys(site.request.headers).some((name) => name.toLowerCase() === header));
        const hasQuery =
          query !== undefined && new RegExp(`[?&]${query.replace(/\W/g, '\\$&')}=`).test(site.request.path);
        const words =
          header !== undefined && !hasHeader
            ? `header ${hash.httpHeaderName}`
            : query !== undefined && !hasQuery
              ? `query parameter ${query}`
              : undefined;
        if (words === undefined) continue;
        yield {
          at: originOfBlock(view, 'loadBalancer', 'consistentHash'),
          key: `${nameOfView(view)} ${caller}`,
          message: `consistentHash on ${nameOfView(view)} uses ${words}, which ${site.load ?? caller} does not send: every request gets a random endpoint.`,
          hint: `send it, or hash on httpCookie with a ttl`,
        };
      }
  },
});
