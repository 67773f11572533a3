// MeshConfig, as far as it steers traffic. Source: istio/istio pkg/config/validation/agent/validation.go ValidateMeshConfig (1.31).
import { blockOf, listOf, type Spec, textsOf } from './common.ts';
import { checkLocalitySetting, checkZoneAwareSetting } from './locality.ts';
import { durationError, durationNs, wildcardDomainError } from './names.ts';
import type { Report } from './report.ts';
import { checkConnectionPool, checkOutlierDetection } from './traffic-policy.ts';

const HOUR_NS = 3600e9;

export function checkMeshConfig(spec: Spec, report: Report): void {
  report.check(['spec', 'connectTimeout'], durationError(spec['connectTimeout']));
  const timeout = typeof spec['connectTimeout'] === 'string' ? durationNs(spec['connectTimeout']) : undefined;
  if (timeout !== undefined && timeout > HOUR_NS)
    report.error(['spec', 'connectTimeout'], 'must be at most 1h');
  // Outlier detection is written in DestinationRules, so that failover alone is no mistake here.
  checkLocalitySetting(blockOf(spec, 'localityLbSetting'), true, ['spec', 'localityLbSetting'], report);
  checkZoneAwareSetting(blockOf(spec, 'zoneAwareLbSetting'), true, ['spec', 'zoneAwareLbSetting'], report);
  const policy = blockOf(spec, 'defaultTrafficPolicy');
  const path = ['spec', 'defaultTrafficPolicy'];
  checkConnectionPool(blockOf(policy, 'connectionPool'), [...path, 'connectionPool'], report);
  checkOutlierDetection(blockOf(policy, 'outlierDetection'), [...path, 'outlierDetection'], report);
  for (const [index, setting] of listOf(spec, 'serviceSettings').entries())
    for (const [hostIndex, host] of textsOf(setting, 'hosts'))
      report.check(['spec', 'serviceSettings', index, 'hosts', hostIndex], wildcardDomainError(host));
}
