// redis://user:password@host:port/db as options of a connection, and as a text without secrets.
import { UsageError } from '../commands/command.ts';

export interface QueueAddress {
  host: string;
  port: number;
  username?: string;
  password?: string;
  db: number;
  tls: boolean;
  /** Without credentials: the only form that is ever printed. */
  shown: string;
}

/** @throws UsageError that does not repeat the text: it may hold a password */
export function queueAddress(text: string): QueueAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError('--queue is no address such as redis://localhost:6379');
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:')
    throw new UsageError('--queue takes redis://host:port or rediss://host:port');
  const db = url.pathname.replace(/^\//, '');
  if (!/^\d{0,3}$/.test(db))
    throw new UsageError('--queue: the database is a number, as in redis://host:port/1');
  const host = url.hostname.replace(/^\[|\]$/g, '') || 'localhost';
  const port = url.port === '' ? 6379 : Number(url.port);
  return {
    host,
    port,
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    db: db === '' ? 0 : Number(db),
    tls: url.protocol === 'rediss:',
    shown: `${url.protocol}//${host.includes(':') ? `[${host}]` : host}:${port}${db ? `/${db}` : ''}`,
  };
}
