/** The number as a small integer where it is one: that can be handed over without an allocation. */
export function small(value: number): number {
  const integer = value | 0;
  return integer === value ? integer : value;
}
