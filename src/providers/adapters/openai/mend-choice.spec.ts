import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../core/json.js';
import { mendChoice } from './mend-choice.js';

describe(mendChoice.name, () => {
  it.each<[string, JsonObject, boolean]>([
    ['a first delta with the role', { delta: { role: 'assistant' }, finish_reason: null }, true],
    ['a later delta without it', { delta: { content: 'a' }, finish_reason: null }, false],
    ['a finish', { delta: {}, finish_reason: 'tool_calls' }, false],
    ['log probabilities', { delta: {}, logprobs: { content: [], refusal: null } }, false],
    ['a note without a delta', { index: 0, content_filter_results: {} }, true],
  ])('leaves %s as it is', (_what, choice, isFirst) => {
    expect(mendChoice(choice, isFirst)).toBe(choice);
  });

  it.each<[string, JsonObject, boolean, JsonObject]>([
    ['a first delta without a role', { delta: { a: 1 } }, true, { delta: { a: 1, role: 'assistant' } }],
    ['an empty role', { delta: { role: '' } }, false, { delta: { role: 'assistant' } }],
    ['the role of a message', { message: { role: null } }, true, { message: { role: 'assistant' } }],
    ['an empty reason', { finish_reason: '' }, false, { finish_reason: null }],
    ['the reason of TGI', { finish_reason: 'eos_token' }, false, { finish_reason: 'stop' }],
    ['the reason of Anthropic', { finish_reason: 'max_tokens' }, false, { finish_reason: 'length' }],
    ['a reason of nobody we know', { finish_reason: 'gremlins' }, false, { finish_reason: 'stop' }],
    ['a generation that was broken off', { finish_reason: 'abort' }, false, { finish_reason: 'length' }],
    ['calls that are null', { delta: { a: 1, tool_calls: null } }, false, { delta: { a: 1 } }],
    [
      'notes that are null',
      { message: { role: 'assistant', annotations: null } },
      true,
      { message: { role: 'assistant' } },
    ],
    ['log probabilities in part', { logprobs: { x: 1 } }, false, { logprobs: { content: null, refusal: null, x: 1 } }],
    ['the reason of Google', { finish_reason: 'STOP' }, false, { finish_reason: 'stop' }],
  ])('mends %s in a copy', (_what, choice, isFirst, mended) => {
    const before = structuredClone(choice);
    expect(mendChoice(choice, isFirst)).toEqual(mended);
    expect(choice).toEqual(before);
  });
});
