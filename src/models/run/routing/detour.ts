// How routing says no.

/** Nothing was done: the request is the straight run's. */
export const NOT_ROUTED = -2;

/** Routing alone turned out not to be all that happens: the run is begun anew without it, or with less of it. */
export class Detour extends Error {
  override readonly name = 'Detour';
}
