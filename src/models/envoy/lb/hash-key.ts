// The text by which a host stands in a ring or table. Source: Envoy thread_aware_lb_impl.h hashKey (1.40).

/** @param address as HostSet writes it: "ip:port", IPv6 without brackets */
export function hashKey(
  address: string,
  hostname: string,
  metadata: Readonly<Record<string, string>> | undefined,
  useHostname: boolean,
): string {
  const own = metadata && Object.hasOwn(metadata, 'hash_key') ? metadata['hash_key'] : undefined;
  if (typeof own === 'string' && own !== '') return own;
  if (useHostname && hostname !== '') return hostname;
  const port = address.lastIndexOf(':');
  const ip = address.slice(0, port);
  return ip.includes(':') && !ip.startsWith('[') ? `[${ip}]${address.slice(port)}` : address;
}
