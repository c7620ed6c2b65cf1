import { describe, expect, it } from '@jest/globals';
import type { Attempt } from '../../core/attempt.js';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { ChatChoice, ChatResult } from '../../core/chat/chat-result.js';
import { isOfOnePiece, isStorable } from './is-storable.js';

const TOOLS = { tools: [{ name: 'f' }] };

function resultOf(...choices: Partial<ChatChoice>[]): ChatResult {
  return {
    id: '1',
    model: 'm',
    usage: null,
    warnings: [],
    choices: choices.map((choice, index) => ({
      index,
      text: 'Hi',
      reasoning: [],
      toolCalls: [],
      finishReason: 'stop',
      ...choice,
    })),
  };
}

const requestOf = (rest: Partial<ChatRequest>): ChatRequest => ({ model: 'm', messages: [], stream: true, ...rest });
const call = { id: 'c', name: 'f', arguments: '{}' };

describe('isStorable', () => {
  it.each<[string, Partial<ChatChoice>[], Partial<ChatRequest>, boolean]>([
    ['a text', [{}], {}, true],
    ['both choices', [{}, {}], { choices: 2 }, true],
    ['one choice of two', [{}], { choices: 2 }, false],
    ['a choice too many', [{}, {}], {}, false],
    ['one choice that is not whole', [{}, { finishReason: 'length' }], { choices: 2 }, false],
    ['nothing', [{ text: '' }], {}, false],
    ['no end', [{ finishReason: null }], {}, false],
    ['a limit', [{ finishReason: 'length' }], {}, false],
    ['a filter', [{ finishReason: 'content-filter' }], {}, false],
    ['another end', [{ finishReason: 'other' }], {}, false],
    ['a refusal', [{ refusal: 'No' }], {}, false],
    ['a call', [{ text: '', toolCalls: [call], finishReason: 'tool-calls' }], TOOLS, true],
    ['a call of nothing that was offered', [{ toolCalls: [{ ...call, name: 'g' }] }], TOOLS, false],
    ['F37: a call without an id', [{ toolCalls: [{ ...call, id: '' }] }], TOOLS, false],
    ['F37: arguments that break off', [{ toolCalls: [call, { ...call, arguments: '{"a":' }] }], TOOLS, false],
    ['F37: arguments that are no object', [{ toolCalls: [{ ...call, arguments: '[]' }] }], TOOLS, false],
    ['JSON', [{ text: '[1]' }], { responseFormat: { type: 'json-object' } }, true],
    ['no JSON', [{ text: '[1' }], { responseFormat: { type: 'json-object' } }, false],
    ['prose where it may be', [{ text: '[1' }], { responseFormat: { type: 'text' } }, true],
  ])('%s', (_name, choices, request, expected) => {
    expect(isStorable(resultOf(...choices), requestOf(request))).toBe(expected);
  });
});

describe('isOfOnePiece', () => {
  const attempt = (rest: Partial<Attempt>): Attempt =>
    ({ outcome: 'succeeded', firstContentMs: 5, ...rest }) as Attempt;

  it.each<[string, Partial<Attempt>[], boolean]>([
    ['one attempt', [{}], true],
    ['after one that failed', [{ outcome: 'failed', firstContentMs: null }, {}], true],
    ['that won a race', [{ outcome: 'aborted', firstContentMs: null }, {}], true],
    ['F28: with a gap', [{ hasGaps: true }], false],
    ['the rest of another', [{ outcome: 'failed' }, {}], false],
    ['of nobody', [], false],
  ])('%s', (_name, attempts, expected) => {
    expect(isOfOnePiece(attempts.map(attempt))).toBe(expected);
  });
});
