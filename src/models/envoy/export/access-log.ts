// What a real Envoy writes down about each request, so that it can be held against a simulated one.
// Source: Envoy docs configuration/observability/access_log/usage (1.40).

/** Header that numbers a user's request; applications hand it on with every call they make for it. */
export const REQUEST_HEADER = 'x-foresail-request';
/** Header that numbers the call of the request, counted over the run. */
export const CALL_HEADER = 'x-foresail-call';
/** Header of the answer: which stub gave it. */
export const SERVER_HEADER = 'x-foresail-server';

export const ACCESS_LOG_FORMAT = {
  request: `%REQ(${REQUEST_HEADER.toUpperCase()})%`,
  call: `%REQ(${CALL_HEADER.toUpperCase()})%`,
  code: '%RESPONSE_CODE%',
  flags: '%RESPONSE_FLAGS%',
  server: `%RESP(${SERVER_HEADER.toUpperCase()})%`,
  host: '%UPSTREAM_HOST%',
  attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  cluster: '%UPSTREAM_CLUSTER_RAW%',
  route: '%ROUTE_NAME%',
} as const;
