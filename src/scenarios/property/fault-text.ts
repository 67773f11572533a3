// A fault of a family as the scenario file writes it.
import { durationText } from './domain.ts';
import type { Family } from './families.ts';

export function faultText(
  family: Family,
  body: Record<string, unknown>,
  atNs: number,
  forNs: number | undefined,
  positions: readonly number[],
): Record<string, unknown> {
  const [kind, inner] = Object.entries(body)[0]!;
  const parameters = Object.fromEntries(
    family.parameters.map(({ name, domain }, i) => [name, domain.at(positions[i] ?? 0)]),
  );
  const target = family.parameters.length > 0 ? { ...(inner as object), ...parameters } : inner;
  const lasts = forNs !== undefined && forNs > 0 && kind !== 'rollout' && kind !== 'restartProxy';
  return { at: durationText(atNs), [kind]: target, ...(lasts && { for: durationText(forNs) }) };
}
