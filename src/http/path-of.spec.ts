import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { pathOf } from './path-of.js';

describe('pathOf', () => {
  it.each([
    ['/v1/models', '/v1/models'],
    ['/v1/models?a=/b#c', '/v1/models'],
    ['/v1/models#c', '/v1/models'],
    ['http://evil.example/v1/models?a=1', '/v1/models'],
    ['HTTPS://user@evil.example:8080/admin/keys', '/admin/keys'],
    ['http://evil.example', '/'],
    ['http://evil.example?a', '/'],
    ['//v1//models', '//v1//models'],
    ['?a', '/'],
    ['*', '*'],
  ])('%s is %s', (url, path) => {
    expect(pathOf({ url } as IncomingMessage)).toBe(path);
    expect(pathOf({ url: '/mounted', originalUrl: url } as unknown as IncomingMessage)).toBe(path);
  });
});
