// foresail worker: does the units of runs and searches elsewhere that say --queue, until it is stopped.
import type { Command } from 'commander';
import { inert } from '../../scenarios/diagnostics.ts';
import { jobs } from '../check-flags.ts';
import { EXIT } from '../exit-codes.ts';
import { count } from '../output/figures.ts';
import { queueAddress } from '../queue/address.ts';
import { type CommandModule, UsageError } from './command.ts';

interface WorkerFlags {
  queue?: string;
  jobs: number;
  quiet?: boolean;
}

export const worker: CommandModule = {
  configure(command: Command) {
    command
      .option('--queue <url>', 'where units come from: redis://host:port (also FORESAIL_QUEUE)')
      .option('--jobs <count>', 'units at once; "all" = as many as there are cores', jobs, 1)
      .option('-q, --quiet', 'say nothing but errors');
    command.addHelpText(
      'after',
      '\nFor example, on each machine:\n  foresail worker --queue redis://build-1:6379 --jobs all\nand where the question is asked:\n  foresail run scenario.yaml --runs 1000 --queue redis://build-1:6379\n\nA worker runs scenarios only: YAML as data, no code. Ctrl-C lets it finish the units under way.',
    );
  },
  async execute(_: string[], options: WorkerFlags, { io, version }) {
    const url = options.queue ?? process.env['FORESAIL_QUEUE'];
    if (url === undefined) throw new UsageError('--queue redis://host:port says where units come from');
    const address = queueAddress(url);
    const { startWorker } = await import('../queue/worker.ts');
    const say = (text: string) => {
      if (!options.quiet) io.err(`${text}\n`);
    };
    const started = await startWorker(address, version, options.jobs, {
      ready: () => say(`foresail worker ${version}: ready at ${address.shown}, ${options.jobs} at once`),
      unitDone: (done) => {
        if (done === 1 || done % 100 === 0) say(`${count(done)} ${done === 1 ? 'unit' : 'units'} done`);
      },
      problem: (text) => io.err(`${inert(text)}\n`),
    });
    const stop = () => started.stop();
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    await started.finished;
    say(`${count(started.done())} units done in all`);
    return EXIT.ok;
  },
};
