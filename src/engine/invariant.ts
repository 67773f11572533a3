// Claims about our own code. A failed one is a bug in foresail, never a mistake of the user.

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws InvariantError with the text when the condition does not hold. */
export function invariant(condition: boolean, text: string): asserts condition {
  if (!condition) throw new InvariantError(text);
}
