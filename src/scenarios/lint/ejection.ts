// What outlier detection can do at most, from Envoy's arithmetic. Source: Envoy outlier_detection_impl.cc ejectHost (1.40): the
// percentage is of all hosts of the cluster, whatever their priority; before 1.28 (Istio 1.20) it was looked at before the ejection.
import type { Cluster } from '../../models/envoy/config.ts';
import type { LintSubject } from './subject.ts';
import type { ClusterView } from './views.ts';

export const DEFAULT_PERCENT = 10;
const DEFAULT_CONSECUTIVE = 5;

export function mostEjections(hosts: number, percent: number, minor: number): number {
  if (hosts === 0) return 0;
  if (minor >= 20) return Math.min(hosts, Math.floor((percent * hosts) / 100 + 1e-9));
  return Math.min(hosts, Math.max(1, Math.ceil((percent * hosts) / 100 - 1e-9)));
}

export const percentOf = (cluster: Cluster): number =>
  cluster.outlierDetection?.maxEjectionPercent ?? DEFAULT_PERCENT;

export const percentWords = (cluster: Cluster): string =>
  cluster.outlierDetection?.maxEjectionPercent === undefined
    ? `${DEFAULT_PERCENT} (default)`
    : String(cluster.outlierDetection.maxEjectionPercent);

/** The smallest number of errors in a row that ejects, of any kind; 0 = none does. */
export function errorsInARow(cluster: Cluster): number {
  const detection = cluster.outlierDetection;
  if (!detection) return 0;
  const found: number[] = [];
  if ((detection.enforcingConsecutive5xx ?? 100) > 0)
    found.push(detection.consecutive5xx ?? DEFAULT_CONSECUTIVE);
  if ((detection.enforcingConsecutiveGatewayFailure ?? 0) > 0)
    found.push(detection.consecutiveGatewayFailure ?? DEFAULT_CONSECUTIVE);
  return found.length === 0 ? 0 : Math.min(...found);
}

/** What callers see of clusters that eject, where there is somebody to eject. */
export const ejectingViews = (subject: LintSubject): ClusterView[] =>
  subject.views.filter(
    (view) =>
      view.hosts.length > 0 && view.cluster.outlierDetection !== undefined && errorsInARow(view.cluster) > 0,
  );

export const ejectionsOf = (view: ClusterView, subject: LintSubject): number =>
  mostEjections(view.hosts.length, percentOf(view.cluster), subject.minor);
