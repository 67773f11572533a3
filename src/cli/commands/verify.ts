// foresail verify: the scenario's own proxies as real Envoys on this machine, with stubs for the applications; prediction and measurement
// side by side.
import type { Command } from 'commander';
import { getEnvoy, NoEnvoyError } from '../envoy/binary.ts';
import { planFile } from '../envoy/planned.ts';
import type { Verification } from '../envoy/verification.ts';
import { EXIT } from '../exit-codes.ts';
import { Progress } from '../progress.ts';
import { addSomeFlags, type SharedOptions } from '../shared-flags.ts';
import { type CommandModule, UsageError } from './command.ts';

interface VerifyFlags extends SharedOptions {
  timeScale?: string;
}

/** With real Envoys, where --runs does not say. */
const RUNS = 3;
const PREDICTED_RUNS = 100;

export const verify: CommandModule = {
  configure(command: Command) {
    addSomeFlags(command, ['seed', 'set', 'istio', 'manifests', 'variant', 'json', 'quiet']);
    command
      .option('--runs <count>', `runs with real Envoys (${RUNS})`)
      .option('--time-scale <factor>', 'how many seconds of the scenario pass in one (auto)')
      .addHelpText(
        'after',
        '\nEnvoy is FORESAIL_ENVOY, or the one on the PATH. Nothing leaves this machine: all addresses are 127.x.\nExit code 0: measured as predicted; 99: not.',
      );
  },
  async execute([file = ''], options: VerifyFlags, { io }) {
    const timeScale = options.timeScale ?? 'auto';
    if (timeScale !== 'auto' && !(Number(timeScale) >= 1 && Number(timeScale) <= 1000))
      throw new UsageError(`--time-scale ${timeScale}: it is auto, or a number from 1 to 1000`);
    const runs = Number(options.runs ?? RUNS);
    if (!Number.isInteger(runs) || runs < 1 || runs > 1000)
      throw new UsageError('--runs: a whole number from 1 to 1000 is needed');
    const planned = planFile(file, { ...options, runs: undefined }, io);
    if (planned === null) return EXIT.cannotRun;
    let envoy: Awaited<ReturnType<typeof getEnvoy>>;
    try {
      envoy = await getEnvoy(io.env, (text) => io.err(`foresail: ${text}\n`));
    } catch (error) {
      if (error instanceof NoEnvoyError) throw new UsageError(error.message);
      throw error;
    }
    const { verifyPlan } = await import('../envoy/verification.ts');
    const results: { name: string; variant: string | null; verification: Verification }[] = [];
    for (const { scenario, plan } of planned) {
      const title = scenario.variant === null ? scenario.name : `${scenario.name} / ${scenario.variant}`;
      const progress = new Progress(io, title);
      const verification = await verifyPlan(plan, {
        binary: envoy.path,
        runs,
        predictedRuns: PREDICTED_RUNS,
        seed: options.seed ?? scenario.seed,
        timeScale: timeScale === 'auto' ? 'auto' : Number(timeScale),
        onRun: (done, total) => progress.tell(done, total),
      });
      progress.end();
      results.push({ name: scenario.name, variant: scenario.variant, verification });
      if (!options.json) {
        const { verificationText } = await import('../envoy/verification-text.ts');
        io.out(verificationText(title, envoy.version, verification, options.quiet === true));
      }
    }
    if (options.json) io.out(`${JSON.stringify({ envoy: envoy.version, file, results }, null, 2)}\n`);
    if (results.some(({ verification }) => verification.impossible.length > 0)) return EXIT.cannotRun;
    return results.every(({ verification }) => verification.agrees) ? EXIT.ok : EXIT.expectationFailed;
  },
};
