// How an attempt ended: an HTTP status (>= 100), or one of these; and the response flags as bits.
import type { ResetReason } from '../envoy/retry.ts';
import { RESPONSE_FLAGS } from '../world.ts';

export const CONNECT_FAILED = -1;
export const CONNECTION_TIMED_OUT = -2;
/** The peer closed or reset the connection under the request. */
export const CONNECTION_TERMINATED = -3;
export const PER_TRY_TIMED_OUT = -4;
export const POOL_OVERFLOW = -5;
/** Nobody will ever answer. */
export const NEVER = -6;
/** max_requests refused it after the host had been chosen and a connection was there. For explanations. */
export const REQUEST_OVERFLOW = -7;

const bit = (flag: (typeof RESPONSE_FLAGS)[number]) => 1 << RESPONSE_FLAGS.indexOf(flag);

export const UH = bit('UH');
export const UF = bit('UF');
export const UO = bit('UO');
export const NR = bit('NR');
export const NC = bit('NC');
export const UT = bit('UT');
export const UC = bit('UC');
export const URX = bit('URX');
export const FI = bit('FI');
export const DI = bit('DI');
export const SI = bit('SI');

/** By -outcome. */
export const RESET_REASONS: readonly ResetReason[] = [
  'remoteReset',
  'connectionFailure',
  'connectionTimeout',
  'connectionTermination',
  'perTryTimeout',
  'overflow',
];
export const RESET_FLAGS = [0, UF, UF, UC, UT, UO] as const;

/** Names of the bits that are set. */
export function flagNames(flags: number): string[] {
  return RESPONSE_FLAGS.filter((_, i) => (flags >>> i) & 1);
}
