import { isIPv6 } from 'node:net';

/**
 * What one party can be told by: an IPv4 address itself, or the /64 of an IPv6 one, since a single host may use all
 * of its 2^64 addresses.
 */
export function toAddressBlock(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.replace(/%.*$/, '').toLowerCase().split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    const missing = Math.max(0, 8 - groups.length - after.length);
    groups.push(...Array<string>(missing).fill('0'), ...after);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
