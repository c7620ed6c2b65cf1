import { describe, expect, it } from '@jest/globals';
import { readSocketMessage } from './read-socket-message.js';

const read = (text: string): ReturnType<typeof readSocketMessage> => readSocketMessage(Buffer.from(text));

describe('readSocketMessage', () => {
  it('reads what to answer, and what not to answer any more', () => {
    expect(read('{"message":"Hi","id":"a","type":"message"}')).toEqual({
      type: 'message',
      id: 'a',
      body: { message: 'Hi' },
    });
    expect(read('{"type":"cancel","id":"a"}')).toEqual({ type: 'cancel', id: 'a' });
  });

  it.each<[string, string | object, string, string | null]>([
    ['no JSON', '{"type":', 'invalid_json', null],
    ['nothing', '', 'invalid_json', null],
    ['no object', [1], 'invalid_request_body', null],
    ['no id', { type: 'message', message: 'Hi' }, 'missing_required_parameter', null],
    ['null for an id', { type: 'message', id: null }, 'missing_required_parameter', null],
    ['a number for an id', { type: 'message', id: 1 }, 'invalid_type', null],
    ['an empty id', { type: 'message', id: '' }, 'invalid_value', null],
    ['an endless id', { type: 'message', id: 'x'.repeat(129) }, 'invalid_value', null],
    ['no type', { id: 'a', message: 'Hi' }, 'missing_required_parameter', 'a'],
    ['another type', { type: 'ping', id: 'a' }, 'invalid_value', 'a'],
    ['a cancel with more', { type: 'cancel', id: 'a', message: 'Hi' }, 'unknown_parameter', 'a'],
    ['too deep JSON', `{"type":"message","id":"a","x":${'['.repeat(70)}${']'.repeat(70)}}`, 'nesting_too_deep', null],
    ['NUL', String.raw`{"type":"message","id":"a","message":"\u0000"}`, 'invalid_character', null],
    ['half a character', String.raw`{"type":"message","id":"\ud800"}`, 'invalid_unicode', null],
  ])('says what is wrong with %s', (_name, message, code, id) => {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    expect(read(text)).toMatchObject({ type: 'broken', id, error: { code } });
  });

  it('leaves names that objects inherit in the body, for who reads that', () => {
    const message = read('{"type":"message","id":"a","__proto__":{"x":1}}');
    expect(message.type === 'message' && Object.keys(message.body)).toEqual(['__proto__']);
  });
});
