// Where two results of the same seed part: the path of the first field that differs.

export function firstDifference(a: unknown, b: unknown, path = 'result'): string | null {
  if (Object.is(a, b)) return null;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return `${path} is ${JSON.stringify(a)} and then ${JSON.stringify(b)}`;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const [ours, theirs] = [Object.keys(left), Object.keys(right)];
  for (const key of new Set([...ours, ...theirs])) {
    if (!Object.hasOwn(left, key) || !Object.hasOwn(right, key)) return `${path}.${key} is there only once`;
    const difference = firstDifference(left[key], right[key], `${path}.${key}`);
    if (difference) return difference;
  }
  return ours.join('\n') === theirs.join('\n') ? null : `${path} lists its fields in another order`;
}
