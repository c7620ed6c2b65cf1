import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../../core/chat/chat-request.js';
import { refusalOf } from './refusal-of.js';

const base: ChatRequest = { model: 'm', messages: [], stream: false };

describe(refusalOf.name, () => {
  it.each<[string, Partial<ChatRequest>, string | null]>([
    ['an ordinary request', {}, null],
    ['one choice', { choices: 1 }, null],
    ['several choices', { choices: 2 }, 'n'],
    ['a tool that is there', { tools: [{ name: 'f' }], toolChoice: { type: 'tool', name: 'f' } }, null],
    ['a custom tool by name', { tools: [{ name: 'f' }], toolChoice: { type: 'tool', name: 'g' } }, 'tool_choice'],
    ['any tool where all are custom', { tools: [], toolChoice: { type: 'required' } }, 'tool_choice'],
    ['no tool where there is none', { toolChoice: { type: 'none' } }, null],
    [
      'what is in its own words already',
      { toolChoice: { type: 'tool', name: 'g' }, source: { dialect: 'anthropic-messages', body: {} } },
      null,
    ],
  ])('%s', (_what, request, param) => {
    expect(refusalOf({ ...base, ...request })?.param ?? null).toBe(param);
  });
});
