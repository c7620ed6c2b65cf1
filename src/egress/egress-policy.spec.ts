import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AppError } from '../core/errors/app-error.js';
import { EgressPolicy } from './egress-policy.js';

function codeOf(url: string, allow: string[] = []): string | null {
  try {
    new EgressPolicy({ allow }).checkUrl(url, 'here');
    return null;
  } catch (error) {
    if (!(error instanceof AppError) || error.param !== 'here') throw error;
    return error.code;
  }
}

describe('URLs by their text', () => {
  it.each([
    'https://example.com/cat.png',
    'http://example.com:8080/a?b=c#d',
    'HTTPS://EXAMPLE.COM/',
    'https://8.8.8.8/x',
    'https://[2606:4700::1111]/x',
    'https://münchen.de/bild.png',
    'https://例え.jp/絵.png',
    'https://example.com:443/',
    'https://пример.рф/',
    'https://mail.example.com/%2e%2e/x%20y.png',
  ])('%s may be used', (url) => {
    expect(codeOf(url)).toBeNull();
  });

  it.each([
    // S01
    ...['http://127.0.0.1:8123/', 'http://localhost/', 'http://LOCALHOST./', 'http://[::1]/', 'http://0/'],
    ...['http://0.0.0.0/', 'http://[::]/', 'http://app.localhost/', 'http://intranet/'],
    // S02
    ...['http://0x7f000001/', 'http://2130706433/', 'http://0177.0.0.1/', 'http://127.1/', 'http://①②⑦.⓪.⓪.①/'],
    ...['http://127。0。0。1/', 'http://%31%32%37.0.0.1/', 'http:\\\\127.0.0.1\\', 'http:127.0.0.1', 'http:/127.0.0.1'],
    ...['http://127.0.0.1./', 'http://0x8.0x8.0x8.0x8/', 'http://134744072/', 'http://exam\tple.com/', ' http://a.com'],
    // S03
    ...['http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/', 'http://[::ffff:a9fe:a9fe]/'],
    ...['http://[64:ff9b::7f00:1]/', 'http://[2002:7f00:1::]/', 'http://[2001:0::]/', 'http://[fe80::1%25lo]/'],
    ...['http://[fd00:ec2::254]/', 'http://[::127.0.0.1]/'],
    // S04
    ...['http://169.254.169.254/latest/meta-data', 'http://100.100.100.200/', 'http://192.0.0.192/'],
    ...['http://metadata.google.internal/', 'http://10.1.2.3/', 'http://172.20.0.1/', 'http://192.168.0.1/'],
    ...['http://100.64.1.1/', 'http://224.0.0.1/', 'http://240.0.0.1/', 'http://255.255.255.255/'],
    // S06
    ...['http://good@127.0.0.1/', 'http://127.0.0.1#@good', 'https://api.openai.com.evil.test/'],
    ...['https://api.openai.com%2eevil.test/', 'https://api.openai.com%2eevil.com/', 'https://example.com./'],
    ...['https://user:pass@example.com/', 'https://exa mple.com/', 'https://example.com\\@127.0.0.1/'],
    // A Cyrillic а among Latin letters; a whole word of letters that look like Latin ones; Greek.
    ...['https://аpi.openai.com/', 'https://аррӏе.com/', 'https://αρρle.com/', 'https://ροροκα.com/'],
    ...['', 'cat.png', '//example.com/x', 'https://', 'https:///x', `https://example.com/${'a'.repeat(9_000)}`],
  ])('%s may not', (url) => {
    expect(codeOf(url)).toBe('url_not_allowed');
  });

  it.each(
    ['file:///etc/passwd', 'gopher://a.com/', 'ftp://a.com/', 'data:text/plain,a', 'blob:https://a.com/1'].concat([
      'javascript:alert(1)',
      'dict://a.com/',
      'unix:/var/run/docker.sock',
      'FILE:///x',
      'ws://a.com/',
    ]),
  )('S05: %s has another scheme', (url) => {
    expect(codeOf(url)).toBe('url_scheme_not_allowed');
  });

  it.each([22, 25, 6379, 5432, 0, 81, 1023, 3306, 27017, 9200, 2375])('S07: port %d is of another protocol', (port) => {
    expect(codeOf(`http://example.com:${String(port)}/`)).toBe('url_port_not_allowed');
  });

  it('lets what the operator allows be used, and nothing near it', () => {
    const allow = ['127.0.0.2', '10.1.0.0/16', 'fd00::/8'];
    for (const url of ['http://127.0.0.2:8123/', 'http://10.1.9.9/', 'http://[fd00::1]/', 'http://files.corp/x']) {
      expect([url, codeOf(url, allow)]).toEqual([url, null]);
    }
    for (const url of ['http://127.0.0.1/', 'http://10.2.0.1/', 'http://[fe80::1]/', 'http://[::1]/']) {
      expect([url, codeOf(url, allow)]).toEqual([url, 'url_not_allowed']);
    }
    expect(codeOf('http://127.0.0.2:6379/', allow)).toBe('url_port_not_allowed');
  });

  it('sees through every spelling of a private IPv4 address', () => {
    const part = fc.nat(255);
    const spelled = fc
      .tuple(
        fc.constantFrom(10, 127),
        part,
        part,
        part,
        fc.array(fc.constantFrom('d', 'x', 'o'), { minLength: 4, maxLength: 4 }),
      )
      .chain(([a, b, c, d, how]) => {
        const write = (value: number, index: number): string =>
          how[index] === 'x' ? `0x${value.toString(16)}` : how[index] === 'o' ? `0${value.toString(8)}` : String(value);
        const whole = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
        return fc.constantFrom(
          [a, b, c, d].map(write).join('.'),
          [write(a, 0), write(b, 1), write((c << 8) | d, 2)].join('.'),
          [write(a, 0), write((b << 16) | (c << 8) | d, 1)].join('.'),
          write(whole, 0),
        );
      });
    fc.assert(
      fc.property(spelled, fc.constantFrom('http', 'https'), fc.constantFrom('', ':8080'), (host, scheme, port) => {
        expect(codeOf(`${scheme}://${host}${port}/x`)).toBe('url_not_allowed');
      }),
    );
  });

  it('never throws anything but its own refusals', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.webUrl(),
          fc.string().map((text) => `http://${text}`),
        ),
        (url) => {
          expect([null, 'url_not_allowed', 'url_scheme_not_allowed', 'url_port_not_allowed']).toContain(codeOf(url));
        },
      ),
    );
  });
});
