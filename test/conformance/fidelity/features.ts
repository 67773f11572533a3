// What Envoy does, feature by feature, and by which measured cases it is checked: names of cases, or their beginnings with a star.
export interface Feature {
  title: string;
  cases: string[];
}

export const FEATURES: readonly Feature[] = [
  {
    title: 'Locality weights and distribute',
    cases: [
      'distribute_*',
      'bookinfo_distribute_*',
      'rr_two_localities_weighted',
      'eds_unhealthy_locality_weights_*',
    ],
  },
  {
    title: 'Priorities, failover and spill-over',
    cases: ['failover_*', 'bookinfo_failover_*', 'spill_*', 'eds_unhealthy_opf200', 'p0_*'],
  },
  {
    title: 'Panic',
    cases: ['panic_*', 'all_ejected_*', 'two_of_three_*', 'fail_traffic_on_panic', 'outlier_p0_all_bad_*'],
  },
  { title: 'Health by EDS', cases: ['eds_*'] },
  { title: 'Active health checks', cases: ['hc_*'] },
  { title: 'Zone-aware routing', cases: ['zone_*'] },
  { title: 'Weighted clusters and subsets', cases: ['subset_*'] },
  { title: 'ROUND_ROBIN', cases: ['rr_*'] },
  { title: 'LEAST_REQUEST', cases: ['lr_*', 'h2_least_request_*'] },
  { title: 'RANDOM', cases: ['random_*'] },
  { title: 'RING_HASH and MAGLEV', cases: ['ring_*', 'maglev_*', 'hash_*'] },
  { title: 'Slow start', cases: ['slow_start_*'] },
  {
    title: 'Outlier detection: counting',
    cases: [
      'consec5xx_*',
      'gateway5_*',
      'refused_split_*',
      'maxej_*',
      'outlier_double_*',
      'cb_overflow_ejects',
      'enforcing_*',
    ],
  },
  {
    title: 'Outlier detection: success rate and failure percentage',
    cases: ['success_rate_*', 'failure_pct_*'],
  },
  {
    title: 'Outlier detection: time',
    cases: ['ejection_*', 'interval_*', 'outlier_jitter_*', 'merge_window_*'],
  },
  {
    title: 'Retries',
    cases: ['bad1of*', 'bad2of*', 'retry_*', 'refused1of3_*', 'per_try_timeout_*', 'timeout_*'],
  },
  {
    title: 'Circuit breakers and connection pools',
    cases: ['cb_*', 'max_requests_*', 'idle_timeout_*', 'h2_*', 'pool_*'],
  },
  { title: 'Fault filter, mirrors, routes', cases: ['fault_*', 'mirror_*', 'routes_*'] },
];

/** The first that claims it; undefined = nobody. */
export function featureOf(name: string): Feature | undefined {
  return FEATURES.find(({ cases }) =>
    cases.some((pattern) =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    ),
  );
}

/** What is read or exists in Envoy and has no part in a simulated run: the thing, and what that means. */
export const NOT_SIMULATED: readonly [string, string][] = [
  [
    'The called pod’s own sidecar',
    'a request goes from the caller’s Envoy to the application; in a mesh the inbound Envoy in between turns a closed application port into a 503',
  ],
  ['TLS and mTLS', 'no handshakes, no certificates; only whether a plaintext client may connect counts'],
  [
    'HTTP/3, WebSocket, CONNECT, gRPC streams',
    'requests are short exchanges; gRPC counts by its status header',
  ],
  ['Bodies', 'they take time only where a link has a bandwidth'],
  [
    'Header and path rewriting',
    'routes are chosen by what the client sent; rewritten values are not seen by stubs',
  ],
  ['Lua, Wasm, ext_authz, RBAC, JWT, rate limits', 'such filters let everything pass'],
  [
    'Aggregate, dynamic forward proxy and other custom clusters',
    'they are named when a config dump has them',
  ],
  ['Load reporting, CSDS, overload manager, hot restart', 'they do not choose hosts'],
  [
    'Races of Envoy’s threads',
    'an ejection takes effect at once; in Envoy it needs a fraction of a millisecond',
  ],
  ['CPU', 'Envoys and applications take the time they are given, whatever the load of the machine'],
];
