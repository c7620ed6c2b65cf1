import { describe, expect, it } from '@jest/globals';
import type { ChatMessage, ChatRequest } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import { questionOf, withoutQuestion } from './question-of.js';

const text = (words: string): { type: 'text'; text: string } => ({ type: 'text', text: words });
const user = (...words: string[]): ChatMessage => ({ role: 'user', content: words.map(text) });

function request(overrides: Partial<ChatRequest> = {}): ChatRequest {
  return { model: 'm', stream: false, messages: [user('Why?')], ...overrides };
}

describe('questionOf', () => {
  it.each<[string, Partial<ChatRequest>, string | null]>([
    ['one text', {}, 'Why?'],
    ['several texts', { messages: [user(' Why', 'not? ')] }, 'Why\nnot?'],
    [
      'the last message',
      { messages: [user('Hi'), { role: 'assistant', content: [text('Yes?')] }, user('Why?')] },
      'Why?',
    ],
    ['no text', { messages: [user('  ')] }, null],
    ['a long text', { messages: [user('x'.repeat(2_001))] }, null],
    ['signs that stand for a long text', { messages: [user('\ufdfa'.repeat(200))] }, null],
    ['an answer at the end', { messages: [user('Hi'), { role: 'assistant', content: [text('I')] }] }, null],
    [
      'a picture',
      { messages: [{ role: 'user', content: [{ type: 'image', source: { kind: 'url', url: 'https://x.y/z' } }] }] },
      null,
    ],
    ['a tool result', { messages: [{ role: 'tool', toolCallId: 'c', content: [text('1')] }, user('Why?')] }, null],
    [
      'a tool call',
      {
        messages: [
          { role: 'assistant', content: [{ type: 'tool-call', id: 'c', name: 'f', arguments: '{}' }] },
          user('Why?'),
        ],
      },
      null,
    ],
    ['two answers', { choices: 2 }, null],
    ['log probabilities', { logprobs: true }, null],
    ['sources', { documents: [] }, null],
    ['half a character', { messages: [user('\ud83d')] }, null],
  ])('%s', (_name, overrides, expected) => {
    expect(questionOf(request(overrides))).toBe(expected);
  });
});

describe('withoutQuestion', () => {
  it('leaves everything but the texts of the last message, in the body too', () => {
    const last = {
      role: 'user',
      name: 'ann',
      content: [{ type: 'text', text: 'Why?', cache_control: { type: 'ephemeral' } }],
    };
    const source = {
      dialect: 'anthropic-messages' as const,
      body: { system: 'Be.', messages: [{ role: 'user', content: 'Hi' }, last] },
    };
    const bare = withoutQuestion(request({ messages: [user('Hi'), user('Why?')], source, temperature: 1 }));
    expect(bare).toMatchObject({ temperature: 1, messages: [user('Hi'), user('')] });
    expect(bare.source?.body).toEqual({
      system: 'Be.',
      messages: [
        { role: 'user', content: 'Hi' },
        { ...last, content: [{ ...last.content[0], text: '' }] },
      ],
    });
    expect(JSON.stringify(bare)).not.toContain('Why?');
  });

  it.each<[string, JsonObject, 'openai-responses' | 'openai-completions', JsonObject]>([
    ['a text', { input: 'Why?', x: 1 }, 'openai-responses', { input: '', x: 1 }],
    [
      'items',
      { input: [{ role: 'user', content: [{ type: 'input_text', text: 'Why?' }] }] },
      'openai-responses',
      { input: [{ role: 'user', content: [{ type: 'input_text', text: '' }] }] },
    ],
    [
      'what only the provider understands',
      {
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: 'Why?' },
              { type: 'x', text: 'y' },
            ],
          },
        ],
      },
      'openai-responses',
      {
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: '' },
              { type: 'x', text: 'y' },
            ],
          },
        ],
      },
    ],
    [
      'an item of an unknown type at the end',
      { input: [{ type: 'x', role: 'user', content: 'y' }] },
      'openai-responses',
      { input: [{ type: 'x', role: 'user', content: 'y' }] },
    ],
    [
      'items that end with no question',
      { input: [{ type: 'function_call_output', output: 'x' }] },
      'openai-responses',
      { input: [{ type: 'function_call_output', output: 'x' }] },
    ],
    ['a prompt', { prompt: 'Why?' }, 'openai-completions', { prompt: '' }],
    ['a prompt of tokens', { prompt: [1, 2] }, 'openai-completions', { prompt: [1, 2] }],
  ])('knows %s as well', (_name, body, dialect, expected) => {
    const bare = withoutQuestion(request({ messages: [user('Why?')], source: { dialect, body } }));
    expect(bare.source?.body).toEqual(expected);
  });
});
