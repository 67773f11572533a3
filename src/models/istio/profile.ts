// What differs between Istio releases, as one table of switches chosen by `istioVersion`.
export interface IstioProfile {
  /** "1.24" */
  version: string;
  minor: number;
}

/** @param version "1.24", "1.24.3", "v1.18.0", or an ASM version such as "1.22.6.66"; ASM's numbers follow Istio's minor. */
export function istioProfile(version: string): IstioProfile {
  const match = /^v?1\.(\d+)/.exec(version.trim());
  if (!match) throw new RangeError(`not an Istio version: ${version}`);
  return { version, minor: Number(match[1]) };
}
