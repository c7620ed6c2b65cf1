import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import type { JsonObject } from '../../core/json.js';
import { addedTokens, continueRequest } from './continue-request.js';

const BEGINNING = { text: 'Once upon', instruction: 'Go on.' };
const REQUEST: ChatRequest = {
  model: 'm',
  stream: true,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Tell.' }] }],
  maxOutputTokens: 10,
  source: {
    dialect: 'openai-chat',
    body: { model: 'm', messages: [{ role: 'user', content: 'Tell.' }], max_tokens: 10, top_k: 3 },
  },
};

describe('the request for the rest of an answer', () => {
  it('is the same one for an answer that begins anew', () => {
    expect(continueRequest(REQUEST, 'restart', BEGINNING)).toBe(REQUEST);
  });

  it('ends with the beginning, in our words and in the client’s own body', () => {
    const { messages, maxOutputTokens, source } = continueRequest(REQUEST, 'prefill', BEGINNING);
    expect(messages.at(-1)).toEqual({ role: 'assistant', content: [{ type: 'text', text: 'Once upon' }] });
    expect(maxOutputTokens).toBe(8);
    expect(source?.body).toEqual({
      model: 'm',
      messages: [
        { role: 'user', content: 'Tell.' },
        { role: 'assistant', content: 'Once upon' },
      ],
      max_tokens: 8,
      top_k: 3,
    });
    expect(REQUEST.messages).toHaveLength(1);
  });

  it('ends with the instruction where the model has to be told', () => {
    const { messages, source } = continueRequest(REQUEST, 'instruction', BEGINNING);
    expect(messages.slice(1).map(({ role }) => role)).toEqual(['assistant', 'user']);
    expect(source?.body.messages).toEqual([
      { role: 'user', content: 'Tell.' },
      { role: 'assistant', content: 'Once upon' },
      { role: 'user', content: 'Go on.' },
    ]);
  });

  it('ends with the beginning in the items of responses, and in the prompt of a completion', () => {
    const bodyOf = (dialect: 'openai-responses' | 'openai-completions', body: JsonObject): unknown =>
      continueRequest({ ...REQUEST, source: { dialect, body } }, 'instruction', BEGINNING).source?.body;
    const added = [
      { role: 'assistant', content: 'Once upon' },
      { role: 'user', content: 'Go on.' },
    ];
    const tell = { role: 'user', content: 'Tell.' };
    expect(bodyOf('openai-responses', { input: 'Tell.', max_output_tokens: 10 })).toEqual({
      input: [tell, ...added],
      max_output_tokens: 8,
    });
    expect(bodyOf('openai-responses', { input: [tell], x: 1 })).toEqual({ input: [tell, ...added], x: 1 });
    expect(bodyOf('openai-completions', { prompt: ['Tell. '], max_tokens: 10, echo: true })).toEqual({
      prompt: 'Tell. Once upon',
      max_tokens: 8,
      echo: false,
    });
  });

  it('is as much longer as what was added', () => {
    const added = (['restart', 'prefill', 'instruction'] as const).map((way) => addedTokens(way, BEGINNING));
    expect(added).toEqual([0, 2, 5]);
  });

  it('asks for one token at least, and for no limit where there was none', () => {
    expect(continueRequest({ ...REQUEST, maxOutputTokens: 1 }, 'prefill', BEGINNING).maxOutputTokens).toBe(1);
    const { source, ...plain } = REQUEST;
    const free = continueRequest({ ...plain, maxOutputTokens: undefined }, 'prefill', BEGINNING);
    expect([free.maxOutputTokens, free.source, source?.dialect]).toEqual([undefined, undefined, 'openai-chat']);
  });
});
