// The kinds of events of a run, in one list; the argument of each is one integer. Where that is a row of a table, the digest is told
// something else: the server, or the load.
import { FIRST_UNNOTED_KIND as ROWS } from '../../engine/simulation.ts';

/** load: its next request is due. */
export const LOAD_ARRIVAL = 0;
/** attempt: reaches the server. */
export const ATTEMPT_ARRIVES = ROWS + 1;
/** job: the server has done its own work. */
export const SERVICE_DONE = ROWS + 2;
/** attempt: its outcome (answer, refusal, reset) reaches the proxy. */
export const OUTCOME_ARRIVES = ROWS + 3;
/** call: the wait before a retry is over. */
export const BACKOFF_DONE = ROWS + 4;
/** call, or -1 - express row: the route's timeout. */
export const ROUTE_TIMEOUT = ROWS + 5;
/** attempt, or -1 - express row: the try's timeout. */
export const TRY_TIMEOUT = ROWS + 6;
/** connection: it could not be made in time. */
export const CONNECT_TIMEOUT = 7;
/** cluster: the outlier detector's interval. */
export const OUTLIER_TICK = 8;
/** cluster * 64 + priority: a merged health update reaches the workers. */
export const MERGE_FLUSH = 9;
/** index into the world's actions. */
export const ACTION = 10;
/** call: the fault filter's delay is over. */
export const FAULT_DELAY_DONE = ROWS + 11;
/** job: a sleep of its script is over. */
export const SLEEP_DONE = ROWS + 12;
/** connection: it is made, or refused. */
export const CONNECTED = 13;
/** load * 65536 + user: a user of a closed loop has thought. */
export const USER_THOUGHT = 14;
/** cluster * 65536 + host: its next active check is due. */
export const HEALTH_CHECK = 15;
/** pool: an idle connection may have to be closed. */
export const IDLE_TIMEOUT = 16;
/** connection: max_connection_duration is over. */
export const CONNECTION_AGED = 17;
/** connection: the proxy learns that the peer is gone. */
export const CONNECTION_LOST = 18;
/** cluster * 65536 + host: the result of the active check under way. */
export const HEALTH_CHECKED = 19;
/** load: its last pause is over. */
export const LOAD_ENDS = 20;
/** call, or -1 - express row: nothing has moved on its stream for too long. */
export const STREAM_IDLE = ROWS + 21;

/** express row: reaches the server, has been worked on, has slept, its answer reaches the proxy. */
export const EXPRESS_ARRIVES = ROWS + 22;
export const EXPRESS_DONE = ROWS + 23;
export const EXPRESS_SLEPT = ROWS + 24;
export const EXPRESS_ANSWERED = ROWS + 25;

/** No event but a mark in the digest: a stretch of routing alone, see routing/. */
export const ROUTED = 31;
