// `behavior:` of the file: a preset, own workloads, or both; what the file says about a workload is laid over what the preset says.
import { type Diagnostic, diagnosticAt, hintFor } from './diagnostics.ts';
import { behaviourOf } from './load-parts.ts';
import { originAt, type Placed, placedAt } from './position.ts';
import { PRESETS } from './presets.ts';
import type { Behaviour } from './scenario.ts';
import { workloadSchema } from './schema-behavior.ts';
import { checked, described } from './schema-check.ts';

export function readBehavior(tree: Placed, diagnostics: Diagnostic[]): Record<string, Behaviour> {
  const behavior = placedAt(tree, ['behavior']);
  if (!behavior || (behavior.kind === 'scalar' && behavior.value === null)) return {};
  if (behavior.kind === 'list') {
    const hint = 'write workload: { latency: 5ms }';
    diagnostics.push(
      diagnosticAt('FS2001', behavior.origin(), 'behavior: expected a mapping, got a list', hint),
    );
    return {};
  }
  const preset = behavior.kind === 'scalar' ? behavior : behavior.entries.get('preset')?.value;
  const found: Record<string, Behaviour> = { ...(preset && presetOf(preset, diagnostics)) };
  for (const workload of behavior.kind === 'map' ? behavior.entries.keys() : []) {
    if (workload === 'preset') continue;
    const at = ['behavior', workload];
    const file = checked(workloadSchema, tree, at, diagnostics);
    if (!file) continue;
    const own = behaviourOf(file, (path) => originAt(tree, [...at, ...path]));
    Object.defineProperty(found, workload, {
      value: { ...(Object.hasOwn(found, workload) ? found[workload] : undefined), ...own },
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return found;
}

function presetOf(preset: Placed, diagnostics: Diagnostic[]): Record<string, Behaviour> | undefined {
  const name = preset.kind === 'scalar' ? String(preset.value) : '';
  if (Object.hasOwn(PRESETS, name)) return PRESETS[name];
  const message = `there is no preset ${described(preset)}`;
  diagnostics.push(diagnosticAt('FS2003', preset.origin(), message, hintFor(name, Object.keys(PRESETS))));
  return undefined;
}
