import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { onlyWhatIsRead } from '../../../src/scenarios/envoy-dump/only-read.ts';
import { readEnvoyDump } from '../../../src/scenarios/envoy-dump/read-dump.ts';
import { worldOfCase } from '../../conformance/oracle/world-of-case.ts';
import { clustersOf, dumpOf, examplePlan, istioDump, PRIVATE_KEY, TOKEN } from './dumps.ts';

const kept = (dump: unknown, clusters?: unknown) => {
  const found = onlyWhatIsRead(dump, clusters);
  if ('problem' in found) throw new Error(found.problem);
  return found;
};

describe('a dump with only what is read', () => {
  const plan = examplePlan();

  it.each(['productpage-v1', 'istio-ingressgateway', 'reviews-v2'])('means the same for %s', (workload) => {
    const dump = istioDump(plan, workload);
    const clusters = clustersOf(dump, { '10.45.0.5': 3 });
    const less = kept(dump, clusters);
    expect(readEnvoyDump(less.configDump, less.clusters)).toEqual(readEnvoyDump(dump, clusters));
    expect(less.dump).toEqual(JSON.parse(JSON.stringify(readEnvoyDump(dump, clusters))));
    // Once more, nothing is left to leave out.
    const again = kept(less.configDump, less.clusters);
    expect(again.configDump).toEqual(less.configDump);
    expect(again.clusters).toEqual(less.clusters);
  });

  it.each([
    'retry_on_status_503_504',
    'subset_90_10_x1000',
    'hash_cookie_ttl_one_connection',
    'hc_degraded_header',
    'slow_start_10s_rr',
    'zone_residual_4',
  ])('means the same in the measured case %s', (name) => {
    const recorded = JSON.parse(
      readFileSync(new URL(`../../recordings/oracle/${name}.json`, import.meta.url), 'utf8'),
    );
    const dump = dumpOf(worldOfCase(recorded.case, 0).world.proxies[0]!.config);
    expect(readEnvoyDump(kept(dump).configDump)).toEqual(readEnvoyDump(dump));
  });

  it('holds no keys, tokens, environments or headers of strangers', () => {
    const dump = istioDump(plan, 'productpage-v1');
    const clusters = dump.configs.find(
      (part: { dynamic_active_clusters?: unknown }) => part.dynamic_active_clusters,
    );
    clusters.dynamic_active_clusters[3].cluster.health_checks = [
      {
        timeout: '1s',
        http_health_check: {
          path: '/healthz',
          request_headers_to_add: [{ header: { key: 'authorization', value: TOKEN } }],
        },
      },
    ];
    const before = JSON.stringify(dump);
    expect(before).toContain(PRIVATE_KEY);
    expect(before).toContain(TOKEN);
    const after = JSON.stringify(kept(dump).configDump);
    expect(after).not.toContain(PRIVATE_KEY);
    expect(after).not.toContain(TOKEN);
    expect(after).not.toMatch(/private_key|SecretsConfigDump|ENV|tls_context/);
    expect(after).toContain('"path":"/healthz"');
    expect(after).toContain('"cluster_name":"outbound|9080||reviews.default.svc.cluster.local"');
  });

  it('is a problem in words when it is no dump', () => {
    expect(onlyWhatIsRead({ configs: [] })).toHaveProperty('problem');
    expect(onlyWhatIsRead(dumpOf(plan.world.proxies[0]!.config), { x: 1 })).toHaveProperty('problem');
  });

  it('survives keys of prototypes', () => {
    const text =
      '{"configs":[{"@type":"x.ClustersConfigDump","__proto__":{"p":1},"static_clusters":[{"cluster":{"name":"a"}}]}]}';
    expect(JSON.stringify(kept(JSON.parse(text)).configDump)).not.toContain('__proto__');
    expect(({} as Record<string, unknown>)['p']).toBeUndefined();
  });
});
