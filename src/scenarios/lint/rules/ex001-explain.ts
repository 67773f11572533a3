// EX001: a pointer for those who ask why.
import { defineRule } from '../rule.ts';
import { weightedUses } from '../samples.ts';

export const ex001 = defineRule({
  id: 'EX001',
  title: 'Why a request went where it went',
  severity: 'info',
  symptom: 'A graph and the routing seem to disagree.',
  cause: 'Graphs draw telemetry after the fact.',
  fix: 'foresail explain tells one request: listener, route, subset, priority, locality, host, each with file and line.',
  example: 'P82-graph-disagrees',
  *check(subject) {
    const use = weightedUses(subject).find(({ resolution }) => resolution.route?.origin);
    if (!use) return;
    yield {
      at: use.resolution.route?.origin,
      key: 'EX001',
      message: `the route draws among ${use.resolution.targets.length} destinations: run "foresail explain ${subject.scenario.file}" for one request: listener -> route -> subset -> priority -> locality -> host.`,
    };
  },
});
