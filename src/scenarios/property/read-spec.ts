// A property of a TypeScript file, held against its scenario like one of YAML; its function, if it has one, decides together with `then`.
import type { Diagnostic } from '../diagnostics.ts';
import { placedFrom } from '../work/overlay.ts';
import type { Prepared } from '../work/run-unit.ts';
import type { WorkSummary } from '../work/unit.ts';
import type { PropertySpec } from './api.ts';
import { factsOf } from './facts.ts';
import { type Property, readProperty } from './read.ts';

export interface ReadSpec {
  property: Property | undefined;
  /** What is wrong with a run, in words; null = nothing. */
  holds?: (summary: WorkSummary) => string | null;
  diagnostics: Diagnostic[];
}

export function readSpec(prepared: Prepared, spec: PropertySpec, file: string): ReadSpec {
  const diagnostics: Diagnostic[] = [];
  const { holds, scenario: _, kind: __, ...written } = spec as PropertySpec & { kind?: string };
  // A property that only a function decides asks nothing of the expectations: they all hold.
  const always = [['then', { errorRate: '0%..100%' }]] as const;
  const isFree = holds !== undefined && written.then === undefined && written.use === undefined;
  const data = { ...written, ...(isFree && Object.fromEntries(always)) };
  const root = placedFrom({ properties: [data] }, { file, line: 0, col: 0 });
  const property = readProperty(prepared, root, ['properties', 0], factsOf(prepared.scenario), diagnostics);
  if (!holds) return { property, diagnostics };
  return {
    property,
    diagnostics,
    holds: ({ result }) => {
      const { loads, services, expectations, ejections } = result!;
      const failed = expectations.find(({ ok }) => !ok);
      if (failed) return `expected ${failed.expected}, got ${failed.got}`;
      try {
        const answer = holds({ loads, services, expectations, ejections });
        if (answer === false) return 'it does not hold';
        return typeof answer === 'string' ? answer : null;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}
