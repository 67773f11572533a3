// foresail import: what kubectl says of any number of clusters, or Envoys of themselves, becomes files and a scenario; afterwards no cluster is
// needed.
import { type CommandModule, UsageError } from './command.ts';

interface Options {
  context?: string[];
  kubectl?: string[];
  request?: string;
  out?: string;
  force?: boolean;
  color: boolean;
}

export const importCommand: CommandModule = {
  configure(command) {
    command
      .option(
        '--context <name=file>',
        'output of kubectl and the cluster it is of; may be given several times',
        collect,
      )
      .option('--kubectl <contexts...>', 'call kubectl (get only) for these contexts')
      .option('--request <text>', 'with config dumps: what is asked, as "GET http://host:port/path"')
      .option('-o, --out <folder>', 'where to write; default: the working directory')
      .option('--force', 'replace files that are there')
      .option('--no-color', 'no colours (also NO_COLOR=1)');
    command.addHelpText('after', EXAMPLES);
  },
  async execute(files, options: Options, context) {
    if (files.length === 0 && !options.context && !options.kubectl)
      throw new UsageError(
        'name files with the output of kubectl get -o yaml or config dumps of Envoys, - for standard input, or --kubectl CONTEXT',
      );
    const { importFiles } = await import('../import-files.ts');
    return await importFiles(files, options, context);
  },
};

const collect = (text: string, before: string[] = []): string[] => {
  if (!/^[^=]+=.+$/.test(text)) throw new UsageError(`--context takes NAME=FILE, not "${text}"`);
  return [...before, text];
};

const EXAMPLES = `
From kubectl it writes k8s/CLUSTER/NAMESPACE.yaml, mesh/NAMESPACE.yaml and
foresail.yaml. Only what the simulation reads is kept: no Secrets, no
environment, no volumes, no commands, no status, nothing that the API server
added. A plain FILE names its cluster by its own name. kubectl is called only
with --kubectl.

From Envoys' config dumps (known by their shape) it writes envoy/PROXY.json and
foresail.yaml, whose loads start at these proxies: no keys, certificates,
tokens or headers are kept. /clusters?format=json may stand beside a dump;
of several dumps it belongs to the one whose file name begins alike.

For example:
  kubectl get ns,deploy,sts,svc,gw,vs,dr,se -A -o yaml > prod.yaml
  foresail import prod.yaml --out mesh-of-prod
  foresail import --context east=east.json --context west=west.json
  foresail import --kubectl ack-hangzhou ack-shanghai --out two-regions
  kubectl get deploy,svc,vs,dr -A -o json | foresail import -

  istioctl proxy-config all deploy/web -o json > web.json
  curl -s 'localhost:15000/config_dump?include_eds' > gateway.json
  curl -s 'localhost:15000/clusters?format=json' > gateway.clusters.json
  foresail import web.json gateway.json gateway.clusters.json --out dumped`;

export type ImportOptions = Options;
