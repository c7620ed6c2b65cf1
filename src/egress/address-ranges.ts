import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

// IANA's registry of special-purpose IPv4 addresses, and those that only lead to a cloud's own services.
const NOT_PUBLIC_V4 = toRanges([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // What Azure's machines are told about themselves.
  '168.63.129.16/32',
]);

const PUBLIC_V6 = toRanges(['2000::/3']);
// Parts of it that are not: protocol assignments with Teredo (2001::/23), 6to4 (2002::/16), documentation, AS112.
const NOT_PUBLIC_V6 = toRanges(['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20']);

const NAT64 = toRanges(['64:ff9b::/96']);
// The first half of an interface id that ISATAP makes of an IPv4 address.
const ISATAP_MARK = 0x5efe;
const ISATAP_FLAGS = new Set([0x0000, 0x0200]);

/** Ranges from their texts, each an address or `address/bits`. Throws for any other text. */
export function toRanges(texts: readonly string[]): readonly Range[] {
  return texts.map((text) => {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.parse(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  });
}

/**
 * The address that a text names, an IPv4 one for an IPv4-mapped one, without a zone; null when it names none. Other
 * spellings than the usual (octal, hexadecimal, fewer parts) are none.
 */
export function parseAddress(text: string): Address | null {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  const plain = bare.includes(':') ? bare.replace(/%.*$/s, '') : bare;
  if (ipaddr.IPv4.isValidFourPartDecimal(plain)) return ipaddr.IPv4.parse(plain);
  if (!plain.includes(':') || !ipaddr.IPv6.isValid(plain)) return null;
  // The library takes `::1.2.3.4` for `::ffff:1.2.3.4`, which it is not.
  const address = ipaddr.IPv6.parse(plain.replace(/^::(?=\d+\.)/, '0:0:0:0:0:0:'));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/** Whether the address lies in one of the ranges; those of the other version count for nothing. */
export function isInRanges(address: Address, ranges: readonly Range[]): boolean {
  return ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

/**
 * Whether an address belongs to the public internet, by IANA's registries of special-purpose addresses. What carries an IPv4
 * address in it is as public as that one where translators make it of public ones (NAT64), and is not where only tunnels do
 * (6to4, Teredo, IPv4-compatible).
 */
export function isPublicAddress(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return !isInRanges(address, NOT_PUBLIC_V4);
  if (isInRanges(address, NAT64)) return isPublicAddress(lastFourBytes(address));
  if (!isInRanges(address, PUBLIC_V6) || isInRanges(address, NOT_PUBLIC_V6)) return false;
  const [flags = 0, mark] = address.parts.slice(4);
  return mark !== ISATAP_MARK || !ISATAP_FLAGS.has(flags) || isPublicAddress(lastFourBytes(address));
}

function lastFourBytes(address: ipaddr.IPv6): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}
