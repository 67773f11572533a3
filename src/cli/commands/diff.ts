// foresail diff: what a change of policy, manifests, Istio version or variant moves, in traffic terms; for a terminal or a pull request.
import { addSomeFlags, type SharedOptions } from '../shared-flags.ts';
import { type CommandModule, UsageError } from './command.ts';

interface Options extends SharedOptions {
  scenario?: string;
  manifestsOld?: string;
  manifestsNew?: string;
  variants?: string;
  detailedExitcode?: boolean;
  markdown?: boolean;
}

export const diff: CommandModule = {
  configure(command) {
    command
      .option('--scenario <file>', 'OLD and NEW are folders of manifests for this scenario')
      .option('--manifests-old <folder>', "manifests in place of the scenario's, before")
      .option('--manifests-new <folder>', 'and after')
      .option('--variants <a..b>', 'two variants of one file; ..b compares with the base')
      .option('--detailed-exitcode', 'exit 2 when something changed')
      .option('--markdown', 'tables for a pull request');
    command.option(
      '-o, --out <file>',
      'also save it: .md, .json or .txt',
      (text: string, before: string[] = []) => [...before, text],
    );
    addSomeFlags(command, [
      'seed',
      'runs',
      'istio',
      'set',
      'variant',
      'json',
      'quiet',
      'verbose',
      'no-color',
    ]);
    command.addHelpText('after', EXAMPLES);
  },
  async execute(files, options: Options, context) {
    if (options.json && options.markdown) throw new UsageError('--json or --markdown, not both');
    if (options.variant !== undefined && options.variants !== undefined)
      throw new UsageError('--variants a..b already says which variants; leave out --variant');
    const { diffAndReport } = await import('../diff-report.ts');
    return await diffAndReport(files, options, context);
  },
};

const EXAMPLES = `
OLD and NEW are scenario files; REVISION:FILE reads a file and its manifests
from git. --istio takes a range here, such as 1.22..1.30.

For example:
  foresail diff main:foresail.yaml foresail.yaml --markdown --detailed-exitcode
      what this branch moves, as a comment for the pull request
  foresail diff old-mesh/ new-mesh/ --scenario foresail.yaml --runs 100
      two sets of manifests, with the band in which 95 % of the runs lie
  foresail diff foresail.yaml --istio 1.22..1.30
      what an upgrade moves
  foresail diff foresail.yaml --variants ..two-workers
      a variant against the base`;

export type DiffCommandOptions = Options;
