/** "outbound|9080|v1|reviews.default.svc.cluster.local" -> the host, by which tallies are kept; other cluster names stay as they are. */
export function serviceOf(clusterName: string): string {
  const parts = clusterName.split('|');
  return parts.length === 4 && parts[3] !== '' ? parts[3]! : clusterName;
}
