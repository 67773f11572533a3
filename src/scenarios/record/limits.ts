// How much a recording may hold: a file that a browser opens at once and an editor does not choke on.

/** Of the JSON of all recordings in one file [bytes]. */
export const MOST_BYTES = 2_000_000;
export const MOST_BINS = 600;
/** Numbers in all series together; more series get fewer bins. */
export const MOST_SERIES_NUMBERS = 300_000;
export const MOST_REQUESTS = 1_000;
/** Ejections, faults, pushes: of each. */
export const MOST_ENTRIES = 5_000;
/** Endpoints in all versions of all clusters together. */
export const MOST_ENDPOINTS = 4_000;
