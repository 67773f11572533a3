// A scenario file, base and variants, through `foresail verify`'s own engine.
import { planFile } from '../../../src/cli/envoy/planned.ts';
import { type Verification, verifyPlan } from '../../../src/cli/envoy/verification.ts';
import { processIo } from '../../../src/cli/io.ts';

export interface ScenarioResult {
  scenario: string;
  title: string;
  variant: string | null;
  verification: Verification;
}

const PREDICTED_RUNS = 100;

/** null when the scenario cannot run; the reasons are on stderr. */
export async function scenarioInEnvoy(
  file: string,
  binary: string,
  runs: number,
): Promise<ScenarioResult[] | null> {
  const planned = planFile(file, { color: false }, processIo());
  if (planned === null) return null;
  const results: ScenarioResult[] = [];
  for (const { scenario, plan } of planned) {
    const { name, variant, seed } = scenario;
    const verification = await verifyPlan(plan, {
      binary,
      runs,
      predictedRuns: PREDICTED_RUNS,
      seed,
      timeScale: 'auto',
    });
    results.push({
      scenario: name,
      title: variant === null ? name : `${name} / ${variant}`,
      variant,
      verification,
    });
  }
  return results;
}
