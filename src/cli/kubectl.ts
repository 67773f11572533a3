// Asks kubectl for what the simulation reads: `get` only, never Secrets, no shell.
import { spawnSync } from 'node:child_process';
import { UsageError } from './commands/command.ts';

const CORE =
  'namespaces,nodes,services,deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps,pods,endpointslices.discovery.k8s.io';
/** Each alone: a cluster may lack any of them. */
const CUSTOM = [
  ...['virtualservices', 'destinationrules', 'gateways', 'serviceentries', 'sidecars', 'workloadentries'].map(
    (kind) => `${kind}.networking.istio.io`,
  ),
  ...['peerauthentications', 'authorizationpolicies'].map((kind) => `${kind}.security.istio.io`),
  ...['gateways', 'httproutes', 'grpcroutes', 'referencegrants'].map(
    (kind) => `${kind}.gateway.networking.k8s.io`,
  ),
];

/** All objects of a context as JSON texts. @throws UsageError with kubectl's own words */
export function askKubectl(context: string): string[] {
  if (context === '' || context.startsWith('-'))
    throw new UsageError(`"${context}" is no context of kubectl`);
  const texts = [ask(context, [CORE, '--all-namespaces'])];
  for (const kind of CUSTOM) texts.push(ask(context, [kind, '--all-namespaces'], true));
  texts.push(ask(context, ['configmap', 'istio', '--namespace=istio-system'], true));
  return texts.filter((text) => text !== '');
}

function ask(context: string, what: string[], isOptional = false): string {
  const { status, stdout, stderr, error } = spawnSync(
    'kubectl',
    [`--context=${context}`, 'get', ...what, '--output=json', '--request-timeout=60s'],
    { encoding: 'utf8', maxBuffer: 512_000_000 },
  );
  if (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UsageError(
      code === 'ENOENT' ? '--kubectl needs kubectl on the PATH' : `kubectl: ${error.message}`,
    );
  }
  if (status === 0) return stdout;
  const words = stderr.trim().split('\n')[0] ?? '';
  if (isOptional && /doesn't have a resource type|NotFound|not found|forbidden/i.test(words)) return '';
  throw new UsageError(`kubectl --context=${context} get ${what[0]!.slice(0, 40)}: ${words}`);
}
