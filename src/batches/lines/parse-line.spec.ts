import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '../../core/json.js';
import { parseLine } from './parse-line.js';

const LINE = { custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body: { model: 'm' } };

describe('parseLine', () => {
  it('takes a request as OpenAI has it, and one without its method', () => {
    const expected = { customId: 'a', url: '/v1/chat/completions', body: '{"model":"m"}' };
    expect(parseLine(LINE, null)).toEqual(expected);
    expect(parseLine({ ...LINE, method: undefined }, '/v1/chat/completions')).toEqual(expected);
  });

  it('takes names of objects’ own members for what they are', () => {
    const line = JSON.parse('{"custom_id":"__proto__","url":"/v1/messages","body":{"__proto__":1}}') as JsonValue;
    expect(parseLine(line, null)).toMatchObject({ customId: '__proto__', body: '{"__proto__":1}' });
  });

  it.each<[string, JsonValue, string, string | null]>([
    ['a list', [], 'invalid_batch_line', null],
    ['a text', 'POST', 'invalid_batch_line', null],
    ['nothing', null, 'invalid_batch_line', null],
    ['B02 no custom_id', { ...LINE, custom_id: undefined }, 'missing_required_parameter', 'custom_id'],
    ['B02 an empty custom_id', { ...LINE, custom_id: '' }, 'invalid_batch_line', 'custom_id'],
    ['B02 a number for it', { ...LINE, custom_id: 7 }, 'invalid_batch_line', 'custom_id'],
    ['B02 10 KB of it', { ...LINE, custom_id: 'x'.repeat(10_240) }, 'invalid_batch_line', 'custom_id'],
    ['B03 GET', { ...LINE, method: 'GET' }, 'invalid_batch_line', 'method'],
    ['B03 a batch in a batch', { ...LINE, url: '/v1/batches' }, 'invalid_url', 'url'],
    ['B03 no route', { ...LINE, url: '/v1/nothing' }, 'invalid_url', 'url'],
    ['B03 a member of objects', { ...LINE, url: 'toString' }, 'invalid_url', 'url'],
    ['B03 a whole address', { ...LINE, url: 'http://127.0.0.1/v1/chat/completions' }, 'invalid_url', 'url'],
    ['B03 a way round', { ...LINE, url: '/v1/chat/../chat/completions' }, 'invalid_url', 'url'],
    ['another endpoint', { ...LINE, url: '/v1/embeddings' }, 'invalid_url', 'url'],
    ['no body', { ...LINE, body: undefined }, 'invalid_batch_line', 'body'],
    ['a text for a body', { ...LINE, body: '{}' }, 'invalid_batch_line', 'body'],
    ['something else', { ...LINE, priority: 1 }, 'invalid_batch_line', 'priority'],
  ])('refuses %s', (_name, value, code, param) => {
    expect(() => parseLine(value, '/v1/chat/completions')).toThrow(expect.objectContaining({ code, param }));
  });
});
