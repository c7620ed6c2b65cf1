import { describe, expect, it } from '@jest/globals';
import { InvalidRequestError } from '../../core/errors/app-error.js';
import type { JsonValue } from '../../core/json.js';
import { parseMessages } from './parse-messages.js';

const USER = { role: 'user', content: 'Hi' };
const CALL = { id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
const ASKED = { role: 'assistant', content: null, tool_calls: [CALL] };
const RESULT = { role: 'tool', tool_call_id: 'call_1', content: 'seen' };

function refusalOf(messages: unknown): { code: string; param: string | null } {
  try {
    parseMessages(messages as JsonValue, 'messages');
  } catch (error) {
    if (error instanceof InvalidRequestError) return { code: error.code, param: error.param };
    throw error;
  }
  return { code: 'accepted', param: null };
}

function image(url: string): unknown {
  return { role: 'user', content: [{ type: 'image_url', image_url: { url } }] };
}

describe('parseMessages refuses', () => {
  it.each<[string, { messages: unknown }, string, string]>([
    ['no messages', { messages: undefined }, 'missing_required_parameter', 'messages'],
    ['empty messages', { messages: [] }, 'invalid_value', 'messages'],
    ['messages as an object', { messages: {} }, 'invalid_type', 'messages'],
    ['messages as a text', { messages: 'x' }, 'invalid_type', 'messages'],
    ['a null message', { messages: [null] }, 'invalid_type', 'messages[0]'],
    ['a list as a message', { messages: [[]] }, 'invalid_type', 'messages[0]'],
    ['10,001 messages', { messages: Array(10_001).fill(USER) }, 'array_too_long', 'messages'],
    ['no role', { messages: [{ content: 'x' }] }, 'missing_required_parameter', 'messages[0].role'],
    ['an unknown role', { messages: [{ role: 'robot', content: 'x' }] }, 'invalid_value', 'messages[0].role'],
    [
      'a role from the prototype',
      { messages: [{ role: '__proto__', content: 'x' }] },
      'invalid_value',
      'messages[0].role',
    ],
    ['a role of an object', { messages: [{ role: 'toString', content: 'x' }] }, 'invalid_value', 'messages[0].role'],
    ['no content', { messages: [{ role: 'user' }] }, 'missing_required_parameter', 'messages[0].content'],
    ['null content', { messages: [{ role: 'user', content: null }] }, 'invalid_type', 'messages[0].content'],
    ['a number as content', { messages: [USER, { role: 'user', content: 5 }] }, 'invalid_type', 'messages[1].content'],
    [
      'nested lists as content',
      { messages: [{ role: 'user', content: [[]] }] },
      'invalid_type',
      'messages[0].content[0]',
    ],
    ['no parts', { messages: [{ role: 'user', content: [] }] }, 'invalid_value', 'messages[0].content'],
    [
      'an unknown part',
      { messages: [{ role: 'user', content: [{ type: 'video' }] }] },
      'invalid_value',
      'messages[0].content[0].type',
    ],
    [
      'an image from the system',
      { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a.b/c' } }] }] },
      'invalid_value',
      'messages[0].content[0].type',
    ],
    ['501 images', { messages: Array(501).fill(image('https://example.com/a.png')) }, 'array_too_long', 'messages'],
    [
      'a file URL',
      { messages: [image('file:///etc/passwd')] },
      'url_scheme_not_allowed',
      'messages[0].content[0].image_url.url',
    ],
    [
      'a bad data URL',
      { messages: [image('data:image/png,AAAA')] },
      'invalid_data_url',
      'messages[0].content[0].image_url.url',
    ],
    [
      'bad base64',
      { messages: [image('data:image/png;base64,A*A=')] },
      'invalid_data_url',
      'messages[0].content[0].image_url.url',
    ],
    [
      'a page as an image',
      { messages: [image('data:text/html;base64,AAAA')] },
      'invalid_data_url',
      'messages[0].content[0].image_url.url',
    ],
    ['a result without a call', { messages: [USER, RESULT] }, 'invalid_tool_sequence', 'messages[1].tool_call_id'],
    [
      'a result of another call',
      { messages: [USER, ASKED, { ...RESULT, tool_call_id: 'b' }] },
      'invalid_tool_sequence',
      'messages[2].tool_call_id',
    ],
    [
      'two results of a call',
      { messages: [USER, ASKED, RESULT, RESULT] },
      'invalid_tool_sequence',
      'messages[3].tool_call_id',
    ],
    ['a call without a result', { messages: [USER, ASKED, USER] }, 'invalid_tool_sequence', 'messages[2]'],
  ])('%s', (_name, { messages }, code, param) => {
    expect(refusalOf(messages)).toEqual({ code, param });
  });
});
