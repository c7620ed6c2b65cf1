import { describe, expect, it } from '@jest/globals';
import { EgressPolicy } from './egress-policy.js';
import { nextHop } from './redirects.js';

const policy = new EgressPolicy({ allow: [] });

function hop(from: string, to: string): string {
  const head = { statusCode: 302, headers: { location: to } };
  return nextHop(new URL(from), head, { hops: 0, method: 'GET', policy }).href;
}

describe('where a redirect leads', () => {
  it('is read against the URL that it came from', () => {
    expect(hop('https://a.com/x/y?z', '../w')).toBe('https://a.com/w');
    expect(hop('https://a.com/x', '//b.com/y')).toBe('https://b.com/y');
    expect(hop('http://a.com/x', 'https://b.com/')).toBe('https://b.com/');
  });

  it.each(['http://a.com/x', 'http://b.com/', 'https://127.0.0.1/', '//localhost/', 'https://[::1]/'])(
    'is refused from https to %s (S08)',
    (location) => {
      expect(() => hop('https://a.com/x', location)).toThrow(expect.objectContaining({ code: 'url_not_allowed' }));
    },
  );
});
