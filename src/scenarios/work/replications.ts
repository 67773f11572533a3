// The replications of a file's scenarios, shared out: units of a few replications go to whoever does them, come back in any order, and are
// put together in the order of replications, so that the result has the bytes of one thread. Pure.
import type { RunResult } from '../../models/world.ts';
import type { Plan } from '../plan/plan.ts';
import type { Recording } from '../record/recording.ts';
import { unpacked } from '../replication.ts';
import type { ScenarioResult } from '../result.ts';
import { planOf, type RunOptions, recordLimit, resultOf, withVariants } from '../run.ts';
import type { LoadedScenario, Scenario } from '../scenario.ts';
import { type Amount, amountOf } from './amount.ts';
import type { ReplicationRunner, ReplicationUnit, ScenarioSource } from './unit.ts';

export type SharedRunOptions = Pick<
  RunOptions,
  'runs' | 'seed' | 'perRun' | 'lint' | 'record' | 'signal' | 'onProgress'
> & { variant?: string };

/** A scenario whose replications are under way. */
interface Course {
  scenario: Scenario;
  /** Its place among base and variants. */
  index: number;
  plan: Plan;
  seed: string | number;
  total: number;
  amount: Amount;
  record: boolean | number | undefined;
  /** Replications that were handed out. */
  given: number;
  parts: Part[];
  recording?: Recording;
  result?: ScenarioResult;
}

interface Part {
  size: number;
  /** Fewer than `size` when the run was stopped. */
  runs?: RunResult[];
}

/** Base and variants, or those of `variant`: what runLoaded gives. @throws ScenarioError */
export async function runShared(
  loaded: LoadedScenario,
  source: ScenarioSource,
  runner: ReplicationRunner,
  options: SharedRunOptions = {},
): Promise<ScenarioResult> {
  const all = [loaded.base, ...loaded.variants];
  const chosen =
    options.variant === undefined
      ? all
      : [all.find(({ variant }) => variant === options.variant) ?? loaded.base];
  const record = chosen[0] === loaded.base ? recordLimit(loaded, options) : options.record;
  const total = chosen.reduce((sum, scenario) => sum + (options.runs ?? scenario.runs), 0);
  const courses: Course[] = [];
  let done = 0;
  let hasFailed = false;

  const begin = (scenario: Scenario): Course => {
    const course: Course = {
      scenario,
      index: all.indexOf(scenario),
      plan: planOf(scenario),
      seed: options.seed ?? scenario.seed,
      total: options.runs ?? scenario.runs,
      amount: amountOf(scenario, options.runs),
      record,
      given: 0,
      parts: [],
    };
    courses.push(course);
    return course;
  };
  const unitOf = ({ index, seed, record }: Course, from: number, to: number): ReplicationUnit => ({
    ...source,
    index,
    seed,
    from,
    to,
    ...(from === 0 && record && { record }),
  });
  /** The next unit; a scenario is planned when its turn has come, so that few plans are kept at a time. */
  const next = (): { course: Course; part: Part; unit: ReplicationUnit } | undefined => {
    let course = courses.at(-1);
    if (!course || course.given === course.total) {
      const scenario = chosen[courses.length];
      if (!scenario) return undefined;
      course = begin(scenario);
    }
    const left = course.total - course.given;
    const size = course.given === 0 && record ? 1 : runner.sizeOf(course.amount, left);
    const part: Part = { size };
    course.parts.push(part);
    const from = course.given;
    course.given += size;
    return { course, part, unit: unitOf(course, from, course.given) };
  };
  const finish = (course: Course): void => {
    const runs = runsOf(course);
    course.result = resultOf(course.scenario, course.plan, runs, { ...options, seed: course.seed });
    if (course.recording) course.result.record = course.recording;
    course.parts = [];
  };
  const lane = async () => {
    try {
      while (!hasFailed && !options.signal?.aborted) {
        const given = next();
        if (!given) return;
        const { course, part, unit } = given;
        const { runs, record: recording } = await runner.replicate(unit, course.scenario);
        part.runs = unpacked(runs);
        if (recording) course.recording = recording;
        done += part.runs.length;
        options.onProgress?.(done, total);
        if (course.given === course.total && course.parts.every(isWhole)) finish(course);
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, runner.jobs) }, lane));

  // Stopped: what is there without a gap is told, and of every scenario at least the first replication.
  for (const scenario of chosen.slice(courses.length)) begin(scenario);
  for (const course of courses) {
    if (course.result) continue;
    if (runsOf(course).length === 0) {
      const { runs, record: recording } = await runner.replicate(unitOf(course, 0, 1), course.scenario, {
        evenIfStopped: true,
      });
      course.parts = [{ size: 1, runs: unpacked(runs) }];
      if (recording) course.recording = recording;
    }
    finish(course);
  }
  const [first, ...others] = courses.map(({ result }) => result!);
  return options.variant === undefined ? withVariants(first!, others) : first!;
}

const isWhole = ({ size, runs }: Part): boolean => runs?.length === size;

/** Up to the first gap. */
function runsOf({ parts }: Course): RunResult[] {
  const runs: RunResult[] = [];
  for (const part of parts) {
    for (const run of part.runs ?? []) runs.push(run);
    if (!isWhole(part)) break;
  }
  return runs;
}
