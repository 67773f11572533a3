// A scenario becomes a world: from its manifests, or from the Envoy config dumps that stand in their place.
import { planDump, planDumps } from '../envoy-dump/plan-dump.ts';
import type { Scenario } from '../scenario.ts';
import type { Plan } from './plan.ts';
import { planMesh } from './plan-mesh.ts';

export function planScenario(scenario: Scenario): Plan {
  // What was not taken is not there.
  if (scenario.refused)
    return planMesh({
      ...scenario,
      manifests: [],
      behavior: {},
      topology: { ...scenario.topology, gateways: [] },
    });
  if (scenario.givenDump) return planDump(scenario.givenDump, scenario);
  return scenario.envoy === undefined ? planMesh(scenario) : planDumps(scenario.envoy, scenario);
}
