// A file that `--out run.json` wrote, read back. It may come from anybody, so its shape is checked before anything is believed.
import type { Recording } from '../scenarios/record/recording.ts';
import type { ScenarioResult } from '../scenarios/result.ts';
import { scenarioResultSchema } from './output/result-schema.ts';

export interface SavedRun {
  result: ScenarioResult;
  record: Recording;
}

/** Results with their recordings, variants after their base; or what is wrong with the file, in a sentence. */
export function readRun(text: string, file: string): { runs: SavedRun[] } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `${file} is not JSON: ${(error as Error).message}` };
  }
  const runs: SavedRun[] = [];
  for (const item of Array.isArray(json) ? json : [json]) {
    if (isRefusal(item))
      return { problem: `${file} tells of a scenario that could not run; its diagnostics say why` };
    if (!isOfForesail(item))
      return {
        problem: `${file} is not a run of foresail: foresail run SCENARIO --out ${file} would write one`,
      };
    const parsed = scenarioResultSchema.safeParse(item);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      return {
        problem: `${file} is not a run of foresail: ${issue.path.join('.') || 'its top'}: ${issue.message}`,
      };
    }
    for (const result of [parsed.data, ...parsed.data.variants])
      if (result.record) runs.push({ result, record: result.record });
  }
  if (runs.length === 0)
    return { problem: `${file} has no record; foresail run SCENARIO --out ${file} writes one` };
  const problem = runs.map(({ record }) => badIndex(record)).find((found) => found !== null);
  return problem ? { problem: `${file} is not a run of foresail: ${problem}` } : { runs };
}

const isRefusal = (item: unknown) =>
  typeof item === 'object' && item !== null && 'diagnostics' in item && !('loads' in item);

const isOfForesail = (item: unknown) =>
  typeof item === 'object' && item !== null && 'foresail' in item && 'loads' in item;

/** An index that points nowhere, so that readers need not ask each time. */
function badIndex(record: Recording): string | null {
  const [servers, callers, services] = [record.servers.length, record.callers.length, record.services.length];
  const outside = (of: number, ...indexes: number[]) => indexes.some((index) => index >= of);
  const isBad =
    outside(callers, ...record.loads.map((entry) => entry.caller)) ||
    outside(callers, ...record.traffic.map((entry) => entry.caller)) ||
    outside(services, ...record.traffic.map((entry) => entry.service)) ||
    outside(
      servers,
      ...record.traffic.flatMap((entry) => [...entry.answers, ...entry.tries].map((one) => one.server)),
    ) ||
    outside(callers, ...record.clusters.map((entry) => entry.caller)) ||
    outside(services, ...record.clusters.map((entry) => entry.service)) ||
    outside(
      servers,
      ...record.clusters.flatMap((entry) =>
        entry.versions.flatMap((version) => version.endpoints.map((one) => one.server)),
      ),
    ) ||
    outside(callers, ...record.ejections.map((entry) => entry.caller)) ||
    outside(servers, ...record.ejections.map((entry) => entry.server)) ||
    outside(servers, ...record.faults.flatMap((entry) => entry.servers));
  if (isBad) return 'record: an index points nowhere';
  const series = [...record.loads, ...record.traffic].map((entry) => entry.series);
  const isShort = series.some((entry) => entry.requests.length !== record.bins);
  return isShort ? `record: a series has not ${record.bins} bins` : null;
}
