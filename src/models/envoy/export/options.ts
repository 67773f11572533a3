// What an exported configuration needs to know about the place where it will run.

export interface ExportOptions {
  /** Absent = 127.0.0.1:15000, where Istio's proxies have theirs. */
  admin?: { address: string; port: number };
  /** Path of the watched file that brings a cluster's endpoints; absent = they stand in the cluster, which is then static. */
  edsPath?(assignmentName: string): string;
  /** Path of the watched file with a route configuration; absent = it stands in the listener. */
  rdsPath?(routeConfigName: string): string;
  /** One JSON line per request; '-' = standard output, absent = no access log. */
  accessLogPath?: string;
  outlierLogPath?: string;
  /** Log of a cluster's active health checks. */
  healthLogPath?(clusterName: string): string;
}

/** A file that Envoy watches: a new version is moved over it. */
export const watched = (path: string) => ({ resourceApiVersion: 'V3', pathConfigSource: { path } });
