// foresail explain: why a request went where it went, step by step, with the line of YAML and the rule behind each step.
import { addSomeFlags, type SharedOptions } from '../shared-flags.ts';
import { type CommandModule, UsageError } from './command.ts';

interface Options extends SharedOptions {
  load?: string;
  request?: number;
  from?: string;
  to?: string;
  at?: string;
  path?: string;
  whyNot?: string;
  all?: boolean;
}

export const explain: CommandModule = {
  configure(command) {
    command
      .option('--load <name>', 'the load; default: the first')
      .option('--request <number>', 'its request, counted from 1', wholeAbove0)
      .option('--from <caller>', 'pod, workload or gateway that calls')
      .option('--to <service>', 'service, host, workload or pod that is called')
      .option('--at <time>', 'the first such call from then on, e.g. 20s')
      .option('--path <path>', 'of a call that no request of the scenario makes')
      .option('--why-not <workload>', 'why this workload or pod got nothing')
      .option('--all', 'every hop of the request, not only the one that matters most');
    addSomeFlags(command, [
      'seed',
      'istio',
      'set',
      'manifests',
      'variant',
      'json',
      'quiet',
      'verbose',
      'no-color',
    ]);
    command.addHelpText('after', EXAMPLES);
  },
  async execute(files, options: Options, context) {
    const { explainFile } = await import('../explain-file.ts');
    return await explainFile(files[0]!, options, context, questionOf(options));
  },
};

const EXAMPLES = `
For example:
  foresail explain failover.yaml --load after --request 3
      the whole way of one request, and the hop that matters most
  foresail explain failover.yaml --from productpage-v1 --to reviews --at 20s
      the first call at or after that time, hop by hop: listener, route, cluster,
      endpoints, priorities, health, pick, tries, answer
  foresail explain failover.yaml --why-not reviews-v1 --at 20s
      what stands between the callers and each of its pods
  foresail explain run.json --request 3
      the same for a saved result (run --out run.json)`;

function questionOf(options: Options) {
  const { load, request, from, to, path, whyNot, all, seed } = options;
  return {
    ...(load !== undefined && { load }),
    ...(request !== undefined && { request }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(path !== undefined && { path }),
    ...(whyNot !== undefined && { whyNot }),
    ...(all && { all }),
    ...(seed !== undefined && { seed }),
  };
}

function wholeAbove0(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--request takes a number from 1 on, not "${text}"`);
  return Number(text);
}

export type ExplainOptions = Options;
