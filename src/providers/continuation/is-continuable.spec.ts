import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import { isContinuable } from './is-continuable.js';

function completion(body: JsonObject): ChatRequest {
  return { model: 'm', stream: true, messages: [], source: { dialect: 'openai-completions', body } };
}

describe(isContinuable, () => {
  it.each<[string, JsonObject, boolean]>([
    ['a text', { prompt: 'a', best_of: 1, suffix: null }, true],
    ['a list of one', { prompt: ['a'] }, true],
    ['tokens', { prompt: [1, 2] }, false],
    ['a text with another behind it', { prompt: 'a', suffix: 'b' }, false],
    ['the best of several', { prompt: 'a', best_of: 2 }, false],
  ])('a completion of %s: %j', (_name, body, expected) => {
    expect(isContinuable(completion(body))).toBe(expected);
  });
});
