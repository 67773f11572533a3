// A row of the pools of connections: a worker's to one host of a cluster. They are never given back.

/** Cells of a row. */
export const ROW = 16;
export const CLUSTER = 0;
export const WORKER = 1;
export const HOST = 2;
/** Index into servers, -1 = nowhere. */
export const SERVER = 3;
/** Attempts that wait, first in first out. */
export const QUEUE_HEAD = 4;
export const QUEUE_TAIL = 5;
export const PENDING = 6;
/** Streams under way, and connections in any state. */
export const ACTIVE = 7;
export const CONNECTION_COUNT = 8;
/** Connections that take streams, last used first. */
export const READY_HEAD = 9;
/** 1 = its host left. */
export const IS_DRAINING = 10;
/** 1 = a timer for idle connections is armed. */
export const WATCHES_IDLE = 11;

/** Doubles of a row, in its last cells. */
export const DOUBLES = ROW / 2;
/** Streams that all connections could still take, and those that connections on their way will take. */
export const UNUSED_CAPACITY = 6;
export const CONNECTING_CAPACITY = 7;
