import { describe, expect, it } from '@jest/globals';
import { ExactNumber } from '../../core/exact-number.js';
import type { JsonObject } from '../../core/json.js';
import { isPlainBody } from './plain-body.js';

const MESSAGES = [{ role: 'user', content: 'Hi' }];

describe('isPlainBody', () => {
  it.each<[string, JsonObject]>([
    ['the least', {}],
    [
      'every parameter of ours',
      { temperature: 1, max_tokens: 5, n: 2, stop: ['a'], seed: 1, user: 'u', logit_bias: {} },
    ],
    ['the mode', { stream: true, stream_options: { include_usage: true } }],
    [
      'parts and calls',
      {
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'a' }] },
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://a', detail: 'low' } }] },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: '1', content: 'b' },
        ],
      },
    ],
    [
      'tools',
      {
        tools: [{ type: 'function', function: { name: 'f', parameters: { any: 1 }, strict: true } }],
        tool_choice: 'auto',
      },
    ],
    ['a format', { response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {} } } }],
  ])('is carried whole: %s', (_name, rest) => {
    expect(isPlainBody({ model: 'm', messages: MESSAGES, ...rest })).toBe(true);
  });

  it.each<[string, JsonObject]>([
    ['a parameter', { metadata: { a: 'b' } }],
    ['a number beyond a double', { seed: new ExactNumber('9007199254740993') }],
    ['a parameter that is false', { store: false }],
    ['two limits', { max_tokens: 5, max_completion_tokens: 6 }],
    ['a role of its own', { messages: [{ role: 'developer', content: 'a' }] }],
    ['a member of a message', { messages: [{ role: 'user', content: 'a', cache_control: {} }] }],
    ['a member of a part', { messages: [{ role: 'user', content: [{ type: 'text', text: 'a', cache_control: {} }] }] }],
    ['sound', { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: {} }] }] }],
    ['a tool of its own', { tools: [{ type: 'custom', custom: { name: 'f' } }] }],
    ['a choice of tools', { tool_choice: { type: 'allowed_tools', allowed_tools: {} } }],
    ['the older functions', { functions: [] }],
    ['a member named like one of every object', { messages: [{ role: 'user', content: 'a', constructor: 1 }] }],
  ])('is a vendor\u2019s own: %s', (_name, rest) => {
    expect(isPlainBody({ model: 'm', messages: MESSAGES, ...rest })).toBe(false);
  });
});
