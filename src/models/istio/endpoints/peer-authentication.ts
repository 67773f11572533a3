// PeerAuthentication: may a workload be reached with mTLS? Only DISABLE matters here: its endpoints vanish behind network gateways.
// Source: istio/istio pilot/pkg/model/authentication.go, pilot/pkg/security/authn (1.31). Rule SH-5.
import type { ConfigObject } from '../model.ts';
import { recordOf, textMapOf } from '../plain.ts';

interface Policy {
  namespace: string;
  selector: [string, string][];
  mode: string;
  portModes: Record<string, string>;
}

/** @param policies PeerAuthentication objects, oldest first */
export function mtlsDisabledByPolicy(
  policies: readonly ConfigObject[],
  rootNamespace: string,
): (namespace: string, labels: Record<string, string>, port: number) => boolean {
  const all = policies.map((config): Policy => {
    const spec = recordOf(config.spec);
    return {
      namespace: config.namespace,
      selector: Object.entries(textMapOf(recordOf(spec['selector'])['matchLabels'])),
      mode: modeOf(spec['mtls']),
      portModes: Object.fromEntries(
        Object.entries(recordOf(spec['portLevelMtls'])).map(([port, entry]) => [port, modeOf(entry)]),
      ),
    };
  });
  if (!all.some(({ mode, portModes }) => [mode, ...Object.values(portModes)].includes('DISABLE')))
    return () => false;
  const wide = (namespace: string) =>
    all.find((policy) => policy.namespace === namespace && policy.selector.length === 0)?.mode ?? 'UNSET';
  const mesh = wide(rootNamespace);
  return (namespace, labels, port) => {
    const own = all.find(
      (policy) =>
        policy.namespace === namespace &&
        policy.selector.length > 0 &&
        policy.selector.every(([key, value]) => labels[key] === value),
    );
    const modes = [own?.portModes[port], own?.mode, wide(namespace), mesh];
    return modes.find((mode) => mode !== undefined && mode !== 'UNSET') === 'DISABLE';
  };
}

function modeOf(value: unknown): string {
  const mode = recordOf(value)['mode'];
  return typeof mode === 'string' ? mode : 'UNSET';
}
