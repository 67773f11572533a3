// What `npm run conformance` plays when no case is named: short cases, one or more for each thing that Envoy does, a few minutes in all.
export const DEFAULT_CASES = [
  // Localities, priorities, weights.
  'distribute_90_10_x10',
  'distribute_90_10_x10_workers2',
  'distribute_80_15_5_lr',
  'distribute_third_of_A_ejected',
  'distribute_eds_weight_change',
  'eds_degraded_p1_healthy',
  'eds_draining_2of4',
  'panic_edge_1of4_threshold25',
  'zone_residual_4',
  'subset_75_25_x100',
  // Policies.
  'rr_weights_1_2_5',
  'rr_host_added',
  'lr_equal_serial',
  'lr_bias2_weights_1_2_5_c16',
  'random_4',
  'ring_repeat_key',
  'maglev_key_exact',
  // Outlier detection.
  'consec5xx_5_serial',
  'gateway5_host_500',
  'maxej_default_of_5',
  'maxej_default_of_11',
  'failover_all_p0_ejected_panic0',
  // Retries.
  'bad1of3_rr_od_retry',
  'bad2of3_rr_istio_retry',
  'failover_p0_503_remote_localities',
  'retry_on_5xx',
  'retry_on_gateway_error',
  'per_try_timeout_5xx',
  'retry_budget_50pct_min1_c16',
  // Pools, protocols, filters, routes.
  'cb_conn1_pending1_c2',
  'max_requests_per_connection_1',
  'h2_rr_one_connection',
  'fault_delay_beats_timeout',
  'mirror_100',
  'routes_order',
  'hash_cookie_ttl_one_connection',
  // Two hops.
  'bookinfo_distribute_90_10',
  'bookinfo_failover_scaled_to_zero',
] as const;

/** Scenario files, base and variants. */
export const DEFAULT_SCENARIOS = [
  'examples/two-regions/distribute.yaml',
  'examples/two-regions/failover.yaml',
] as const;

/** Cases that measure this machine too; they are played when they are named, and their difference has this reason. */
export const OF_THE_MACHINE: Record<string, string> = {
  merge_window_default:
    'how many requests the client sends within a window of a second depends on its timers, which wake it late',
  cb_istio_task_c2:
    'whether the second client asks before the first connection is open is decided within a fraction of a millisecond',
  ring_bounded_load_125:
    'who has room at the moment of a request depends on the order in which 16 clients in one process get their answers',
};
