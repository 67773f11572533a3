// What happened when, in one list: faults and pushes as planned, ejections as they came about in the first replication.
import type { RunResult } from '../../models/world.ts';
import type { ScenarioResult } from '../result.ts';
import { type RunNames, serviceName } from './selection.ts';

/** At most this many entries are kept. */
const MOST_ENTRIES = 5000;

export function timelineOf(run: RunResult | undefined, names: RunNames): ScenarioResult['timeline'] {
  if (!run) return [];
  const entries = run.timeline.map((entry) => ({ at: entry.atNs / 1e9, kind: entry.kind, text: entry.text }));
  for (const record of run.ejections) {
    const who = names.callerWorkloads.get(record.proxy) ?? record.proxy;
    const what = names.serverLabels[record.server]?.['pod'] ?? record.endpoint;
    const service = serviceName(record.cluster.split('|')[3] ?? record.cluster);
    entries.push({
      at: record.atNs / 1e9,
      kind: 'ejection',
      text: `${who} ejects ${what} from ${service} (${record.reason}, ejection ${record.count})`,
    });
    if (record.untilNs !== null)
      entries.push({
        at: record.untilNs / 1e9,
        kind: 'unejection',
        text: `${who} takes ${what} back into ${service}`,
      });
  }
  return entries
    .map((entry, order) => ({ entry, order }))
    .sort((a, b) => a.entry.at - b.entry.at || a.order - b.order)
    .slice(0, MOST_ENTRIES)
    .map(({ entry }) => entry);
}
