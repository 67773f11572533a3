// All rules. Adding one = one file in rules/ and one line in the list; docs, `foresail rules` and the tests follow from it.
import type { LintRule } from './rule.ts';
import { ca001 } from './rules/ca001-small-canary-sample.ts';
import { ca002 } from './rules/ca002-replicas-not-weights.ts';
import { cb001 } from './rules/cb001-limits-per-caller.ts';
import { cb002 } from './rules/cb002-overflow.ts';
import { cb003 } from './rules/cb003-queue-without-end.ts';
import { cb004 } from './rules/cb004-zero-is-unset.ts';
import { di000 } from './rules/di000-small-sample.ts';
import { di001 } from './rules/di001-excluded-localities.ts';
import { di002 } from './rules/di002-active-passive.ts';
import { di003 } from './rules/di003-rounding.ts';
import { di004 } from './rules/di004-unknown-target.ts';
import { di005 } from './rules/di005-empty-target.ts';
import { di006 } from './rules/di006-unmatched-callers.ts';
import { di007 } from './rules/di007-distribute-and-failover.ts';
import { di008 } from './rules/di008-distribute-wins.ts';
import { di009 } from './rules/di009-hope-for-failover.ts';
import { dr001 } from './rules/dr001-unknown-host.ts';
import { dr002 } from './rules/dr002-two-rules-one-policy.ts';
import { dr003 } from './rules/dr003-port-entry-is-whole.ts';
import { dr004 } from './rules/dr004-retry-budget-of-subset.ts';
import { dr005 } from './rules/dr005-undefined-subset.ts';
import { dr006 } from './rules/dr006-hidden-rule.ts';
import { dr007 } from './rules/dr007-empty-subset.ts';
import { dr008 } from './rules/dr008-subset-without-labels.ts';
import { dr009 } from './rules/dr009-not-exported.ts';
import { ex001 } from './rules/ex001-explain.ts';
import { ex002 } from './rules/ex002-diff.ts';
import { gw001 } from './rules/gw001-gateway-selects-nothing.ts';
import { gw002 } from './rules/gw002-port-not-on-service.ts';
import { gw003 } from './rules/gw003-conflicting-gateways.ts';
import { gw004 } from './rules/gw004-nobody-listens.ts';
import { lb001 } from './rules/lb001-od-turns-locality-on.ts';
import { lb002 } from './rules/lb002-failover-needs-od.ts';
import { lb003 } from './rules/lb003-locality-dropped.ts';
import { lb004 } from './rules/lb004-subset-pins-region.ts';
import { lb005 } from './rules/lb005-one-endpoint-per-locality.ts';
import { lb006 } from './rules/lb006-small-zone.ts';
import { lb007 } from './rules/lb007-mesh-default-od.ts';
import { lb008 } from './rules/lb008-failover-target.ts';
import { lb009 } from './rules/lb009-failover-takes-regions.ts';
import { lb010 } from './rules/lb010-zone-settings-exclude.ts';
import { ll001 } from './rules/ll001-http-on-tcp-port.ts';
import { ll002 } from './rules/ll002-connections-stay.ts';
import { ll003 } from './rules/ll003-http2-is-one-connection.ts';
import { lo001 } from './rules/lo001-caller-without-service.ts';
import { lo002 } from './rules/lo002-unlabelled-nodes.ts';
import { lo003 } from './rules/lo003-headless.ts';
import { lo004 } from './rules/lo004-no-own-locality.ts';
import { mb001 } from './rules/mb001-caller-not-injected.ts';
import { mb002 } from './rules/mb002-serverless-not-injected.ts';
import { mb003 } from './rules/mb003-ambient.ts';
import { mb004 } from './rules/mb004-not-in-egress.ts';
import { mb005 } from './rules/mb005-excluded-ports.ts';
import { mb006 } from './rules/mb006-uid-1337.ts';
import { mb007 } from './rules/mb007-namespace-not-labelled.ts';
import { mc001 } from './rules/mc001-gateway-weight.ts';
import { mc003 } from './rules/mc003-network-is-one-host.ts';
import { mc004 } from './rules/mc004-subset-out-of-sight.ts';
import { mc005 } from './rules/mc005-no-service-here.ts';
import { mc006 } from './rules/mc006-cross-cluster-by-default.ts';
import { mc007 } from './rules/mc007-gateway-without-pods.ts';
import { mc008 } from './rules/mc008-no-gateway.ts';
import { mc009 } from './rules/mc009-services-differ.ts';
import { mc010 } from './rules/mc010-not-reachable-across.ts';
import { oc001 } from './rules/oc001-per-host.ts';
import { oc002 } from './rules/oc002-per-proxy.ts';
import { oc003 } from './rules/oc003-gateway-errors-only.ts';
import { oc004 } from './rules/oc004-partial-failure.ts';
import { oc005 } from './rules/oc005-after-return.ts';
import { oc006 } from './rules/oc006-consecutive-errors.ts';
import { oc007 } from './rules/oc007-abort-is-invisible.ts';
import { oc008 } from './rules/oc008-all-at-once.ts';
import { oc009 } from './rules/oc009-slow-is-no-error.ts';
import { oc010 } from './rules/oc010-business-errors.ts';
import { oc011 } from './rules/oc011-disabled.ts';
import { od001 } from './rules/od001-never-ejects.ts';
import { od002 } from './rules/od002-most-ejections.ts';
import { od003 } from './rules/od003-all-ejected.ts';
import { od004 } from './rules/od004-panic.ts';
import { od005 } from './rules/od005-long-interval.ts';
import { od006 } from './rules/od006-unready-by-version.ts';
import { od007 } from './rules/od007-percent-over-priorities.ts';
import { od008 } from './rules/od008-no-spill-over.ts';
import { pr001 } from './rules/pr001-spill-over.ts';
import { pr002 } from './rules/pr002-unready-by-version.ts';
import { pr003 } from './rules/pr003-failover-priority-labels.ts';
import { pr004 } from './rules/pr004-capacity-after-failover.ts';
import { pr005 } from './rules/pr005-failover-by-removal.ts';
import { rr001 } from './rules/rr001-per-worker.ts';
import { rr002 } from './rules/rr002-least-request-is-random.ts';
import { rr003 } from './rules/rr003-small-weight-waits.ts';
import { rt001 } from './rules/rt001-replayed-posts.ts';
import { rt002 } from './rules/rt002-amplification.ts';
import { rt003 } from './rules/rt003-per-try-too-short.ts';
import { rt004 } from './rules/rt004-timeout-cuts-retries.ts';
import { rt005 } from './rules/rt005-per-try-on-old-releases.ts';
import { rt006 } from './rules/rt006-nobody-else-to-try.ts';
import { rt007 } from './rules/rt007-default-does-not-retry-answers.ts';
import { rt008 } from './rules/rt008-remote-without-priorities.ts';
import { rt009 } from './rules/rt009-timeout-too-short.ts';
import { sc001 } from './rules/sc001-several-sidecars.ts';
import { sc002 } from './rules/sc002-unknown-egress-host.ts';
import { ss001 } from './rules/ss001-no-slow-start.ts';
import { ss002 } from './rules/ss002-everybody-warms-up.ts';
import { ss003 } from './rules/ss003-window-starts-when-ready.ts';
import { ss004 } from './rules/ss004-second-change-in-window.ts';
import { ss005 } from './rules/ss005-cold-pod.ts';
import { st001 } from './rules/st001-hash-and-weights.ts';
import { st002 } from './rules/st002-absent-key.ts';
import { st003 } from './rules/st003-ambient-hash.ts';
import { st004 } from './rules/st004-source-ip.ts';
import { st005 } from './rules/st005-hash-and-priorities.ts';
import { sv001 } from './rules/sv001-port-name.ts';
import { sv002 } from './rules/sv002-target-port.ts';
import { sv003 } from './rules/sv003-selects-nothing.ts';
import { sv004 } from './rules/sv004-unknown-port.ts';
import { ti001 } from './rules/ti001-istiod-away.ts';
import { ti002 } from './rules/ti002-slow-connect.ts';
import { TOPOLOGY_RULES } from './rules/topology-plan.ts';
import { ver01 } from './rules/ver01-distribute-before-1-9.ts';
import { ver02 } from './rules/ver02-default-balancer.ts';
import { ver03 } from './rules/ver03-default-retries.ts';
import { ver04 } from './rules/ver04-error-codes.ts';
import { ver05 } from './rules/ver05-dns-failover.ts';
import { vs001 } from './rules/vs001-no-default-route.ts';
import { vs002 } from './rules/vs002-unreachable-rule.ts';
import { vs003 } from './rules/vs003-gateway-only.ts';
import { vs004 } from './rules/vs004-abort-before-retries.ts';
import { vs005 } from './rules/vs005-unknown-destination.ts';
import { vs006 } from './rules/vs006-weights.ts';
import { vs007 } from './rules/vs007-weight-to-nobody.ts';
import { vs008 } from './rules/vs008-two-for-one-host.ts';
import { vs009 } from './rules/vs009-unknown-gateway.ts';
import { vs010 } from './rules/vs010-host-not-in-gateway.ts';
import { vs011 } from './rules/vs011-port-needed.ts';
import { vs012 } from './rules/vs012-load-per-pod.ts';
import { vs013 } from './rules/vs013-nobody-routes.ts';

export const RULES: readonly LintRule[] = [
  od001,
  od002,
  od003,
  od004,
  od005,
  od006,
  od007,
  od008,
  oc001,
  oc002,
  oc003,
  oc004,
  oc005,
  oc006,
  oc007,
  oc008,
  oc009,
  oc010,
  oc011,
  pr001,
  pr002,
  pr003,
  pr004,
  pr005,
  lb001,
  lb002,
  lb003,
  lb004,
  lb005,
  lb006,
  lb007,
  lb008,
  lb009,
  lb010,
  di000,
  di001,
  di002,
  di003,
  di004,
  di005,
  di006,
  di007,
  di008,
  di009,
  lo001,
  lo002,
  lo003,
  lo004,
  mc001,
  mc003,
  mc004,
  mc005,
  mc006,
  mc007,
  mc008,
  mc009,
  mc010,
  mb001,
  mb002,
  mb003,
  mb004,
  mb005,
  mb006,
  mb007,
  vs001,
  vs002,
  vs003,
  vs004,
  vs005,
  vs006,
  vs007,
  vs008,
  vs009,
  vs010,
  vs011,
  vs012,
  vs013,
  dr001,
  dr002,
  dr003,
  dr004,
  dr005,
  dr006,
  dr007,
  dr008,
  dr009,
  rt001,
  rt002,
  rt003,
  rt004,
  rt005,
  rt006,
  rt007,
  rt008,
  rt009,
  cb001,
  cb002,
  cb003,
  cb004,
  st001,
  st002,
  st003,
  st004,
  st005,
  ss001,
  ss002,
  ss003,
  ss004,
  ss005,
  rr001,
  rr002,
  rr003,
  ca001,
  ca002,
  ll001,
  ll002,
  ll003,
  sv001,
  sv002,
  sv003,
  sv004,
  gw001,
  gw002,
  gw003,
  gw004,
  sc001,
  sc002,
  ti001,
  ti002,
  ver01,
  ver02,
  ver03,
  ver04,
  ver05,
  ex001,
  ex002,
  ...TOPOLOGY_RULES,
];
