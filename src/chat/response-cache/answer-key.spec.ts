import { describe, expect, it } from '@jest/globals';
import type { ChatRequest } from '../../core/chat/chat-request.js';
import { parseNativeChat } from '../../dialects/native-chat/parse-native-chat.js';
import { parseChatRequest } from '../../dialects/openai-chat/parse-chat-request.js';
import { answerKeyOf } from './answer-key.js';

const BODY = {
  model: 'm',
  messages: [{ role: 'user', content: 'Hi' }],
  tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { a: {}, b: {} } } } }],
  temperature: 0.5,
  max_tokens: 7,
};

const nameOf = (request: ChatRequest, project = 'p', targets = 't'): string =>
  answerKeyOf(project, targets, request).name;

describe('answerKeyOf', () => {
  it('is one for the same request by any surface, name and mode', () => {
    const name = nameOf(parseChatRequest(BODY));
    expect(nameOf(parseChatRequest({ ...BODY, model: 'alias' }))).toBe(name);
    expect(nameOf(parseChatRequest({ ...BODY, stream: true, stream_options: { include_usage: true } }))).toBe(name);
    expect(nameOf(parseNativeChat({ ...BODY, cache: { exact: true } }, true).chat)).toBe(name);
    expect(nameOf({ ...parseChatRequest(BODY), seed: undefined })).toBe(name);
  });

  it.each<[string, object]>([
    ['a parameter', { temperature: 0.6 }],
    ['a message', { messages: [{ role: 'user', content: 'Hi ' }] }],
    ['one message more', { messages: [...BODY.messages, ...BODY.messages] }],
    ['a role', { messages: [{ role: 'system', content: 'Hi' }] }],
    ['an unknown parameter', { metadata: { a: 'b' } }],
    ['an unknown member', { messages: [{ role: 'user', content: 'Hi', cache_control: {} }] }],
    // Models write arguments in the order of the schema.
    [
      'the order of a tool\u2019s parameters',
      {
        tools: [
          { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { b: {}, a: {} } } } },
        ],
      },
    ],
  ])('is another one for %s', (_name, rest) => {
    expect(nameOf(parseChatRequest({ ...BODY, ...rest }))).not.toBe(nameOf(parseChatRequest(BODY)));
  });

  it('is another one for another project or other targets, and its secret with it', () => {
    const request = parseChatRequest(BODY);
    const keys = [answerKeyOf('p', 't', request), answerKeyOf('q', 't', request), answerKeyOf('p', 'u', request)];
    expect(new Set(keys.map(({ name }) => name)).size).toBe(3);
    expect(new Set(keys.map(({ secret }) => secret.toString('hex'))).size).toBe(3);
    expect(keys.every(({ name, secret }) => secret.length === 32 && secret.toString('base64url') !== name)).toBe(true);
  });
});
