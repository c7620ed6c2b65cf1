import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { isInRanges, isPublicAddress, parseAddress, toRanges } from './address-ranges.js';

function isPublic(text: string): boolean {
  const address = parseAddress(text);
  return address !== null && isPublicAddress(address);
}

const bytes = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const ipv4 = bytes.map((parts) => parts.join('.'));
const ipv6 = fc.array(fc.nat(0xffff), { minLength: 8, maxLength: 8 });
const hex = (text: string): string => {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
};

describe('public addresses', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.32.0.1',
    '100.128.0.1',
    '192.0.1.1',
    '2606:4700::1111',
    '2a00:1450:4001::200e',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
    '[2606:4700::1111]',
  ])('%s is one', (text) => {
    expect(isPublic(text)).toBe(true);
  });

  it.each([
    ...['0.0.0.0', '127.0.0.1', '127.255.255.254', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.100.100.200', '100.64.0.1', '192.0.0.192', '168.63.129.16', '198.18.0.1'],
    ...['192.0.2.1', '198.51.100.7', '203.0.113.9', '192.88.99.1', '224.0.0.1', '239.1.1.1', '240.0.0.1'],
    ...['255.255.255.255', '::', '::1', '::127.0.0.1', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:a9fe:a9fe'],
    ...['64:ff9b::7f00:1', '64:ff9b::a00:1', '64:ff9b:1::1', '2002:7f00:1::', '2002:808:808::', '2001:0::1'],
    ...['2001:db8::1', '3fff::1', 'fe80::1', 'fe80::1%lo', 'fec0::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1'],
    ...['100::1', '5f00::1', '2606:4700::5efe:7f00:1', '2606:4700::200:5efe:10.0.0.1', '::ffff:0:127.0.0.1'],
    ...['1.2.3', '0x7f.0.0.1', '0177.0.0.1', '2130706433', '127.1', 'localhost', '', '::g', '1.2.3.4.5'],
  ])('%s is none', (text) => {
    expect(isPublic(text)).toBe(false);
  });

  it('agrees with the ranges of another reader of the registries', () => {
    fc.assert(
      fc.property(ipv4, (text) => {
        if (ipaddr.IPv4.parse(text).range() !== 'unicast') expect(isPublic(text)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(ipv6, (parts) => {
        const address = new ipaddr.IPv6(parts);
        const isKnown = ['unicast', 'ipv4Mapped', 'rfc6052'].includes(address.range());
        if (!isKnown) expect(isPublic(address.toNormalizedString())).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('makes what carries an address at most as public as that one, in every spelling', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, fc.constantFrom('127.0.0.1', '10.1.2.3', '169.254.169.254', '8.8.8.8')), (text) => {
        const itself = isPublic(text);
        for (const mapped of [`::ffff:${text}`, `::FFFF:${hex(text)}`, `0:0:0:0:0:ffff:${hex(text)}`]) {
          expect([mapped, isPublic(mapped)]).toEqual([mapped, itself]);
          expect(isPublic(`${mapped}%eth0`)).toBe(itself);
        }
        expect(isPublic(`64:ff9b::${hex(text)}`)).toBe(itself);
        expect(isPublic(`2606:4700::5efe:${hex(text)}`)).toBe(itself);
        for (const tunnel of [
          `2002:${hex(text)}::1`,
          `2001:0:${hex(text)}::`,
          `::${hex(text)}`,
          `::${text}`,
          `64:ff9b:1::${hex(text)}`,
        ]) {
          expect([tunnel, isPublic(tunnel)]).toEqual([tunnel, false]);
        }
      }),
    );
  });

  it('puts an address into ranges of its own version only, a mapped one into those of IPv4', () => {
    const ranges = toRanges(['10.1.0.0/16', 'fd00::/8', '192.168.7.7']);
    const isIn = (text: string): boolean => {
      const address = parseAddress(text);
      return address !== null && isInRanges(address, ranges);
    };
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1', '192.168.7.7'].map(isIn)).toEqual([true, true, true, true]);
    expect(['10.2.0.1', '192.168.7.8', 'fe00::1', '::10.1.2.3'].map(isIn)).toEqual([false, false, false, false]);
  });
});
