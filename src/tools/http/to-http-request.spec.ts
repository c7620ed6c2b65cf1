import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../core/json.js';
import { ToolFailure } from '../server-tool.js';
import { toHttpRequest } from './to-http-request.js';

const TOOL = { url: 'https://x.example/a/{id}?v=1', method: 'GET', headers: {}, argumentsIn: 'query' } as const;

describe('toHttpRequest', () => {
  it.each<[string, JsonObject, string]>([
    ['a plain value', { id: 'b' }, 'https://x.example/a/b?v=1'],
    ['what means something in URLs', { id: '/?#&%2e' }, 'https://x.example/a/%2F%3F%23%26%252e?v=1'],
    ['numbers and truth values', { id: 1, b: true }, 'https://x.example/a/1?v=1&b=true'],
    [
      'lists and objects',
      { id: 'b', c: ['x', 2], d: { e: 1 } },
      'https://x.example/a/b?v=1&c=x&c=2&d=%7B%22e%22%3A1%7D',
    ],
    ['nothing', { id: 'b', c: null }, 'https://x.example/a/b?v=1'],
    ['half a character', { id: '\ud800' }, 'https://x.example/a/%EF%BF%BD?v=1'],
  ])('puts %s into the URL', (_name, input, url) => {
    expect(toHttpRequest(TOOL, input)).toEqual({ url, method: 'GET', headers: {} });
  });

  it.each(['.', '..'])('refuses %j as a piece of the path', (id) => {
    expect(() => toHttpRequest(TOOL, { id })).toThrow(ToolFailure);
    const pieces = { ...TOOL, url: 'https://x.example/{id}{rest}/b' };
    expect(() => toHttpRequest(pieces, { id: '.', rest: '.' })).toThrow(ToolFailure);
    expect(toHttpRequest({ ...TOOL, url: 'https://x.example/?q={id}' }, { id }).url).toBe(`https://x.example/?q=${id}`);
  });

  it('sends the rest as JSON where that is meant, under the type that the tool names', () => {
    const post = { ...TOOL, method: 'POST', argumentsIn: 'body' } as const;
    const body = '{"b":[1]}';
    expect(toHttpRequest(post, { id: 'x', b: [1] })).toEqual({
      url: 'https://x.example/a/x?v=1',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const headers = { 'Content-Type': 'application/vnd.x+json' };
    expect(toHttpRequest({ ...post, headers }, { id: 'x', b: [1] })).toMatchObject({ headers, body });
  });
});
