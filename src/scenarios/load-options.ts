// What the command line may change about a scenario while it is loaded.

export interface LoadOptions {
  /** `path=value`, each replacing one value of the file and of its variants. */
  set?: readonly string[];
  seed?: string | number;
  istioVersion?: string;
  runs?: number;
  /** A variant's name: the others are left out. */
  only?: string;
  /** What `-` in the paths means; without such a path it belongs to the only cluster. */
  manifestsFromStdin?: string;
  /** What the scenario expects to be refused is told like any other mistake: for those who look for mistakes. */
  tellsRefusals?: boolean;
  /** The configuration comes from an Envoy's config dump: names are not checked against manifests. */
  isOfEnvoyDump?: boolean;
}
