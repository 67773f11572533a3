// The kinds of events of a run, in one list; the argument of each is one integer.

/** load: its next request is due. */
export const LOAD_ARRIVAL = 0;
/** attempt: reaches the server. */
export const ATTEMPT_ARRIVES = 1;
/** job: the server has done its own work. */
export const SERVICE_DONE = 2;
/** attempt: its outcome (answer, refusal, reset) reaches the proxy. */
export const OUTCOME_ARRIVES = 3;
/** call: the wait before a retry is over. */
export const BACKOFF_DONE = 4;
/** call: the route's timeout. */
export const ROUTE_TIMEOUT = 5;
/** call: the try's timeout. */
export const TRY_TIMEOUT = 6;
/** attempt: a connection could not be made in time. */
export const CONNECT_TIMEOUT = 7;
/** cluster: the outlier detector's interval. */
export const OUTLIER_TICK = 8;
/** cluster * 64 + priority: a merged health update reaches the workers. */
export const MERGE_FLUSH = 9;
/** index into the world's actions. */
export const ACTION = 10;
/** call: the fault filter's delay is over. */
export const FAULT_DELAY_DONE = 11;
/** job: a sleep of its script is over. */
export const SLEEP_DONE = 12;
/** attempt: a connection is ready. */
export const CONNECTED = 13;
/** load * 65536 + user: a user of a closed loop has thought. */
export const USER_THOUGHT = 14;
/** health-check session: its next check, or the outcome of the one under way. */
export const HEALTH_CHECK = 15;
/** pool * 65536 + connection: an idle connection is closed. */
export const IDLE_TIMEOUT = 16;
