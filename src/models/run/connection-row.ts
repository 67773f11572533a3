// A row of the upstream connections.

/** Cells of a row. */
export const ROW = 16;
/** -1 = it is closed. */
export const POOL = 0;
/** Index into servers. */
export const SERVER = 1;
export const STATE = 2;
/** Routing priority that it was counted for. */
export const BREAKER = 3;
/** Streams now, at most, and that it may still take in its life. */
export const ACTIVE = 4;
export const LIMIT = 5;
export const LEFT = 6;
/** 1 = among its pool's ready ones, and the next one there, -1 = none. */
export const IS_READY = 7;
export const NEXT = 8;
/** Attempt that made it necessary, -1 = none. */
export const OPENED_FOR = 9;
/** 1 = will be refused. */
export const IS_REFUSED = 10;

/** Doubles of a row, in its last cells. */
export const DOUBLES = ROW / 2;
/** [ns] */
export const IDLE_SINCE = 7;
