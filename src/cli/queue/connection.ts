// A connection to Redis that says clearly when there is none, and how long it may be away before a run gives up.
import { Redis } from 'ioredis';
import { UsageError } from '../commands/command.ts';
import type { QueueAddress } from './address.ts';

/** How long a lost Redis may stay away [ms]. */
export const PATIENCE_MS = 15_000;
const CONNECT_MS = 5_000;

/** The queue cannot be reached; the message holds no credentials. */
export class QueueLost extends UsageError {
  override readonly name = 'QueueLost';
}

/** Both ioredis and BullMQ read these. */
export function connectionOptions(address: QueueAddress, hasGivenUp: () => boolean = () => false) {
  return {
    host: address.host,
    port: address.port,
    db: address.db,
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.tls && { tls: {} }),
    connectTimeout: CONNECT_MS,
    // BullMQ's workers need a connection whose blocking calls are not given up.
    maxRetriesPerRequest: null as null,
    // undefined = no further attempt: what still waits for an answer fails.
    retryStrategy: (times: number) => (hasGivenUp() ? undefined : Math.min(1_000, 50 * times)),
  };
}

/** Opens one connection for our own keys. @throws QueueLost when nobody answers, or not as Redis */
export async function connect(address: QueueAddress): Promise<Redis> {
  const redis = new Redis({ ...connectionOptions(address), lazyConnect: true, retryStrategy: () => null });
  let cause = '';
  redis.on('error', (error) => {
    cause = causeOf(error);
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw new QueueLost(`no Redis answers at ${address.shown}: ${cause || causeOf(error)}`);
  }
  return redis;
}

/** What went wrong in few words; never the address with its secrets. */
function causeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ECONNREFUSED') return 'the connection is refused';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host name is not known';
  if (code === 'ETIMEDOUT') return 'it does not answer in time';
  const message = error instanceof Error ? error.message : String(error);
  if (/NOAUTH|WRONGPASS|invalid username-password/i.test(message)) return 'it refuses the credentials';
  return message.replace(/\/\/[^@\s]*@/g, '//').slice(0, 120);
}
