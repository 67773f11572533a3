// Names in a run come from strangers' YAML or from a stranger's file: every text is made harmless for a terminal once, before it is shown.
import { clean } from '../output/layout.ts';
import type { SavedRun } from '../read-run.ts';

export const inertRun = (saved: SavedRun): SavedRun => copied(saved) as SavedRun;

function copied(value: unknown): unknown {
  if (typeof value === 'string') return clean(value);
  if (Array.isArray(value)) return typeof value[0] === 'number' ? value : value.map(copied);
  if (typeof value !== 'object' || value === null) return value;
  // A name such as __proto__ stays a name.
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key), copied(inner)]));
}
