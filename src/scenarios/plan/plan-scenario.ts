// A scenario becomes a world: from its manifests, or from the Envoy config dumps that it names in their place.
import { planDumps } from '../envoy-dump/plan-dump.ts';
import type { Scenario } from '../scenario.ts';
import type { Plan } from './plan.ts';
import { planMesh } from './plan-mesh.ts';

export const planScenario = (scenario: Scenario): Plan =>
  scenario.envoy === undefined ? planMesh(scenario) : planDumps(scenario.envoy, scenario);
