// IP addresses in text, as far as endpoints and gateways ask.
const V4 = /^(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

/** 4, 6, or 0 for what is no IP address (a DNS name). */
export function ipFamily(address: string): 4 | 6 | 0 {
  if (V4.test(address)) return 4;
  // Every text with two colons and nothing but hexadecimal digits, dots and a zone is taken as IPv6.
  return /^[0-9a-f:.]+(?:%\w+)?$/i.test(address) && address.split(':').length > 2 ? 6 : 0;
}
